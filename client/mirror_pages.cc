#include "client/mirror_pages.h"

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/error.h"
#include "client/mirror_files.h"
#include "crypto/hex.h"
#include "crypto/tile.h"

namespace entente::client {
namespace {

// What is under one name never changes.
constexpr char kForGood[] = "public, max-age=31536000, immutable";

MirrorPage Missing() { return {.status = 404, .body = "not in this log\n"}; }

MirrorPage Broken(const absl::Status& status) {
  return {.status = 500,
          .body = absl::StrCat(FromStatus(status).what,
                               ": entente audit verify says more\n")};
}

MirrorPage Immutable(std::string body) {
  return {.status = 200,
          .body = std::move(body),
          .content_type = "application/octet-stream",
          .cache_control = kForGood};
}

MirrorPage TilePage(const std::string& folder, crypto::TileId asked,
                    uint64_t size) {
  crypto::TileId held = asked;
  held.width = TileWidth(asked.level, asked.index, size);
  if (asked.width > held.width) return Missing();
  const absl::StatusOr<crypto::Bytes> tile = ReadMirrorTile(folder, held);
  if (!tile.ok()) return Broken(tile.status());
  return Immutable(
      std::string(crypto::AsText(*tile).substr(0, size_t{32} * asked.width)));
}

MirrorPage BundlePage(const std::string& folder, crypto::BundleId asked,
                      uint64_t size) {
  crypto::BundleId held = {.index = asked.index,
                           .width = TileWidth(0, asked.index, size)};
  if (asked.width > held.width) return Missing();
  absl::StatusOr<std::string> bundle = ReadMirrorBundle(folder, &held);
  if (!bundle.ok()) return Broken(bundle.status());
  const auto entries =
      crypto::DecodeBundle(crypto::AsBytes(*bundle), held.width);
  if (!entries.ok()) return Broken(entries.status());
  size_t bytes = 0;
  for (uint32_t i = 0; i < asked.width; ++i) bytes += 2 + (*entries)[i].size();
  bundle->resize(bytes);
  return Immutable(*std::move(bundle));
}

}  // namespace

MirrorPage MirrorPages::Checkpoint() const {
  absl::StatusOr<MirrorHead> head = ReadMirrorHead(folder_, std::nullopt);
  if (!head.ok()) return Broken(head.status());
  return {.status = 200,
          .body = std::move(head->note),
          .cache_control = "no-cache"};
}

MirrorPage MirrorPages::Get(absl::string_view path) const {
  if (!absl::ConsumePrefix(&path, "/")) return Missing();
  if (path == "checkpoint") return Checkpoint();
  const auto bundle = crypto::ParseBundlePath(path);
  const auto tile = crypto::ParseTilePath(path);
  if (!bundle.ok() && !tile.ok()) return Missing();
  const absl::StatusOr<MirrorHead> head = ReadMirrorHead(folder_, std::nullopt);
  if (!head.ok()) return Broken(head.status());
  const uint64_t size = head->checkpoint.size;
  return bundle.ok() ? BundlePage(folder_, *bundle, size)
                     : TilePage(folder_, *tile, size);
}

}  // namespace entente::client
