// The folder that holds all that one broker keeps.
#ifndef ENTENTE_BROKER_STORE_DATA_FOLDER_H_
#define ENTENTE_BROKER_STORE_DATA_FOLDER_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace entente::broker {

// The names of its files.
class DataFolderFiles {
 public:
  explicit DataFolderFiles(std::string path) : path_(std::move(path)) {}

  std::string database() const { return path_ + "/entente.db"; }
  std::string anchors() const { return path_ + "/anchors"; }
  // What was signed when a backup was made. No broker starts from it alone.
  std::string anchors_at_backup() const { return path_ + "/anchors-at-backup"; }
  std::string key_file() const { return path_ + "/key"; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A folder locked for this process until destruction. Move-only.
class DataFolder : public DataFolderFiles {
 public:
  // Makes the folder (0700) if it is missing, and locks it. FailedPrecondition
  // if another broker has it, or if others than the owner may enter it;
  // otherwise what errno told. Messages name the way out.
  static absl::StatusOr<DataFolder> Open(const std::string& path);
  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();

 private:
  DataFolder(const std::string& path, int lock)
      : DataFolderFiles(path), lock_(lock) {}

  int lock_;  // -1 once moved from
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_DATA_FOLDER_H_
