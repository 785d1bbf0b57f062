// Test folders in memory, where a sync costs nothing.
#ifndef ENTENTE_BROKER_TEST_MEMORY_FOLDER_H_
#define ENTENTE_BROKER_TEST_MEMORY_FOLDER_H_

#include <cstdlib>
#include <filesystem>
#include <string>

namespace entente::broker {

// While one exists, every TestFolder that is made is in memory; where there is
// no such place, where it always is.
class MemoryFolders {
 public:
  MemoryFolders() {
    if (const char* before = getenv("TMPDIR"); before != nullptr) {
      before_ = before;
    }
    if (std::filesystem::is_directory("/dev/shm")) {
      setenv("TMPDIR", "/dev/shm", 1);
    }
  }
  ~MemoryFolders() {
    if (before_.empty()) {
      unsetenv("TMPDIR");
    } else {
      setenv("TMPDIR", before_.c_str(), 1);
    }
  }
  MemoryFolders(const MemoryFolders&) = delete;
  MemoryFolders& operator=(const MemoryFolders&) = delete;

  // What the path of every TestFolder begins with now.
  std::string prefix() const {
    return (std::filesystem::temp_directory_path() / "entente-").string();
  }

 private:
  std::string before_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_MEMORY_FOLDER_H_
