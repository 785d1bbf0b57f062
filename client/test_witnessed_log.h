// For tests: a log that asks for cosignatures.
#ifndef ENTENTE_CLIENT_TEST_WITNESSED_LOG_H_
#define ENTENTE_CLIENT_TEST_WITNESSED_LOG_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/add_checkpoint.h"
#include "crypto/checkpoint.h"
#include "crypto/merkle_tree.h"
#include "crypto/note.h"
#include "crypto/signing.h"

namespace entente::client {

class WitnessedLog {
 public:
  explicit WitnessedLog(std::string origin)
      : WitnessedLog(std::move(origin), *crypto::SigningKey::Generate()) {}
  // Another history under the key of `same`.
  WitnessedLog(std::string origin, const WitnessedLog& same)
      : WitnessedLog(std::move(origin), KeyOf(same)) {}

  void Grow(uint64_t size, absl::string_view what = "entry") {
    while (tree_.size() < size) {
      tree_.Append(crypto::AsBytes(absl::StrCat(what, " ", tree_.size())));
    }
  }
  std::string Checkpoint(uint64_t size) const {
    return *crypto::SignCheckpoint({origin_, size, *tree_.RootAt(size)}, key_);
  }
  // A proof there is only for a log that grew; otherwise none goes with it.
  std::string Request(uint64_t old_size, uint64_t size) const {
    crypto::AddCheckpoint request;
    request.old_size = old_size;
    if (old_size <= size) {
      request.proof = *tree_.ProveConsistency(old_size, size);
    }
    request.checkpoint = Checkpoint(size);
    return crypto::FormatAddCheckpoint(request);
  }
  std::string vkey() const {
    return crypto::NoteKey::Create(origin_, crypto::NoteKeyType::kEd25519,
                                   key_.public_key())
        ->ToString();
  }
  const crypto::SigningKey& key() const { return key_; }

 private:
  WitnessedLog(std::string origin, crypto::SigningKey key)
      : origin_(std::move(origin)), key_(std::move(key)) {}

  static crypto::SigningKey KeyOf(const WitnessedLog& log) {
    const auto seed = log.key_.ExposeSeed();
    std::vector<uint8_t> copy(seed.begin(), seed.end());
    return *crypto::SigningKey::TakeSeed(absl::MakeSpan(copy));
  }

  const std::string origin_;
  const crypto::SigningKey key_;
  crypto::MerkleLog tree_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TEST_WITNESSED_LOG_H_
