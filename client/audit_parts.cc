#include "client/audit_parts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "client/ledger_view.h"
#include "client/mirror_parts.h"
#include "crypto/hex.h"
#include "crypto/sha.h"
#include "policy/ledger_entry.h"
#include "policy/ledger_part.h"

namespace entente::client {
namespace {

absl::Status InFolder(const absl::Status& status, const std::string& folder) {
  if (status.ok() || !absl::IsDataLoss(status)) return status;
  Failure failure = FromStatus(status);
  failure.what = absl::StrCat(folder, ": ", failure.what);
  return ToStatus(failure);
}

// That `next` continues one of `before`, which are verified.
absl::Status CheckLink(std::vector<PartReport>& before, PartReport* next) {
  const std::string& origin = next->report.checkpoint.origin;
  const auto entry = policy::ParseEntry(next->report.first_entry);
  const auto says = entry.ok()
                        ? policy::ReadContinuation(*entry)
                        : absl::StatusOr<policy::Continuation>(entry.status());
  if (!says.ok()) {
    return VerificationError(
        absl::StrCat(next->folder, " does not show what it continues"),
        std::string(says.status().message()));
  }
  const auto found =
      std::find_if(before.begin(), before.end(), [&](const PartReport& part) {
        return part.report.checkpoint.origin == says->origin;
      });
  if (found == before.end()) {
    return VerificationError(
        absl::StrCat(next->folder, " continues what is not beside it"),
        absl::StrCat("its first entry names ", says->origin));
  }
  const uint64_t held = found->report.checkpoint.size;
  if (held < says->size) {
    found->report.not_checked.push_back(
        absl::StrCat("entries ", held, " to ", says->size - 1, " of ",
                     says->origin, ", which are not mirrored: mirror again"));
    return absl::OkStatus();
  }
  const auto root = found->report.tree.RootAt(says->size);
  if (!root.ok() || *root != says->root) {
    return VerificationError(
        absl::StrCat(next->folder, " does not continue ", found->folder),
        absl::StrCat("its first entry names another root at size ",
                     says->size));
  }
  if (held == says->size) return absl::OkStatus();
  const std::string lost =
      absl::StrCat("entries ", says->size, " to ", held - 1, " of ",
                   found->folder, " are not vouched for by ", origin);
  const auto accepted = AcceptedDigest(next->folder);
  if (accepted.ok() &&
      *accepted == crypto::ToHex(crypto::Sha256(next->report.first_entry))) {
    next->report.warnings.push_back(
        absl::StrCat(lost, "; that was accepted when it was mirrored"));
    return absl::OkStatus();
  }
  return ToStatus({.what = lost,
                   .why = "the broker went on without them",
                   .next = "keep the folders as they are and tell the overseer",
                   .code = "LEDGER_ENTRIES_LOST",
                   .exit = ExitCode::kVerificationFailed});
}

absl::StatusOr<PartReport> VerifyPart(
    const std::string& folder, uint32_t part,
    const std::optional<crypto::NoteKey>& pinned, const EntryVisitor& see) {
  std::optional<crypto::NoteKey> key = pinned;
  if (pinned.has_value() && part > 0) {
    auto of_part = PartKey(*pinned, part);
    if (!of_part.ok()) return of_part.status();
    key = *std::move(of_part);
  }
  const std::string name = PartFolder(folder, part);
  auto report = VerifyMirror(
      name, key, [&](uint64_t index, const policy::LedgerEntry& entry) {
        if (see != nullptr) see({part, index}, entry);
      });
  if (!report.ok()) {
    return part == 0 ? report.status() : InFolder(report.status(), name);
  }
  return PartReport{name, *std::move(report)};
}

}  // namespace

absl::StatusOr<std::vector<PartReport>> VerifyParts(
    const std::string& folder, const std::optional<crypto::NoteKey>& pinned,
    const EntryVisitor& see) {
  std::vector<PartReport> reports;
  auto first = VerifyPart(folder, 0, pinned, see);
  if (!first.ok()) return first.status();
  reports.push_back(*std::move(first));
  const auto later = MirroredLater(folder);
  if (!later.ok()) return later.status();
  for (const uint32_t part : *later) {
    auto report = VerifyPart(folder, part, pinned, see);
    if (!report.ok()) return report.status();
    if (absl::Status link = CheckLink(reports, &*report); !link.ok()) {
      return link;
    }
    reports.push_back(*std::move(report));
  }
  return reports;
}

}  // namespace entente::client
