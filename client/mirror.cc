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

// `note` with what `other`, of the same text, has of signatures by others. Of
// one signer, that in `note` counts.
std::string Merged(absl::string_view note, absl::string_view other) {
  absl::StatusOr<crypto::Note> mine = crypto::ParseNote(note);
  const absl::StatusOr<crypto::Note> theirs = crypto::ParseNote(other);
  if (!mine.ok() || !theirs.ok() || mine->text != theirs->text) {
    return std::string(note);
  }
  for (const crypto::NoteSignature& line : theirs->signatures) {
    const bool is_there =
        std::any_of(mine->signatures.begin(), mine->signatures.end(),
                    [&](const crypto::NoteSignature& had) {
                      return had.name == line.name && had.id == line.id;
                    });
    if (!is_there) mine->signatures.push_back(line);
  }
  const absl::StatusOr<std::string> merged = crypto::FormatNote(*mine);
  return merged.ok() ? *merged : std::string(note);
}

// `note` of `size` with the signatures that were kept of it.
absl::StatusOr<std::string> WithKept(const std::string& folder, uint64_t size,
                                     absl::string_view note) {
  const absl::StatusOr<std::string> kept =
      ReadFile(absl::StrCat(folder, "/", KeptCheckpointPath(size)),
               crypto::kMaxNoteBytes);
  if (absl::IsNotFound(kept.status())) return std::string(note);
  if (!kept.ok()) return kept.status();
  return Merged(note, *kept);
}

absl::Status KeepCheckpoint(const std::string& folder, uint64_t size,
                            absl::string_view note) {
  const absl::StatusOr<std::string> merged = WithKept(folder, size, note);
  if (!merged.ok()) return merged.status();
  return WriteMirrorFile(folder, KeptCheckpointPath(size),
                         crypto::AsBytes(*merged));
}

// Keeps what witnesses cosigned, which must be of this history.
absl::Status KeepWitnessed(const std::string& folder,
                           const crypto::NoteKey& key,
                           const std::string& witnessed, uint64_t size,
                           const crypto::MerkleLog& tree) {
  if (witnessed.empty()) return absl::OkStatus();
  const absl::StatusOr<crypto::Checkpoint> opened =
      crypto::OpenCheckpoint(witnessed, key);
  if (!opened.ok()) {
    return VerificationError(
        "the checkpoint that witnesses cosigned is not the log's",
        std::string(opened.status().message()));
  }
  // It came after the head.
  if (opened->size > size) return absl::OkStatus();
  const absl::StatusOr<crypto::Hash> root = tree.RootAt(opened->size);
  if (!root.ok() || *root != opened->root) {
    return VerificationError(
        "the ledger is not the one that witnesses saw",
        absl::StrCat("its first ", opened->size, " entries have another root"));
  }
  return KeepCheckpoint(folder, opened->size, witnessed);
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
  const absl::StatusOr<std::string> note =
      WithKept(folder, latest->size, Merged(head->checkpoint, head->witnessed));
  if (!note.ok()) return note.status();
  if (absl::Status written =
          WriteDurably(absl::StrCat(folder, "/checkpoint"), *note, 0644);
      !written.ok()) {
    return written;
  }
  // After `checkpoint` itself, so that no kept one is ahead of it.
  if (absl::Status kept = KeepCheckpoint(folder, latest->size, *note);
      !kept.ok()) {
    return kept;
  }
  if (absl::Status kept =
          KeepWitnessed(folder, key, head->witnessed, latest->size, tree);
      !kept.ok()) {
    return kept;
  }
  return MirrorResult{latest->size, latest->size - known->size, latest->root};
}

}  // namespace entente::client
