#include "client/ledger_comparison.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/durable_file.h"
#include "client/entry_proof.h"
#include "client/entry_search.h"
#include "client/error.h"
#include "client/mirror_files.h"
#include "crypto/hex.h"
#include "crypto/tlog_proof.h"

namespace entente::client {
namespace {

constexpr char kProofHeader[] = "c2sp.org/tlog-proof@";

absl::Status TwoHistories(const std::string& path, absl::string_view origin,
                          uint64_t size) {
  return ToStatus(
      {.what = absl::StrCat(path, " is of another history of ", origin),
       .why = absl::StrCat("both are signed by the broker, and they differ "
                           "within the first ",
                           size, " entries"),
       .next = "keep both: together they prove it; tell the overseer",
       .code = "TWO_HISTORIES",
       .exit = ExitCode::kVerificationFailed});
}

// The key of the log `origin` of the broker that signed `folder`.
absl::StatusOr<crypto::NoteKey> KeyFor(const std::string& folder,
                                       absl::string_view origin) {
  const absl::StatusOr<MirrorHead> head = ReadMirrorHead(folder, std::nullopt);
  if (!head.ok()) return head.status();
  return crypto::NoteKey::Create(origin, crypto::NoteKeyType::kEd25519,
                                 head->key.key());
}

class Comparison {
 public:
  Comparison(const std::vector<PartReport>* reports, std::string path)
      : reports_(*reports), path_(std::move(path)) {
    result_.path = path_;
  }

  absl::StatusOr<LedgerComparison> Run() {
    std::error_code failed;
    const absl::Status done = std::filesystem::is_directory(path_, failed)
                                  ? WithMirror()
                                  : WithFile();
    if (!done.ok()) return done;
    return result_;
  }

 private:
  const PartReport* Find(absl::string_view origin) const {
    for (const PartReport& part : reports_) {
      if (part.report.checkpoint.origin == origin) return &part;
    }
    return nullptr;
  }

  absl::Status NotOfThisLedger() const {
    return UsageError(
        absl::StrCat(path_, " says nothing of ",
                     reports_.front().report.checkpoint.origin),
        "compare with a mirror, checkpoint or proof of the same ledger, or "
        "with a mirror of the broker's own");
  }

  // A signed head of `part`, which is ours; `other` is its log if we have it.
  absl::Status Fits(const PartReport& part, const crypto::Checkpoint& head,
                    ProvedLog* other) {
    const crypto::Checkpoint& ours = part.report.checkpoint;
    if (head.size <= ours.size) {
      const absl::StatusOr<crypto::Hash> root =
          part.report.tree.RootAt(head.size);
      if (!root.ok()) return root.status();
      if (*root != head.root)
        return TwoHistories(path_, ours.origin, head.size);
      ++result_.compared;
      return absl::OkStatus();
    }
    if (other == nullptr) {
      result_.not_checked.push_back(absl::StrCat(
          path_, " is of ", head.size, " entries of ", ours.origin,
          ", and here are ", ours.size, ": mirror again, and compare then"));
      return absl::OkStatus();
    }
    const absl::Status extends = other->Extends(ours.size, ours.root);
    if (absl::IsDataLoss(extends)) {
      return TwoHistories(path_, ours.origin, ours.size);
    }
    if (extends.ok()) ++result_.compared;
    return extends;
  }

  absl::Status WithFile() {
    absl::StatusOr<std::string> text =
        ReadFile(path_, crypto::kMaxTlogProofBytes);
    if (!text.ok()) return text.status();
    std::string note = *text;
    if (absl::StartsWith(note, kProofHeader)) {
      const absl::StatusOr<crypto::TlogProof> proof =
          crypto::ParseTlogProof(note);
      if (!proof.ok()) {
        return VerificationError(absl::StrCat(path_, " is no proof"),
                                 std::string(proof.status().message()));
      }
      note = proof->checkpoint;
    }
    const std::string origin = note.substr(0, note.find('\n'));
    const PartReport* part = Find(origin);
    if (part == nullptr) return NotOfThisLedger();
    const absl::StatusOr<crypto::NoteKey> key = KeyFor(part->folder, origin);
    if (!key.ok()) return key.status();
    const absl::StatusOr<crypto::Checkpoint> head =
        crypto::OpenCheckpoint(note, *key);
    if (!head.ok()) {
      return VerificationError(
          absl::StrCat(path_, " is not signed by the key of this ledger"),
          std::string(head.status().message()));
    }
    return Fits(*part, *head, nullptr);
  }

