#include "client/mirror.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/durable_file.h"
#include "client/error.h"
#include "client/mirror_files.h"
#include "crypto/checkpoint.h"
#include "crypto/merkle.h"
#include "crypto/merkle_tree.h"
#include "crypto/tile.h"

namespace entente::client {
namespace {

// The tree of the mirror, from the level 0 tiles that are there.
absl::StatusOr<crypto::MerkleLog> ReadTree(const std::string& folder,
                                           uint64_t size) {
  crypto::MerkleLog tree;
  for (uint64_t number = 0; tree.size() < size; ++number) {
    const crypto::TileId name = {.index = number,
                                 .width = TileWidth(0, number, size)};
    const absl::StatusOr<crypto::Bytes> tile = ReadMirrorTile(folder, name);
    if (!tile.ok()) return tile.status();
    for (size_t i = 0; i < name.width; ++i) {
      crypto::Hash hash;
      std::copy_n(tile->begin() + static_cast<ptrdiff_t>(32 * i), 32,
                  hash.begin());
      tree.AppendHash(hash);
    }
  }
  return tree;
}

// What the folder holds, believed only as far as key and tiles bear it out.
absl::StatusOr<crypto::Checkpoint> ReadKnown(const std::string& folder,
                                             const crypto::NoteKey& key,
                                             crypto::MerkleLog* tree) {
  const absl::StatusOr<std::string> vkey =
      ReadFile(absl::StrCat(folder, "/log.vkey"), crypto::kMaxNoteBytes);
  if (!vkey.ok() && !absl::IsNotFound(vkey.status())) return vkey.status();
  if (vkey.ok() && absl::StripSuffix(*vkey, "\n") != key.ToString()) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder,
                     " mirrors another ledger or another broker's; "
                     "choose another folder"));
  }
  const absl::StatusOr<std::string> note =
      ReadFile(absl::StrCat(folder, "/checkpoint"), crypto::kMaxNoteBytes);
  if (absl::IsNotFound(note.status())) {
    return crypto::Checkpoint{key.name(), 0, crypto::EmptyRoot()};
  }
  if (!note.ok()) return note.status();
  const absl::StatusOr<crypto::Checkpoint> known =
      crypto::OpenCheckpoint(*note, key);
  if (!known.ok()) {
    return VerificationError(absl::StrCat(folder, "/checkpoint was altered"),
                             std::string(known.status().message()));
  }
  absl::StatusOr<crypto::MerkleLog> read = ReadTree(folder, known->size);
  if (!read.ok()) return read.status();
  const absl::StatusOr<crypto::Hash> root = read->RootAt(known->size);
  if (!root.ok() || *root != known->root) {
    return VerificationError(
        absl::StrCat("the tiles of ", folder, " were altered"),
        "they do not give the root of its checkpoint");
  }
  *tree = *std::move(read);
  return known;
}

// Fetches the entries from tree->size() to `size` and writes their bundles.
absl::Status FetchEntries(LedgerSource& source, const std::string& folder,
                          uint64_t size, crypto::MerkleLog* tree) {
  while (tree->size() < size) {
    const uint64_t number = tree->size() / crypto::kTileWidth;
    const uint32_t width = TileWidth(0, number, size);
    const absl::StatusOr<crypto::Bytes> bundle = source.Entries(number, width);
    if (!bundle.ok()) return bundle.status();
    const absl::StatusOr<std::vector<absl::Span<const uint8_t>>> entries =
        crypto::DecodeBundle(*bundle, width);
    if (!entries.ok()) {
      return VerificationError(
          absl::StrCat("bundle ", number, " of the ledger is malformed"),
          std::string(entries.status().message()));
    }
    for (uint64_t i = 0; i < width; ++i) {
      const crypto::Hash leaf = crypto::LeafHash((*entries)[i]);
      const uint64_t index = number * crypto::kTileWidth + i;
      if (index == tree->size()) {
        tree->AppendHash(leaf);
      } else if (const auto had = tree->Node(0, index);
                 !had.ok() || *had != leaf) {
        return VerificationError(
            absl::StrCat("entry ", index, " of the ledger was changed"),
            "it is not the one that was mirrored before");
      }
    }
    if (absl::Status written = WriteMirrorFile(
            folder, crypto::BundlePath({.index = number, .width = width}),
            *bundle);
        !written.ok()) {
      return written;
    }
  }
  return absl::OkStatus();
}

// After `checkpoint` itself, so that no kept one is ahead of it.
absl::Status KeepCheckpoint(const std::string& folder, uint64_t size,
                            absl::string_view note) {
  const std::string path = KeptCheckpointPath(size);
  if (Exists(absl::StrCat(folder, "/", path))) return absl::OkStatus();
  return WriteMirrorFile(folder, path, crypto::AsBytes(note));
}

}  // namespace

absl::StatusOr<MirrorResult> MirrorLedger(LedgerSource& source,
                                          const std::string& folder,
                                          const crypto::NoteKey& key) {
  crypto::MerkleLog tree;
  const absl::StatusOr<crypto::Checkpoint> known =
      ReadKnown(folder, key, &tree);
  if (!known.ok()) return known.status();
  const absl::StatusOr<LedgerSource::Head> head =
      source.Latest(known->size, known->root);
  if (!head.ok()) return head.status();
  const absl::StatusOr<crypto::Checkpoint> latest =
      crypto::OpenCheckpoint(head->checkpoint, key);
  if (!latest.ok()) {
    return VerificationError("the checkpoint is not signed by the pinned key",
                             std::string(latest.status().message()));
  }
  const absl::Status extends = crypto::VerifyConsistency(
      known->size, known->root, latest->size, latest->root, head->consistency);
  if (!extends.ok()) {
    return VerificationError(
        absl::StrCat("the ledger does not continue what ", folder, " holds"),
        std::string(extends.message()));
  }
  if (absl::Status made = MakeFolders(folder); !made.ok()) return made;
  if (absl::Status written =
          WriteDurably(absl::StrCat(folder, "/log.vkey"),
                       absl::StrCat(key.ToString(), "\n"), 0644);
      !written.ok()) {
    return written;
  }
  if (absl::Status fetched = FetchEntries(source, folder, latest->size, &tree);
      !fetched.ok()) {
    return fetched;
  }
  const absl::StatusOr<crypto::Hash> root = tree.RootAt(latest->size);
  if (!root.ok() || *root != latest->root) {
    return VerificationError("the ledger's entries are not those it signed for",
                             "they give another root than its checkpoint");
  }
  if (absl::Status written =
          WriteMirrorTiles(folder, tree, known->size, latest->size);
      !written.ok()) {
    return written;
  }
  if (absl::Status written = WriteDurably(absl::StrCat(folder, "/checkpoint"),
                                          head->checkpoint, 0644);
      !written.ok()) {
    return written;
  }
  if (absl::Status kept =
          KeepCheckpoint(folder, latest->size, head->checkpoint);
      !kept.ok()) {
    return kept;
  }
  return MirrorResult{latest->size, latest->size - known->size, latest->root};
}

}  // namespace entente::client
