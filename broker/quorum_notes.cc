#include "broker/quorum_notes.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "broker/agreement_loader.h"
#include "broker/store/witness_table.h"
#include "crypto/hex.h"
#include "policy/ledger_entry.h"

namespace entente::broker {
namespace {

std::string InUtc(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

void SetMissing(const Context& context, const std::string& id,
                bool is_missing) {
  if (context.agreements->SetQuorumMissing(id, is_missing)) {
    WakeReceivers(context, id);
  }
}

}  // namespace

absl::Status NoteQuorumMissing(const Context& context,
                               const policy::CompiledAgreement& agreement,
                               const QuorumState& state) {
  const policy::Agreement& document = agreement.document();
  SetMissing(context, document.id, true);
  policy::LedgerEntry entry =
      context.recorder->OwnAct(policy::EntryKind::kWitnessesMissing);
  entry.agreement = document.id;
  entry.version = static_cast<uint32_t>(document.version);
  entry.digest = crypto::ToHex(agreement.digest());
  entry.detail["since"] = InUtc(state.waiting_since);
  entry.detail["cosigned"] = absl::StrCat(state.part, ":", state.cosigned);
  entry.detail["quorum"] = absl::StrCat(document.witnesses->quorum, " of ",
                                        document.witnesses->named.size());
  entry.detail["behind"] = absl::StrJoin(state.behind, " ");
  const auto write = [&](Transaction& transaction)
      -> absl::StatusOr<std::vector<PendingEntry>> {
    WitnessTable table(transaction);
    const auto noted = table.MissingSince(document.id);
    if (!noted.ok()) return noted.status();
    if (noted->has_value()) return std::vector<PendingEntry>();
    const absl::Status set = table.SetMissing(document.id, state.waiting_since);
    if (!set.ok()) return set;
    auto pending = Recorder::Pending(document.id, entry);
    if (!pending.ok()) return pending.status();
    return std::vector<PendingEntry>{*std::move(pending)};
  };
  return context.recorder->Run(write).status();
}

absl::Status NoteQuorumBack(const Context& context, const std::string& id) {
  policy::LedgerEntry entry =
      context.recorder->OwnAct(policy::EntryKind::kWitnessesBack);
  entry.agreement = id;
  const auto write = [&](Transaction& transaction)
      -> absl::StatusOr<std::vector<PendingEntry>> {
    WitnessTable table(transaction);
    const auto noted = table.MissingSince(id);
    if (!noted.ok()) return noted.status();
    if (!noted->has_value()) return std::vector<PendingEntry>();
    const absl::Status cleared = table.ClearMissing(id);
    if (!cleared.ok()) return cleared;
    policy::LedgerEntry line = entry;
    line.detail["since"] = InUtc(**noted);
    auto pending = Recorder::Pending(id, std::move(line));
    if (!pending.ok()) return pending.status();
    return std::vector<PendingEntry>{*std::move(pending)};
  };
  const absl::Status written = context.recorder->Run(write).status();
  // Not before it is on record.
  if (written.ok()) SetMissing(context, id, false);
  return written;
}

}  // namespace entente::broker
