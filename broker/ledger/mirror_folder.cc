#include "broker/ledger/mirror_folder.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "broker/durable_file.h"
#include "crypto/checkpoint.h"
#include "crypto/hex.h"
#include "crypto/note.h"
#include "crypto/tile.h"

namespace entente::broker {
namespace {

constexpr size_t kMaxBundleBytes =
    crypto::kTileWidth * (2 + crypto::kMaxBundleEntryBytes);

// The entries of bundle `index` in a tree of `size`, from the partial file or
// the full one, as the layout allows.
absl::StatusOr<std::vector<std::string>> ReadBundle(const std::string& folder,
                                                    uint64_t index,
                                                    uint64_t size) {
  const auto width = static_cast<uint32_t>(std::min<uint64_t>(
      crypto::kTileWidth, size - index * crypto::kTileWidth));
  for (const uint32_t candidate : {width, uint32_t{crypto::kTileWidth}}) {
    const std::string name = crypto::BundlePath({index, candidate});
    const absl::StatusOr<std::string> content =
        ReadFile(absl::StrCat(folder, "/", name), kMaxBundleBytes);
    if (absl::IsNotFound(content.status())) continue;
    if (!content.ok()) return content.status();
    const auto decoded =
        crypto::DecodeBundle(crypto::AsBytes(*content), candidate);
    if (!decoded.ok()) {
      return absl::DataLossError(
          absl::StrCat(folder, "/", name, ": ", decoded.status().message()));
    }
    std::vector<std::string> entries;
    for (uint32_t i = 0; i < width; ++i) {
      entries.emplace_back(crypto::AsText((*decoded)[i]));
    }
    return entries;
  }
  return absl::DataLossError(absl::StrCat(
      folder, "/", crypto::BundlePath({index, width}), " is missing"));
}

}  // namespace

absl::StatusOr<MirrorFolder> MirrorFolder::Open(const std::string& path) {
  const std::string name = absl::StrCat(path, "/checkpoint");
  const absl::StatusOr<std::string> content =
      ReadFile(name, crypto::kMaxNoteBytes);
  if (!content.ok()) return content.status();
  const absl::StatusOr<crypto::Note> note = crypto::ParseNote(*content);
  const absl::StatusOr<crypto::Checkpoint> checkpoint =
      note.ok() ? crypto::ParseCheckpointText(note->text)
                : absl::StatusOr<crypto::Checkpoint>(note.status());
  if (!checkpoint.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " is no checkpoint: ", checkpoint.status().message()));
  }
  return MirrorFolder(path, *checkpoint, *content);
}

absl::StatusOr<std::vector<std::string>> MirrorFolder::Entries(
    uint64_t begin, uint64_t end) const {
  if (begin > end || end > size_) {
    return absl::OutOfRangeError(absl::StrCat("the mirror ", path_, " has ",
                                              size_, " entries and ", end,
                                              " are due"));
  }
  std::vector<std::string> entries;
  while (begin < end) {
    const uint64_t index = begin / crypto::kTileWidth;
    const auto bundle = ReadBundle(path_, index, size_);
    if (!bundle.ok()) return bundle.status();
    const uint64_t first = index * crypto::kTileWidth;
    const uint64_t last = std::min<uint64_t>(end, first + bundle->size());
    entries.insert(entries.end(),
                   bundle->begin() + static_cast<ptrdiff_t>(begin - first),
                   bundle->begin() + static_cast<ptrdiff_t>(last - first));
    begin = last;
  }
  return entries;
}

}  // namespace entente::broker
