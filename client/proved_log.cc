#include "client/proved_log.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "client/error.h"
#include "client/mirror_files.h"
#include "crypto/merkle.h"
#include "crypto/merkle_tree.h"
#include "crypto/tile_tree.h"
#include "crypto/tlog_proof.h"

namespace entente::client {
namespace {

constexpr size_t kHashBytes = 32;

class MirrorTiles final : public TileSource {
 public:
  explicit MirrorTiles(std::string folder) : folder_(std::move(folder)) {}

  absl::StatusOr<crypto::Bytes> Tile(const crypto::TileId& tile) override {
    return ReadMirrorTile(folder_, tile);
  }
  absl::StatusOr<crypto::Bytes> Bundle(crypto::BundleId* bundle) override {
    const absl::StatusOr<std::string> content =
        ReadMirrorBundle(folder_, bundle);
    if (!content.ok()) return content.status();
    return crypto::Bytes(content->begin(), content->end());
  }

 private:
  const std::string folder_;
};

crypto::Hash HashAt(const crypto::Bytes& tile, size_t place) {
  crypto::Hash hash;
  std::copy_n(tile.begin() + static_cast<ptrdiff_t>(kHashBytes * place),
              kHashBytes, hash.begin());
  return hash;
}

}  // namespace

absl::Status ProvedLog::CheckIndex(uint64_t index) const {
  if (index < size()) return absl::OkStatus();
  return absl::OutOfRangeError(
      absl::StrCat("the ledger ", checkpoint_.origin, " has ", size(),
                   " entries, counted from 0: there is no entry ", index));
}

absl::StatusOr<crypto::Bytes> ProvedLog::Cached(const crypto::TileId& tile) {
  const auto key = std::pair(tile.level, tile.index);
  auto found = tiles_.find(key);
  if (found == tiles_.end()) {
    absl::StatusOr<crypto::Bytes> fetched = source_->Tile(tile);
    if (!fetched.ok()) return fetched.status();
    if (fetched->size() < kHashBytes * tile.width) {
      return VerificationError(
          absl::StrCat(crypto::TilePath(tile), " is too short"), "");
    }
    found = tiles_.emplace(key, *std::move(fetched)).first;
  }
  return crypto::Bytes(
      found->second.begin(),
      found->second.begin() + static_cast<ptrdiff_t>(kHashBytes * tile.width));
}

// The proof of one entry takes all other hashes of its tile in, so it proves
// them too.
absl::Status ProvedLog::ProveTile(uint64_t number, uint32_t width) {
  const uint64_t last = (size() - 1) / crypto::kTileWidth;
  std::erase_if(tiles_, [&](const auto& tile) {
    return tile.first.first == 0 && tile.first.second != last;
  });
  const crypto::TileId tile = {.index = number, .width = width};
  const absl::StatusOr<crypto::Bytes> leaves = Cached(tile);
  if (!leaves.ok()) return leaves.status();
  crypto::TileHashReader nodes(
      size(), [this](const crypto::TileId& id) { return Cached(id); });
  const uint64_t first = number * crypto::kTileWidth;
  const auto proof = crypto::InclusionProof(nodes, first, size());
  if (!proof.ok()) return proof.status();
  const absl::Status leads = crypto::VerifyInclusion(
      HashAt(*leaves, 0), first, size(), *proof, checkpoint_.root);
  if (leads.ok()) return absl::OkStatus();
  return VerificationError(
      absl::StrCat(crypto::TilePath(tile),
                   " does not lead to the root of the checkpoint"),
      "this tile or one above it was altered");
}

absl::Status ProvedLog::Load(uint64_t number) {
  if (loaded_ == number) return absl::OkStatus();
  loaded_.reset();
  lines_.clear();
  const uint32_t width = TileWidth(0, number, size());
  if (absl::Status proved = ProveTile(number, width); !proved.ok()) {
    return proved;
  }
  const absl::StatusOr<crypto::Bytes> leaves =
      Cached({.index = number, .width = width});
  if (!leaves.ok()) return leaves.status();
  crypto::BundleId name = {.index = number, .width = width};
  const absl::StatusOr<crypto::Bytes> content = source_->Bundle(&name);
  if (!content.ok()) return content.status();
  const std::string path = crypto::BundlePath(name);
  const auto entries = crypto::DecodeBundle(*content, name.width);
  if (!entries.ok()) {
    return VerificationError(absl::StrCat(path, " is malformed"),
                             std::string(entries.status().message()));
  }
  for (size_t i = 0; i < width; ++i) {
    const absl::Span<const uint8_t> entry = (*entries)[i];
    if (crypto::LeafHash(entry) != HashAt(*leaves, i)) {
      return VerificationError(
          absl::StrCat("entry ", number * crypto::kTileWidth + i, " in ", path,
                       " was altered"),
          "it does not have the hash that its tile says");
    }
    lines_.emplace_back(crypto::AsText(entry));
  }
  loaded_ = number;
  return absl::OkStatus();
}

absl::StatusOr<std::string> ProvedLog::Line(uint64_t index) {
  if (absl::Status in = CheckIndex(index); !in.ok()) return in;
  if (absl::Status loaded = Load(index / crypto::kTileWidth); !loaded.ok()) {
    return loaded;
  }
  return lines_[index % crypto::kTileWidth];
}

absl::StatusOr<std::string> ProvedLog::Proof(uint64_t index) {
  const absl::StatusOr<std::string> line = Line(index);
  if (!line.ok()) return line.status();
  crypto::TileHashReader nodes(
      size(), [this](const crypto::TileId& id) { return Cached(id); });
  absl::StatusOr<std::vector<crypto::Hash>> hashes =
      crypto::InclusionProof(nodes, index, size());
  if (!hashes.ok()) return hashes.status();
  const absl::Status leads = crypto::VerifyInclusion(
      crypto::LeafHash(*line), index, size(), *hashes, checkpoint_.root);
  if (!leads.ok()) {
    return VerificationError(absl::StrCat("entry ", index, " is not proved"),
                             std::string(leads.message()));
  }
  crypto::TlogProof proof;
  proof.index = index;
  proof.hashes = *std::move(hashes);
  proof.checkpoint = note_;
  return crypto::FormatTlogProof(proof);
}

absl::Status ProvedLog::Extends(uint64_t size, const crypto::Hash& root) {
  if (size > this->size()) {
    return absl::DataLossError("the log is shorter than that");
  }
  crypto::TileHashReader nodes(
      this->size(), [this](const crypto::TileId& id) { return Cached(id); });
  const absl::StatusOr<std::vector<crypto::Hash>> proof =
      crypto::ConsistencyProof(nodes, size, this->size());
  if (!proof.ok()) return proof.status();
  const absl::Status extends = crypto::VerifyConsistency(
      size, root, this->size(), checkpoint_.root, *proof);
  return extends.ok() ? extends
                      : absl::DataLossError(std::string(extends.message()));
}

absl::StatusOr<crypto::Hash> ProvedLog::RootAt(uint64_t size) {
  crypto::TileHashReader nodes(
      this->size(), [this](const crypto::TileId& id) { return Cached(id); });
  return crypto::TreeRoot(nodes, size);
}

absl::StatusOr<std::unique_ptr<ProvedLog>> OpenMirror(
    const std::string& folder, const std::optional<crypto::NoteKey>& pinned) {
  absl::StatusOr<MirrorHead> head = ReadMirrorHead(folder, pinned);
  if (!head.ok()) return head.status();
  return std::make_unique<ProvedLog>(std::make_unique<MirrorTiles>(folder),
                                     std::move(head->checkpoint),
                                     std::move(head->note));
}

}  // namespace entente::client
