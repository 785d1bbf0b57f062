#include "client/audit_verify.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/durable_file.h"
#include "client/error.h"
#include "client/mirror_files.h"
#include "crypto/merkle.h"
#include "crypto/merkle_tree.h"
#include "crypto/tile.h"
#include "policy/ledger_entry.h"

namespace entente::client {
namespace {

// One pass over a mirror.
class Auditor {
 public:
  using See = std::function<void(uint64_t, const policy::LedgerEntry&)>;

  Auditor(std::string folder, const See* see, AuditReport* report)
      : folder_(std::move(folder)), see_(*see), report_(*report) {}

  absl::Status Run(const std::optional<crypto::NoteKey>& pinned) {
    if (absl::Status opened = OpenHead(pinned); !opened.ok()) return opened;
    if (absl::Status read = ReadEntries(); !read.ok()) return read;
    if (absl::Status checked = CheckTiles(); !checked.ok()) return checked;
    const absl::StatusOr<crypto::Hash> root = tree_.RootAt(size());
    if (!root.ok() || *root != report_.checkpoint.root) {
      return VerificationError("checkpoint: the root is wrong",
                               "entries and tiles give another one");
    }
    if (absl::Status checked = CheckOthers(); !checked.ok()) return checked;
    if (absl::Status checked = CheckKept(); !checked.ok()) return checked;
    if (beyond_ > 0) {
      report_.not_checked.push_back(
          absl::StrCat(beyond_, " files beyond the checkpoint"));
    }
    report_.tree = std::move(tree_);
    return absl::OkStatus();
  }

 private:
  uint64_t size() const { return report_.checkpoint.size; }

  absl::StatusOr<std::string> Read(const std::string& name, size_t max_bytes) {
    absl::StatusOr<std::string> content =
        ReadFile(absl::StrCat(folder_, "/", name), max_bytes);
    if (absl::IsInvalidArgument(content.status())) {
      return VerificationError(absl::StrCat(name, " is too large"), "");
    }
    return content;
  }

  absl::Status OpenHead(const std::optional<crypto::NoteKey>& pinned) {
    absl::StatusOr<MirrorHead> head = ReadMirrorHead(folder_, pinned);
    if (!head.ok()) return head.status();
    report_.checkpoint = std::move(head->checkpoint);
    key_ = std::move(head->key);
    return absl::OkStatus();
  }

  // Reads every bundle; hashes, and compares with the level 0 tile as it goes,
  // so that the first wrong entry is named.
  absl::Status ReadEntries() {
    for (uint64_t number = 0; number * crypto::kTileWidth < size(); ++number) {
      const uint32_t width = TileWidth(0, number, size());
      crypto::BundleId name = {.index = number, .width = width};
      const absl::StatusOr<std::string> content =
          ReadMirrorBundle(folder_, &name);
      if (!content.ok()) return content.status();
      const std::string path = crypto::BundlePath(name);
      const auto entries =
          crypto::DecodeBundle(crypto::AsBytes(*content), name.width);
      if (!entries.ok()) {
        return VerificationError(absl::StrCat(path, " is malformed"),
                                 std::string(entries.status().message()));
      }
      const absl::StatusOr<crypto::Bytes> leaves =
          ReadMirrorTile(folder_, {.index = number, .width = width});
      if (!leaves.ok()) return leaves.status();
      for (size_t i = 0; i < width; ++i) {
        if (absl::Status checked =
                CheckEntry(crypto::AsText((*entries)[i]), path,
                           absl::MakeConstSpan(*leaves).subspan(32 * i, 32));
            !checked.ok()) {
          return checked;
        }
      }
      ++report_.files;
    }
    return absl::OkStatus();
  }

  absl::Status CheckEntry(absl::string_view line, const std::string& path,
                          absl::Span<const uint8_t> leaf) {
    const uint64_t index = tree_.size();
    const crypto::Hash hash = crypto::LeafHash(line);
    if (!std::equal(leaf.begin(), leaf.end(), hash.begin(), hash.end())) {
      return VerificationError(
          absl::StrCat("entry ", index, " in ", path, " was altered"),
          "it does not have the hash that its tile says");
    }
    const absl::StatusOr<policy::LedgerEntry> entry = policy::ParseEntry(line);
    if (!entry.ok()) {
      return VerificationError(
          absl::StrCat("entry ", index, " in ", path, " is no ledger entry"),
          std::string(entry.status().message()));
    }
    if (entry->time < latest_) {
      report_.warnings.push_back(
          absl::StrCat("entry ", index, ": its time, ",
                       absl::FormatTime(entry->time, absl::UTCTimeZone()),
                       ", is before that of an earlier entry"));
    }
    latest_ = std::max(latest_, entry->time);
    if (see_ != nullptr) see_(index, *entry);
    if (index == 0) report_.first_entry = std::string(line);
    tree_.AppendHash(hash);
    return absl::OkStatus();
  }

  absl::Status CheckTile(const crypto::TileId& name,
                         absl::string_view content) {
    const absl::StatusOr<crypto::Bytes> wanted = TileBytes(tree_, name);
    if (!wanted.ok()) return wanted.status();
    ++report_.files;
    for (size_t i = 0; i < name.width; ++i) {
      const auto of = [i](absl::string_view bytes) {
        return bytes.substr(32 * i, 32);
      };
      if (of(content) != of(crypto::AsText(*wanted))) {
        return VerificationError(
            absl::StrCat("hash ", i, " of ", crypto::TilePath(name),
                         " was altered"),
            "the entries give another one");
      }
    }
    return absl::OkStatus();
  }

