// The files of a mirror.
#ifndef ENTENTE_CLIENT_MIRROR_FILES_H_
#define ENTENTE_CLIENT_MIRROR_FILES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/checkpoint.h"
#include "crypto/hex.h"
#include "crypto/merkle_tree.h"
#include "crypto/note.h"
#include "crypto/tile.h"

namespace entente::client {

// The largest entry bundle there can be.
inline constexpr size_t kMaxEntryBundleBytes =
    crypto::kTileWidth * (2 + crypto::kMaxBundleEntryBytes);

// The bytes that tile `name` has in `tree`, which holds it.
absl::StatusOr<crypto::Bytes> TileBytes(crypto::MerkleLog& tree,
                                        const crypto::TileId& name);

// The tile's file, or the beginning of the full one if there is only that, as
// the layout allows. VerificationError (exit 6), naming the file, if it is
// missing or has another length.
absl::StatusOr<crypto::Bytes> ReadMirrorTile(const std::string& folder,
                                             const crypto::TileId& name);

// The bundle's file, or the full one in its place: `name` says which then.
// VerificationError, naming the file, if both are missing or it is too large.
absl::StatusOr<std::string> ReadMirrorBundle(const std::string& folder,
                                             crypto::BundleId* name);

// What a mirror says of itself.
struct MirrorHead {
  crypto::NoteKey key;
  crypto::Checkpoint checkpoint;
  std::string note;  // the checkpoint, signed
};

// Reads log.vkey, which must be `pinned` if that is given, and the checkpoint
// signed by it. VerificationError (exit 6), naming the file, if one of them
// does not hold; NotFound (NO_MIRROR) if one is missing.
absl::StatusOr<MirrorHead> ReadMirrorHead(
    const std::string& folder, const std::optional<crypto::NoteKey>& pinned);

// How many of the 256 places of tile `index` of `level` are taken in the tree
// of `size` entries; 0 if it has no such tile.
uint32_t TileWidth(uint32_t level, uint64_t index, uint64_t size);

// Where a mirror keeps the checkpoint of `size` that it saw.
std::string KeptCheckpointPath(uint64_t size);
// The sizes of all that it kept, in order; empty if there are none.
absl::StatusOr<std::vector<uint64_t>> KeptCheckpointSizes(
    const std::string& folder);

// `path` is below `folder`. Durable; makes the folders that are missing.
absl::Status WriteMirrorFile(const std::string& folder, const std::string& path,
                             absl::Span<const uint8_t> content);

// Every tile of all levels that the tree of `size` has and that of `had` has
// not.
absl::Status WriteMirrorTiles(const std::string& folder,
                              crypto::MerkleLog& tree, uint64_t had,
                              uint64_t size);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_MIRROR_FILES_H_
