#include "client/mirror_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/durable_file.h"
#include "client/error.h"
#include "crypto/encoding.h"

namespace entente::client {
namespace {

constexpr char kCheckpoints[] = "checkpoints";

absl::StatusOr<std::string> ReadOf(const std::string& folder,
                                   const std::string& name, size_t max_bytes) {
  absl::StatusOr<std::string> content =
      ReadFile(absl::StrCat(folder, "/", name), max_bytes);
  if (absl::IsInvalidArgument(content.status())) {
    return VerificationError(absl::StrCat(name, " is too large"), "");
  }
  return content;
}

absl::StatusOr<std::string> ReadHeadFile(const std::string& folder,
                                         const std::string& name) {
  absl::StatusOr<std::string> content =
      ReadOf(folder, name, crypto::kMaxNoteBytes);
  if (!absl::IsNotFound(content.status())) return content;
  return ToStatus({.what = absl::StrCat(folder, " holds no mirror"),
                   .why = std::string(content.status().message()),
                   .next = "entente audit mirror DIR",
                   .code = "NO_MIRROR"});
}

}  // namespace

absl::StatusOr<crypto::Bytes> TileBytes(crypto::MerkleLog& tree,
                                        const crypto::TileId& name) {
  crypto::Bytes bytes;
  for (uint64_t i = 0; i < name.width; ++i) {
    const absl::StatusOr<crypto::Hash> hash =
        tree.Node(8 * name.level, name.index * crypto::kTileWidth + i);
    if (!hash.ok()) return hash.status();
    crypto::AppendRaw(&bytes, *hash);
  }
  return bytes;
}

absl::StatusOr<crypto::Bytes> ReadMirrorTile(const std::string& folder,
                                             const crypto::TileId& name) {
  crypto::TileId full = name;
  full.width = crypto::kTileWidth;
  for (const crypto::TileId& candidate : {name, full}) {
    const std::string path = crypto::TilePath(candidate);
    const absl::StatusOr<std::string> read =
        ReadFile(absl::StrCat(folder, "/", path), 32 * crypto::kTileWidth);
    if (absl::IsNotFound(read.status())) continue;
    if (!read.ok() && !absl::IsInvalidArgument(read.status())) {
      return read.status();
    }
    if (!read.ok() || read->size() != size_t{32} * candidate.width) {
      return VerificationError(absl::StrCat(path, " has a wrong length"), "");
    }
    return crypto::Bytes(
        read->begin(),
        read->begin() + static_cast<ptrdiff_t>(size_t{32} * name.width));
  }
  return VerificationError(absl::StrCat(crypto::TilePath(name), " is missing"),
                           "");
}

absl::StatusOr<std::string> ReadMirrorBundle(const std::string& folder,
                                             crypto::BundleId* name) {
  const crypto::BundleId wanted = *name;
  const crypto::BundleId full = {.index = wanted.index};
  for (const crypto::BundleId& candidate : {wanted, full}) {
    *name = candidate;
    absl::StatusOr<std::string> content =
        ReadOf(folder, crypto::BundlePath(candidate), kMaxEntryBundleBytes);
    if (!absl::IsNotFound(content.status())) return content;
  }
  return VerificationError(
      absl::StrCat(crypto::BundlePath(wanted), " is missing"), "");
}

absl::StatusOr<MirrorHead> ReadMirrorHead(
    const std::string& folder, const std::optional<crypto::NoteKey>& pinned) {
  const absl::StatusOr<std::string> vkey = ReadHeadFile(folder, "log.vkey");
  if (!vkey.ok()) return vkey.status();
  absl::StatusOr<crypto::NoteKey> key =
      crypto::NoteKey::Parse(absl::StripSuffix(*vkey, "\n"));
  if (!key.ok()) {
    return VerificationError("log.vkey is no verifier key",
                             std::string(key.status().message()));
  }
  if (pinned.has_value() && pinned->ToString() != key->ToString()) {
    return VerificationError("log.vkey is not the key that was pinned",
                             "somebody else may have signed this ledger");
  }
  absl::StatusOr<std::string> note = ReadHeadFile(folder, "checkpoint");
  if (!note.ok()) return note.status();
  absl::StatusOr<crypto::Checkpoint> opened =
      crypto::OpenCheckpoint(*note, *key);
  if (!opened.ok()) {
    return VerificationError("checkpoint: not signed by log.vkey",
                             std::string(opened.status().message()));
  }
  return MirrorHead{*std::move(key), *std::move(opened), *std::move(note)};
}

uint32_t TileWidth(uint32_t level, uint64_t index, uint64_t size) {
  const absl::StatusOr<crypto::TileId> tile =
      crypto::TileAt(level, index, size);
  return tile.ok() ? tile->width : 0;
}

std::string KeptCheckpointPath(uint64_t size) {
  return absl::StrCat(kCheckpoints, "/", size);
}

absl::StatusOr<std::vector<uint64_t>> KeptCheckpointSizes(
    const std::string& folder) {
  std::vector<uint64_t> sizes;
  const std::string path = absl::StrCat(folder, "/", kCheckpoints);
  if (!Exists(path)) return sizes;
  std::error_code failed;
  for (auto at = std::filesystem::directory_iterator(path, failed);
       !failed && at != std::filesystem::directory_iterator();
       at.increment(failed)) {
    const std::string name = at->path().filename().string();
    uint64_t size = 0;
    if (!absl::SimpleAtoi(name, &size) || absl::StrCat(size) != name) {
      return VerificationError(
          absl::StrCat(kCheckpoints, "/", name, " is no kept checkpoint"), "");
    }
    sizes.push_back(size);
  }
  if (failed) {
    return absl::UnavailableError(
        absl::StrCat("cannot list ", path, ": ", failed.message()));
  }
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

absl::Status WriteMirrorFile(const std::string& folder, const std::string& path,
                             absl::Span<const uint8_t> content) {
  const std::string full = absl::StrCat(folder, "/", path);
  if (absl::Status made = MakeFolders(full.substr(0, full.rfind('/')));
      !made.ok()) {
    return made;
  }
  return WriteDurably(full, crypto::AsText(content), 0644);
}

absl::Status WriteMirrorTiles(const std::string& folder,
                              crypto::MerkleLog& tree, uint64_t had,
                              uint64_t size) {
  for (const crypto::TileId& name : crypto::NewTiles(had, size)) {
    const absl::StatusOr<crypto::Bytes> bytes = TileBytes(tree, name);
    if (!bytes.ok()) return bytes.status();
    if (absl::Status written =
            WriteMirrorFile(folder, crypto::TilePath(name), *bytes);
        !written.ok()) {
      return written;
    }
  }
  return absl::OkStatus();
}

}  // namespace entente::client
