#include "crypto/tile_tree.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

namespace entente::crypto {
namespace {

// Root of a power of two of hashes side by side.
Hash PerfectRoot(absl::Span<const Hash> hashes) {
  std::vector<Hash> level(hashes.begin(), hashes.end());
  for (size_t count = level.size() / 2; count != 0; count /= 2) {
    for (size_t i = 0; i < count; ++i) {
      level[i] = NodeHash(level[2 * i], level[2 * i + 1]);
    }
  }
  return level[0];
}

absl::StatusOr<std::vector<Hash>> ReadTile(const TileId& tile,
                                           const TileReader& read) {
  const absl::StatusOr<Bytes> bytes = read(tile);
  if (!bytes.ok()) return bytes.status();
  if (bytes->size() != tile.width * sizeof(Hash)) {
    return absl::DataLossError(absl::StrCat(TilePath(tile), " has ",
                                            bytes->size(), " bytes, not ",
                                            tile.width * sizeof(Hash)));
  }
  std::vector<Hash> hashes(tile.width);
  for (size_t i = 0; i < hashes.size(); ++i) {
    std::copy_n(bytes->begin() + i * sizeof(Hash), sizeof(Hash),
                hashes[i].begin());
  }
  return hashes;
}

Tile MakeTile(const TileId& id, absl::Span<const Hash> hashes) {
  Tile tile = {id, {}};
  tile.hashes.reserve(hashes.size() * sizeof(Hash));
  for (const Hash& hash : hashes) {
    tile.hashes.insert(tile.hashes.end(), hash.begin(), hash.end());
  }
  return tile;
}

}  // namespace

absl::StatusOr<Hash> TileHashReader::Node(uint32_t height, uint64_t index) {
  const uint32_t level = height / kTileHeight;
  const uint32_t above = height % kTileHeight;  // the level of tiles
  const uint64_t count = uint64_t{1} << above;  // hashes under the node
  const uint64_t hashes = TileHashes(level, size_);
  if (index >= hashes >> above) {
    return absl::OutOfRangeError(absl::StrCat(
        "a tree of ", size_, " has no node ", index, " of height ", height));
  }
  const uint64_t first = index << above;
  const std::pair<uint32_t, uint64_t> place = {level, first / kTileWidth};
  auto tile = tiles_.find(place);
  if (tile == tiles_.end()) {
    const absl::StatusOr<TileId> id = TileAt(level, place.second, size_);
    if (!id.ok()) return id.status();
    absl::StatusOr<std::vector<Hash>> read = ReadTile(*id, read_);
    if (!read.ok()) return read.status();
    tile = tiles_.emplace(place, *std::move(read)).first;
  }
  return PerfectRoot(
      absl::MakeConstSpan(tile->second).subspan(first % kTileWidth, count));
}

absl::StatusOr<std::vector<Tile>> AppendToTiles(uint64_t old_size,
                                                absl::Span<const Hash> leaves,
                                                const TileReader& read) {
  if (leaves.size() > std::numeric_limits<uint64_t>::max() - old_size) {
    return absl::OutOfRangeError("a log cannot grow beyond 2^64-1 entries");
  }
  std::vector<Tile> tiles;
  std::vector<Hash> added(leaves.begin(), leaves.end());  // at this level
  for (uint32_t level = 0; level < kTileLevels && !added.empty(); ++level) {
    const uint64_t before = TileHashes(level, old_size);
    uint64_t index = before / kTileWidth;
    std::vector<Hash> hashes;  // from the start of tile `index` on
    if (before % kTileWidth != 0) {
      const absl::StatusOr<TileId> edge = TileAt(level, index, old_size);
      if (!edge.ok()) return edge.status();
      absl::StatusOr<std::vector<Hash>> old_hashes = ReadTile(*edge, read);
      if (!old_hashes.ok()) return old_hashes.status();
      hashes = *std::move(old_hashes);
    }
    hashes.insert(hashes.end(), added.begin(), added.end());
    added.clear();
    for (absl::Span<const Hash> rest = hashes; !rest.empty(); ++index) {
      const absl::Span<const Hash> in_tile = rest.subspan(0, kTileWidth);
      const auto width = static_cast<uint32_t>(in_tile.size());
      tiles.push_back(MakeTile({level, index, width}, in_tile));
      if (width == kTileWidth) added.push_back(PerfectRoot(in_tile));
      rest.remove_prefix(width);
    }
  }
  return tiles;
}

}  // namespace entente::crypto
