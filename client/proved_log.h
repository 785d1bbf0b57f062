// Reading many entries of a log, each proved under one checkpoint.
#ifndef ENTENTE_CLIENT_PROVED_LOG_H_
#define ENTENTE_CLIENT_PROVED_LOG_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/checkpoint.h"
#include "crypto/hex.h"
#include "crypto/note.h"
#include "crypto/tile.h"

namespace entente::client {

// Where the tiles of a log come from. Nothing that it gives is believed.
class TileSource {
 public:
  virtual ~TileSource() = default;

  // The hashes of `tile`, 32 bytes each.
  virtual absl::StatusOr<crypto::Bytes> Tile(const crypto::TileId& tile) = 0;
  // The bundle of `bundle`, or a wider one of the same index: `bundle` says
  // which it is then.
  virtual absl::StatusOr<crypto::Bytes> Bundle(crypto::BundleId* bundle) = 0;
};

// The entries of a log under a checkpoint whose signature was verified. Every
// line that it gives leads to the checkpoint's root. Failures that show the
// source altered are DataLoss (exit 6) and name file and index. Neighbours are
// cheap: a bundle is read, and its tile proved, once for all of them in a row.
// Memory: one bundle and 32 bytes for each 256 entries looked at. Not
// thread-safe.
class ProvedLog {
 public:
  ProvedLog(std::unique_ptr<TileSource> source, crypto::Checkpoint checkpoint,
            std::string note)
      : source_(std::move(source)),
        checkpoint_(std::move(checkpoint)),
        note_(std::move(note)) {}

  const crypto::Checkpoint& checkpoint() const { return checkpoint_; }
  uint64_t size() const { return checkpoint_.size; }

  // Entry `index`. OutOfRange unless it is below size(); else as the source.
  absl::StatusOr<std::string> Line(uint64_t index);

  // The stand-alone proof of entry `index`, a tlog-proof; it is verified. As
  // Line.
  absl::StatusOr<std::string> Proof(uint64_t index);

  // Whether the first `size` entries have the root `root`, which is proved.
  // DataLoss if not; else as the source.
  absl::Status Extends(uint64_t size, const crypto::Hash& root);

  // The root of the first `size` entries, up to all; as the tiles say, which
  // Extends proves.
  absl::StatusOr<crypto::Hash> RootAt(uint64_t size);

 private:
  absl::Status CheckIndex(uint64_t index) const;
  // Fetches and proves the bundle of number `number`, unless it is there.
  absl::Status Load(uint64_t number);
  absl::Status ProveTile(uint64_t number, uint32_t width);
  absl::StatusOr<crypto::Bytes> Cached(const crypto::TileId& tile);

  const std::unique_ptr<TileSource> source_;
  const crypto::Checkpoint checkpoint_;
  const std::string note_;

  std::optional<uint64_t> loaded_;
  std::vector<std::string> lines_;
  // Of levels above 0, and of level 0 the one loaded and the last.
  std::map<std::pair<uint32_t, uint64_t>, crypto::Bytes> tiles_;
};

// The mirror of one part in `folder`. As ReadMirrorHead.
absl::StatusOr<std::unique_ptr<ProvedLog>> OpenMirror(
    const std::string& folder, const std::optional<crypto::NoteKey>& pinned);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_PROVED_LOG_H_
