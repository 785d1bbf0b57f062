// The folder that holds all that one broker keeps.
#ifndef ENTENTE_BROKER_STORE_DATA_FOLDER_H_
#define ENTENTE_BROKER_STORE_DATA_FOLDER_H_

#include <string>

#include "absl/status/statusor.h"

namespace entente::broker {

// A folder locked for this process until destruction. Move-only.
class DataFolder {
 public:
  // Makes the folder (0700) if it is missing, and locks it. FailedPrecondition
  // if another broker has it, or if others than the owner may enter it;
  // otherwise what errno told. Messages name the way out.
  static absl::StatusOr<DataFolder> Open(const std::string& path);
  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();

  std::string database() const { return path_ + "/entente.db"; }
  std::string anchors() const { return path_ + "/anchors"; }
  std::string key_file() const { return path_ + "/key"; }
  const std::string& path() const { return path_; }

 private:
  DataFolder(std::string path, int lock)
      : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;  // -1 once moved from
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_DATA_FOLDER_H_