  absl::Status WithMirror() {
    absl::StatusOr<std::vector<ReadablePart>> others = OpenMirrorParts(path_);
    if (!others.ok()) return others.status();
    bool found = false;
    for (ReadablePart& other : *others) {
      const std::string& origin = other.log->checkpoint().origin;
      // Under our key, not the one that lies there.
      const absl::StatusOr<crypto::NoteKey> key =
          KeyFor(reports_.front().folder, origin);
      if (!key.ok()) return key.status();
      const absl::StatusOr<MirrorHead> head =
          ReadMirrorHead(other.folder, *key);
      if (!head.ok()) return Annotate(head.status(), other.folder);
      if (const PartReport* part = Find(origin); part != nullptr) {
        found = true;
        absl::Status fits = Fits(*part, head->checkpoint, other.log.get());
        if (!fits.ok()) return fits;
      } else if (IsBrokersOwn(origin)) {
        found = true;
        if (absl::Status fits = WithOwn(other); !fits.ok()) return fits;
      }
    }
    return found ? absl::OkStatus() : NotOfThisLedger();
  }

  static bool IsBrokersOwn(absl::string_view origin) {
    const size_t slash = origin.rfind('/');
    const absl::string_view id =
        slash == absl::string_view::npos ? origin : origin.substr(slash + 1);
    return id == "broker" || absl::StartsWith(id, "broker.");
  }

  // The heads that the broker's own ledger names.
  absl::Status WithOwn(ReadablePart& own) {
    for (uint64_t index = 0; index < own.log->size(); ++index) {
      const absl::StatusOr<FoundEntry> found =
          ReadEntry(*own.log, {own.part, index});
      if (!found.ok()) return found.status();
      const policy::LedgerEntry& entry = found->entry;
      if (entry.kind != policy::EntryKind::kLedgerRecorded) continue;
      const auto origin = entry.detail.find("origin");
      const auto size = entry.detail.find("size");
      if (origin == entry.detail.end() || size == entry.detail.end()) continue;
      const PartReport* part = Find(origin->second);
      if (part == nullptr) continue;
      crypto::Checkpoint head;
      head.origin = origin->second;
      const absl::StatusOr<crypto::Bytes> root = crypto::FromHex(entry.subject);
      if (!absl::SimpleAtoi(size->second, &head.size) || !root.ok() ||
          root->size() != head.root.size()) {
        return VerificationError(
            absl::StrCat("entry ", index, " of ", own.folder,
                         " names no head of a ledger"),
            "");
      }
      std::copy(root->begin(), root->end(), head.root.begin());
      if (absl::Status fits = Fits(*part, head, nullptr); !fits.ok()) {
        return fits;
      }
    }
    return absl::OkStatus();
  }

  const std::vector<PartReport>& reports_;
  const std::string path_;
  LedgerComparison result_;
};

}  // namespace

absl::StatusOr<LedgerComparison> CompareLedgers(
    const std::vector<PartReport>& reports, const std::string& path) {
  absl::StatusOr<LedgerComparison> compared = Comparison(&reports, path).Run();
  if (!compared.ok()) return compared.status();
  // Many heads beyond what is here say the same.
  if (compared->not_checked.size() > 1) {
    compared->not_checked = {compared->not_checked.back()};
  }
  if (compared->compared == 0 && compared->not_checked.empty()) {
    compared->not_checked.push_back(
        absl::StrCat(path, " names no head of this ledger"));
  }
  return compared;
}

}  // namespace entente::client
