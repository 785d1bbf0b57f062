// The tiles of a log: c2sp.org/tlog-tiles.
#ifndef ENTENTE_CRYPTO_TILE_H_
#define ENTENTE_CRYPTO_TILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/hex.h"

namespace entente::crypto {

// Hashes in a full tile, and entries in a full bundle.
inline constexpr uint32_t kTileWidth = 256;
// Tree levels from one level of tiles to the next.
inline constexpr uint32_t kTileHeight = 8;
// Levels of tiles that a tree of fewer than 2^64 entries has.
inline constexpr uint32_t kTileLevels = 8;
// The longest entry of a bundle.
inline constexpr size_t kMaxBundleEntryBytes = 65535;

// A tile of hashes. Hash i of tile n at level l is the root of the 256^l
// entries from (n * 256 + i) * 256^l on.
struct TileId {
  uint32_t level = 0;           // 0 to 7
  uint64_t index = 0;           // n
  uint32_t width = kTileWidth;  // hashes: 1 to 256; fewer than 256 is partial

  friend bool operator==(const TileId&, const TileId&) = default;
};

// The entries of the level-0 tile of the same index and width.
struct BundleId {
  uint64_t index = 0;
  uint32_t width = kTileWidth;

  friend bool operator==(const BundleId&, const BundleId&) = default;
};

// "tile/<level>/<index>" and "tile/entries/<index>", with ".p/<width>" if
// partial; the index in groups of three digits, as "x001/x234/067".
std::string TilePath(const TileId& tile);
std::string BundlePath(const BundleId& bundle);

// Read what TilePath and BundlePath write and nothing else. InvalidArgument for
// anything else; for a level above 7, and an index that no tree of fewer than
// 2^64 entries reaches.
absl::StatusOr<TileId> ParseTilePath(absl::string_view path);
absl::StatusOr<BundleId> ParseBundlePath(absl::string_view path);

// Hashes at `level` in the tree of `size` entries: size / 256^level.
uint64_t TileHashes(uint32_t level, uint64_t size);

// The tile `index` at `level` as wide as it is in the tree of `size` entries.
// OutOfRange if that tree has none.
absl::StatusOr<TileId> TileAt(uint32_t level, uint64_t index, uint64_t size);

// The tiles that a log which grows from `old_size` to `new_size` has to write:
// those whose content is new, by level, then index, each at its width in the
// new tree. Empty unless old_size < new_size.
std::vector<TileId> NewTiles(uint64_t old_size, uint64_t new_size);

// The bundle of `entries`: for each its 2-byte big-endian length and its bytes.
// InvalidArgument for none, more than 256, or an entry that is too long.
absl::StatusOr<Bytes> EncodeBundle(absl::Span<const Bytes> entries);

// The `width` entries of a bundle, borrowed from it. InvalidArgument if it
// holds fewer or anything after them. Safe on hostile input.
absl::StatusOr<std::vector<absl::Span<const uint8_t>>> DecodeBundle(
    absl::Span<const uint8_t> bundle, uint32_t width);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_TILE_H_