  // The tiles that a log of this size must have.
  absl::Status CheckTiles() {
    for (uint32_t level = 0; level < crypto::kTileLevels; ++level) {
      crypto::TileId name = {.level = level};
      for (; (name.width = TileWidth(level, name.index, size())) > 0;
           ++name.index) {
        const absl::StatusOr<crypto::Bytes> tile =
            ReadMirrorTile(folder_, name);
        if (!tile.ok()) return tile.status();
        if (absl::Status checked = CheckTile(name, crypto::AsText(*tile));
            !checked.ok()) {
          return checked;
        }
      }
    }
    return absl::OkStatus();
  }

  // Whatever else lies in `tile`: old partial tiles and bundles must be right,
  // strangers must not be there.
  absl::Status CheckOthers() {
    std::error_code failed;
    std::vector<std::string> paths;
    const std::filesystem::path top = folder_ + "/tile";
    for (auto at = std::filesystem::recursive_directory_iterator(top, failed);
         !failed && at != std::filesystem::end(at); at.increment(failed)) {
      if (at->is_directory(failed) && !at->is_symlink(failed)) continue;
      paths.push_back(at->path().string().substr(folder_.size() + 1));
    }
    if (failed && size() > 0) {
      return absl::UnavailableError(
          absl::StrCat("cannot list ", top.string(), ": ", failed.message()));
    }
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
      if (absl::Status checked = CheckOther(path); !checked.ok()) {
        return checked;
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckOther(const std::string& path) {
    const absl::StatusOr<crypto::BundleId> bundle =
        crypto::ParseBundlePath(path);
    const absl::StatusOr<crypto::TileId> tile =
        bundle.ok() ? crypto::TileId{0, bundle->index, bundle->width}
                    : crypto::ParseTilePath(path);
    if (!tile.ok()) {
      return VerificationError(
          absl::StrCat(path, " does not belong into a ledger"), "");
    }
    const uint32_t width = TileWidth(tile->level, tile->index, size());
    if (tile->width > width) {
      ++beyond_;
      return absl::OkStatus();
    }
    if (tile->width == width) return absl::OkStatus();  // checked already
    const absl::StatusOr<std::string> content =
        Read(path, kMaxEntryBundleBytes);
    if (!content.ok()) return content.status();
    if (bundle.ok()) return CheckOldBundle(*bundle, path, *content);
    if (content->size() != size_t{32} * tile->width) {
      return VerificationError(absl::StrCat(path, " has a wrong length"), "");
    }
    return CheckTile(*tile, *content);
  }

  absl::Status CheckOldBundle(const crypto::BundleId& name,
                              const std::string& path,
                              absl::string_view content) {
    const auto entries =
        crypto::DecodeBundle(crypto::AsBytes(content), name.width);
    if (!entries.ok()) {
      return VerificationError(absl::StrCat(path, " is malformed"),
                               std::string(entries.status().message()));
    }
    for (uint64_t i = 0; i < name.width; ++i) {
      const uint64_t index = name.index * crypto::kTileWidth + i;
      const absl::StatusOr<crypto::Hash> leaf = tree_.Node(0, index);
      if (!leaf.ok() || *leaf != crypto::LeafHash((*entries)[i])) {
        return VerificationError(
            absl::StrCat("entry ", index, " in ", path, " was altered"),
            "the full bundle has another one");
      }
    }
    ++report_.files;
    return absl::OkStatus();
  }

  // What was shown at other times must be the beginning of this.
  absl::Status CheckKept() {
    const absl::StatusOr<std::vector<uint64_t>> sizes =
        KeptCheckpointSizes(folder_);
    if (!sizes.ok()) return sizes.status();
    for (const uint64_t kept : *sizes) {
      const std::string path = KeptCheckpointPath(kept);
      const absl::StatusOr<std::string> note =
          Read(path, crypto::kMaxNoteBytes);
      if (!note.ok()) return note.status();
      const absl::StatusOr<crypto::Checkpoint> opened =
          crypto::OpenCheckpoint(*note, *key_);
      if (!opened.ok() || opened->size != kept) {
        return VerificationError(absl::StrCat(path, " was altered"),
                                 std::string(opened.status().message()));
      }
      if (kept > size()) {
        return VerificationError(
            absl::StrCat(path, " is of more entries than the mirror has"),
            "the mirror was put back to an older state");
      }
      const absl::StatusOr<crypto::Hash> root = tree_.RootAt(kept);
      if (!root.ok() || *root != opened->root) {
        return VerificationError(
            absl::StrCat("the ledger does not continue ", path),
            "the broker signed another history then");
      }
      ++report_.checkpoints;
    }
    return absl::OkStatus();
  }

  const std::string folder_;
  const See& see_;
  AuditReport& report_;
  std::optional<crypto::NoteKey> key_;
  crypto::MerkleLog tree_;
  absl::Time latest_ = absl::InfinitePast();
  uint64_t beyond_ = 0;
};

}  // namespace

absl::StatusOr<AuditReport> VerifyMirror(
    const std::string& folder, const std::optional<crypto::NoteKey>& pinned,
    const std::function<void(uint64_t, const policy::LedgerEntry&)>& see) {
  std::string plain = folder;
  while (plain.size() > 1 && plain.back() == '/') plain.pop_back();
  AuditReport report;
  if (!pinned.has_value()) {
    report.not_checked.push_back(
        "that log.vkey is the broker's: compare it with the key in the "
        "agreement");
  }
  report.not_checked.push_back(
      "that nobody was shown another history: compare the checkpoint with "
      "other parties' and with receipts");
  report.not_checked.push_back("that there are no later entries: mirror again");
  if (absl::Status run = Auditor(plain, &see, &report).Run(pinned); !run.ok()) {
    return run;
  }
  return report;
}

}  // namespace entente::client
