// SQLite's files as a test watches them, or makes them fail.
#ifndef ENTENTE_BROKER_STORE_TEST_VFS_H_
#define ENTENTE_BROKER_STORE_TEST_VFS_H_

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace entente::broker {

// What is about to be done to a file; by SQLite, but for kReplace: a new file
// takes the place of the old one.
struct FileAction {
  enum class Kind { kOpen, kWrite, kTruncate, kSync, kDelete, kReplace };

  Kind kind = Kind::kOpen;
  std::string path;
  int64_t offset = 0;         // of a write; the new size of a truncation
  std::vector<uint8_t> data;  // of a write or the new file
};

// Passes everything on to the system's files, but for syncs, which cost time
// and change nothing that a test could see. While one exists, every
// connection opened in this process uses it, and `before` is told of each
// action in a folder whose path begins with `folder`, on the thread that does
// it. If `before` returns anything but SQLITE_OK, that is the action's result:
// nothing is done, but that a write leaves its first half, as a full disk does.
// `before` may be changed while nothing uses the files. Connections end before
// this does.
class TestVfs {
 public:
  using Before = std::function<int(const FileAction&)>;

  TestVfs(std::string folder, Before before);
  ~TestVfs();
  TestVfs(const TestVfs&) = delete;
  TestVfs& operator=(const TestVfs&) = delete;

  int Ask(const FileAction& action) const;
  sqlite3_vfs* system() const { return system_; }

  Before before;

 private:
  const std::string folder_;
  sqlite3_vfs* system_;
  sqlite3_vfs vfs_ = {};
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_TEST_VFS_H_
