#include "crypto/tile.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "crypto/encoding.h"

namespace entente::crypto {
namespace {

std::string PathTail(uint64_t index, uint32_t width) {
  std::string tail = absl::StrFormat("%03d", index % 1000);
  for (index /= 1000; index != 0; index /= 1000) {
    tail = absl::StrFormat("x%03d/%s", index % 1000, tail);
  }
  if (width < kTileWidth) absl::StrAppend(&tail, ".p/", width);
  return tail;
}

absl::Status BadPath() {
  return absl::InvalidArgumentError("tile: not a path of tlog-tiles");
}

// A lenient reading; the caller compares with what it would have written.
absl::StatusOr<BundleId> ParseTail(absl::string_view tail) {
  BundleId id;
  const size_t partial = tail.find(".p/");
  if (partial != absl::string_view::npos) {
    if (!absl::SimpleAtoi(tail.substr(partial + 3), &id.width) ||
        id.width == 0 || id.width >= kTileWidth) {
      return BadPath();
    }
    tail = tail.substr(0, partial);
  }
  std::string digits;
  for (const char c : tail) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) digits += c;
  }
  if (!absl::SimpleAtoi(digits, &id.index)) return BadPath();
  return id;
}

// Whether a tree of fewer than 2^64 entries has this tile.
bool Reachable(const TileId& tile) {
  const uint64_t most = TileHashes(tile.level, ~uint64_t{0});
  return tile.width <= most && tile.index <= (most - tile.width) / kTileWidth;
}

}  // namespace

std::string TilePath(const TileId& tile) {
  return absl::StrCat("tile/", tile.level, "/",
                      PathTail(tile.index, tile.width));
}

std::string BundlePath(const BundleId& bundle) {
  return absl::StrCat("tile/entries/", PathTail(bundle.index, bundle.width));
}

absl::StatusOr<TileId> ParseTilePath(absl::string_view path) {
  absl::string_view rest = path;
  if (!absl::ConsumePrefix(&rest, "tile/")) return BadPath();
  const size_t slash = rest.find('/');
  TileId tile;
  if (slash != 1 || rest[0] < '0' || rest[0] > '7') return BadPath();
  tile.level = static_cast<uint32_t>(rest[0] - '0');
  const absl::StatusOr<BundleId> tail = ParseTail(rest.substr(2));
  if (!tail.ok()) return tail.status();
  tile.index = tail->index;
  tile.width = tail->width;
  if (!Reachable(tile) || TilePath(tile) != path) return BadPath();
  return tile;
}

absl::StatusOr<BundleId> ParseBundlePath(absl::string_view path) {
  absl::string_view rest = path;
  if (!absl::ConsumePrefix(&rest, "tile/entries/")) return BadPath();
  const absl::StatusOr<BundleId> bundle = ParseTail(rest);
  if (!bundle.ok()) return bundle;
  if (!Reachable({0, bundle->index, bundle->width}) ||
      BundlePath(*bundle) != path) {
    return BadPath();
  }
  return bundle;
}

uint64_t TileHashes(uint32_t level, uint64_t size) {
  return level < kTileLevels ? size >> (level * kTileHeight) : 0;
}

absl::StatusOr<TileId> TileAt(uint32_t level, uint64_t index, uint64_t size) {
  const uint64_t hashes = TileHashes(level, size);
  if (index > hashes / kTileWidth || index * kTileWidth == hashes) {
    return absl::OutOfRangeError(
        absl::StrCat("a tree of ", size, " has no tile ", level, "/", index));
  }
  const uint64_t width =
      std::min<uint64_t>(kTileWidth, hashes - index * kTileWidth);
  return TileId{level, index, static_cast<uint32_t>(width)};
}

std::vector<TileId> NewTiles(uint64_t old_size, uint64_t new_size) {
  std::vector<TileId> tiles;
  if (old_size >= new_size) return tiles;
  for (uint32_t level = 0; level < kTileLevels; ++level) {
    const uint64_t before = TileHashes(level, old_size);
    const uint64_t after = TileHashes(level, new_size);
    if (before == after) break;
    for (uint64_t index = before / kTileWidth;
         index <= (after - 1) / kTileWidth; ++index) {
      const uint64_t width =
          std::min<uint64_t>(kTileWidth, after - index * kTileWidth);
      tiles.push_back({level, index, static_cast<uint32_t>(width)});
    }
  }
  return tiles;
}

absl::StatusOr<Bytes> EncodeBundle(absl::Span<const Bytes> entries) {
  if (entries.empty() || entries.size() > kTileWidth) {
    return absl::InvalidArgumentError(
        absl::StrCat("bundle: ", entries.size(), " entries, not 1 to 256"));
  }
  Bytes bundle;
  for (const Bytes& entry : entries) {
    if (absl::Status added = AppendLp(&bundle, entry); !added.ok()) {
      return added;
    }
  }
  return bundle;
}

absl::StatusOr<std::vector<absl::Span<const uint8_t>>> DecodeBundle(
    absl::Span<const uint8_t> bundle, uint32_t width) {
  if (width == 0 || width > kTileWidth) {
    return absl::InvalidArgumentError(
        absl::StrCat("bundle: ", width, " entries, not 1 to 256"));
  }
  ByteReader reader(bundle);
  std::vector<absl::Span<const uint8_t>> entries;
  for (uint32_t i = 0; i < width; ++i) {
    const absl::StatusOr<absl::Span<const uint8_t>> entry = reader.Lp();
    if (!entry.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("bundle: ends in entry ", i, " of ", width));
    }
    entries.push_back(*entry);
  }
  if (reader.remaining() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("bundle: more than ", width, " entries"));
  }
  return entries;
}

}  // namespace entente::crypto
