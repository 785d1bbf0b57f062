// The hashes of a tree, read from the tiles of its log and written to them.
#ifndef ENTENTE_CRYPTO_TILE_TREE_H_
#define ENTENTE_CRYPTO_TILE_TREE_H_

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/merkle_tree.h"
#include "crypto/tile.h"

namespace entente::crypto {

// Fetches the hashes of a tile, 32 bytes each, `tile.width` of them.
using TileReader = std::function<absl::StatusOr<Bytes>(const TileId& tile)>;

// The nodes of the tree of `size` entries, read from its tiles, each at its
// width in that tree. Nodes between the levels of tiles are computed: at most
// 127 hashes. Tiles are kept, so several roots and proofs share them. What a
// tile holds is believed: whoever does not trust the source compares roots and
// verifies proofs. Not thread-safe.
class TileHashReader final : public NodeReader {
 public:
  TileHashReader(uint64_t size, TileReader read)
      : size_(size), read_(std::move(read)) {}

  // OutOfRange if the node is not in the tree; DataLoss if a tile is not as
  // long as it should be; else as the reader fails.
  absl::StatusOr<Hash> Node(uint32_t height, uint64_t index) override;

 private:
  const uint64_t size_;
  const TileReader read_;
  absl::flat_hash_map<std::pair<uint32_t, uint64_t>, std::vector<Hash>> tiles_;
};

struct Tile {
  TileId id;
  Bytes hashes;  // 32 bytes each, id.width of them
};

// The tiles of NewTiles(old_size, old_size + leaves.size()), with their
// content. Reads only the partial tiles on the right edge of the old tree, at
// most one a level, at their width there. DataLoss if one of them is not as
// long as it should be; OutOfRange if the new size is above 2^64-1; else as the
// reader fails. About one NodeHash a leaf.
absl::StatusOr<std::vector<Tile>> AppendToTiles(uint64_t old_size,
                                                absl::Span<const Hash> leaves,
                                                const TileReader& read);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_TILE_TREE_H_
