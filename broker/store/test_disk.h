// What a disk has of a store's files if the power goes.
#ifndef ENTENTE_BROKER_STORE_TEST_DISK_H_
#define ENTENTE_BROKER_STORE_TEST_DISK_H_

#include <cstddef>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "broker/store/test_vfs.h"

namespace entente::broker {

// File name, without its folder, to content.
using DiskImage = std::map<std::string, std::string>;

// What was done to files, in order. Small files that the broker writes beside
// SQLite, each synced before it goes on, are read before every action.
class DiskRecord {
 public:
  // A failed sync is one after which Linux forgets what was not written.
  struct Step {
    FileAction action;
    bool is_failed_sync = false;
  };

  explicit DiskRecord(std::vector<std::string> small_files)
      : small_files_(std::move(small_files)) {}

  // To be called from TestVfs::before with what it will return.
  void Note(const FileAction& action, int result = SQLITE_OK);

  // Reads the small files and returns the number of steps so far: whatever was
  // answered until now is in them.
  size_t Mark();

  std::vector<Step> Steps() const;

 private:
  void ReadSmallFiles();

  const std::vector<std::string> small_files_;
  mutable std::mutex mu_;
  std::string folder_;
  DiskImage small_;
  std::vector<Step> steps_;
};

// Follows a record.
class Disk {
 public:
  void Do(const DiskRecord::Step& step);

  // What was synced, and nothing else.
  DiskImage Synced() const;

  // The same with any part of what was written since: whole writes, sectors of
  // 512 bytes of them, or nothing.
  DiskImage Torn(std::mt19937* random) const;

 private:
  // SQLite syncs the folder with the first sync of a file that it made, and
  // deletions become durable with that.
  void SyncFolder();

  DiskImage synced_;
  std::map<std::string, std::vector<FileAction>> pending_;
};

// Makes `folder` hold `image` and nothing else.
void WriteDisk(const DiskImage& image, const std::string& folder);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_TEST_DISK_H_
