// For tests: a ledger in memory, signed like a broker's.
#ifndef ENTENTE_CLIENT_FAKE_LEDGER_H_
#define ENTENTE_CLIENT_FAKE_LEDGER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/ledger_source.h"
#include "client/mirror_files.h"
#include "crypto/checkpoint.h"
#include "crypto/merkle_tree.h"
#include "crypto/tile.h"
#include "crypto/tlog_proof.h"
#include "policy/ledger_entry.h"

namespace entente::client {

class FakeLedger final : public LedgerSource {
 public:
  explicit FakeLedger(std::string origin)
      : FakeLedger(std::move(origin), std::make_shared<crypto::SigningKey>(
                                          *crypto::SigningKey::Generate())) {}
  // As one of several of a broker.
  FakeLedger(std::string origin, std::shared_ptr<const crypto::SigningKey> key)
      : origin_(std::move(origin)), key_(std::move(key)) {}

  crypto::NoteKey key() const {
    return *crypto::NoteKey::Create(origin_, crypto::NoteKeyType::kEd25519,
                                    key_->public_key());
  }
  std::shared_ptr<const crypto::SigningKey> signing_key() const { return key_; }
  const crypto::MerkleLog& tree() const { return tree_; }
  const std::string& entry(size_t index) const { return entries_[index]; }

  // An allowed batch about `subject`, `seconds` after the epoch.
  static std::string Line(int64_t seconds, const crypto::Hash& subject = {}) {
    policy::LedgerEntry entry;
    entry.time = absl::FromUnixSeconds(seconds);
    entry.kind = policy::EntryKind::kBatch;
    entry.outcome = policy::Outcome::kAllow;
    entry.subject = crypto::ToHex(subject);
    return *policy::SerialiseEntry(entry);
  }

  void Append(std::string line) {
    tree_.Append(crypto::AsBytes(line));
    entries_.push_back(std::move(line));
  }
  void Grow(size_t to) {
    while (entries_.size() < to) {
      Append(Line(static_cast<int64_t>(1000 + entries_.size())));
    }
  }

  std::string Checkpoint(uint64_t size) const {
    return *crypto::SignCheckpoint({origin_, size, *tree_.RootAt(size)}, *key_);
  }
  std::string Receipt(uint64_t index, uint64_t size) const {
    crypto::TlogProof proof;
    proof.index = index;
    proof.hashes = *tree_.ProveInclusion(index, size);
    proof.checkpoint = Checkpoint(size);
    return crypto::FormatTlogProof(proof);
  }

  absl::StatusOr<Head> Latest(uint64_t known_size,
                              const crypto::Hash&) override {
    const auto proof = tree_.ProveConsistency(known_size, tree_.size());
    return Head{Checkpoint(tree_.size()),
                proof.ok() ? *proof : std::vector<crypto::Hash>(), "",
                witnessed};
  }
  absl::StatusOr<crypto::Bytes> Entries(uint64_t number,
                                        uint32_t width) override {
    ++calls;
    if (calls > fails_after) return absl::UnavailableError("gone");
    std::vector<crypto::Bytes> entries;
    for (uint32_t i = 0; i < width; ++i) {
      const std::string& line = entries_[number * crypto::kTileWidth + i];
      entries.emplace_back(line.begin(), line.end());
    }
    return crypto::EncodeBundle(entries);
  }

  absl::StatusOr<crypto::Bytes> Tile(const crypto::TileId& tile) {
    return TileBytes(tree_, tile);
  }

  // What a keeper that lies would hand out; the tree stays.
  std::string& Forge(size_t index) { return entries_[index]; }

  // What its keeper says that a quorum cosigned.
  std::string witnessed;
  int calls = 0;
  int fails_after = 1 << 30;

 private:
  const std::string origin_;
  const std::shared_ptr<const crypto::SigningKey> key_;
  crypto::MerkleLog tree_;
  std::vector<std::string> entries_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_FAKE_LEDGER_H_
