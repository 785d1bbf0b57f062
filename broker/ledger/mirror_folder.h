// A ledger that a party mirrored, as files in the tlog-tiles layout.
#ifndef ENTENTE_BROKER_LEDGER_MIRROR_FOLDER_H_
#define ENTENTE_BROKER_LEDGER_MIRROR_FOLDER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/checkpoint.h"
#include "crypto/sha.h"

namespace entente::broker {

// Believes nothing and proves nothing: whoever uses the entries compares the
// root that they lead to.
class MirrorFolder {
 public:
  // Reads `checkpoint` in `path`. NotFound if there is none; InvalidArgument if
  // it is no checkpoint.
  static absl::StatusOr<MirrorFolder> Open(const std::string& path);

  const std::string& path() const { return path_; }
  // What the checkpoint says.
  const std::string& origin() const { return origin_; }
  uint64_t size() const { return size_; }
  const crypto::Hash& root() const { return root_; }
  // The signed note.
  const std::string& checkpoint() const { return checkpoint_; }

  // Entries from `begin` up to and without `end`. OutOfRange above size();
  // DataLoss, naming the file, if a bundle is missing or malformed.
  absl::StatusOr<std::vector<std::string>> Entries(uint64_t begin,
                                                   uint64_t end) const;

 private:
  MirrorFolder(std::string path, const crypto::Checkpoint& says,
               std::string checkpoint)
      : path_(std::move(path)),
        origin_(says.origin),
        size_(says.size),
        root_(says.root),
        checkpoint_(std::move(checkpoint)) {}

  std::string path_;
  std::string origin_;
  uint64_t size_;
  crypto::Hash root_;
  std::string checkpoint_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LEDGER_MIRROR_FOLDER_H_
