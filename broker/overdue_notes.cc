#include "broker/overdue_notes.h"

#include <utility>
#include <vector>

#include "broker/agreement_loader.h"
#include "broker/store/agreements_table.h"
#include "crypto/hex.h"
#include "policy/review.h"

namespace entente::broker {
namespace {

// Writes the entry of one version, unless it is there.
absl::Status NoteOverdue(const Context& context,
                         const policy::CompiledAgreement& agreement,
                         absl::Time now) {
  const policy::Agreement& document = agreement.document();
  const uint32_t version = static_cast<uint32_t>(document.version);
  const auto write = [&](Transaction& transaction)
      -> absl::StatusOr<std::vector<PendingEntry>> {
    const auto row = AgreementsTable(transaction).Get(document.id, version);
    if (!row.ok()) return row.status();
    if (row->overdue_entry.has_value()) return std::vector<PendingEntry>();
    const policy::Review review = policy::OverdueReviews(document, now).front();
    policy::LedgerEntry entry =
        context.recorder->OwnAct(policy::EntryKind::kAgreementSuspended);
    entry.agreement = document.id;
    entry.version = version;
    entry.digest = crypto::ToHex(agreement.digest());
    entry.detail["cause"] = "review_overdue";
    entry.detail["clause"] = review.clause;
    entry.detail["due"] = absl::FormatCivilTime(review.due);
    auto pending = Recorder::Pending(document.id, std::move(entry));
    if (!pending.ok()) return pending.status();
    pending->appended = [id = document.id, version](Transaction& inside,
                                                    uint64_t index) {
      return AgreementsTable(inside).SetOverdueEntry(id, version, index);
    };
    return std::vector<PendingEntry>{*std::move(pending)};
  };
  return context.recorder->Run(write).status();
}

}  // namespace

absl::Status OverdueNotes::NoteAll(const Context& context) {
  const absl::Time now = context.clock->Now();
  const auto snapshot = context.agreements->Get();
  absl::Status failed;
  for (const std::string& id : snapshot->Ids()) {
    const policy::AgreementRecord& record = *snapshot->Find(id);
    const policy::VersionRecord* current = record.CurrentAt(now);
    if (current == nullptr || record.terminated ||
        now < current->agreement->overdue() ||
        now >= current->agreement->until() ||
        context.ledgers->refused().count(id) != 0) {
      continue;
    }
    const std::pair<std::string, int64_t> key = {
        id, current->agreement->document().version};
    {
      const absl::MutexLock lock(&mu_);
      if (noted_.contains(key)) continue;
    }
    const absl::Status noted = NoteOverdue(context, *current->agreement, now);
    failed.Update(noted);
    if (!noted.ok()) continue;
    WakeReceivers(context, id);
    const absl::MutexLock lock(&mu_);
    noted_.insert(key);
  }
  return failed;
}

}  // namespace entente::broker
