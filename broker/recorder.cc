#include "broker/recorder.h"

#include <sodium.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/ledger/ledger_log.h"
#include "broker/rpc/refusal.h"

namespace entente::broker {
namespace {

absl::Status LogUnavailable(const absl::Status& cause) {
  if (IsLedgerRefused(cause)) return ForTheWire(cause);
  return Refuse(
      IsDiskFull(cause) ? policy::Reason::kDiskFull
                        : policy::Reason::kLogUnavailable,
      absl::StrCat("what is not recorded does not count: ", cause.message()));
}

absl::Time WholeMilliseconds(absl::Time time) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

}  // namespace

Recorder::Recorder(Sequencer* sequencer, const Clock* clock)
    : sequencer_(*sequencer), clock_(*clock) {}

policy::LedgerEntry Recorder::OwnAct(policy::EntryKind kind) const {
  policy::LedgerEntry entry;
  entry.time = WholeMilliseconds(clock_.Now());
  entry.kind = kind;
  entry.outcome = policy::Outcome::kAllow;
  return entry;
}

policy::LedgerEntry Recorder::Allowed(policy::EntryKind kind,
                                      const Caller& caller) const {
  policy::LedgerEntry entry = OwnAct(kind);
  entry.actor = caller.uri;
  entry.actor_certificate = caller.fingerprint;
  return entry;
}

absl::StatusOr<PendingEntry> Recorder::Pending(absl::string_view ledger,
                                               policy::LedgerEntry entry) {
  randombytes_buf(entry.salt.data(), entry.salt.size());
  absl::StatusOr<std::string> line =
      policy::SerialiseEntry(policy::FitEntry(std::move(entry)));
  if (!line.ok()) return line.status();
  return PendingEntry{std::string(ledger), *std::move(line), nullptr};
}

absl::Status Recorder::Refused(absl::string_view ledger,
                               policy::LedgerEntry entry,
                               const absl::Status& refusal) const {
  entry.outcome = policy::Outcome::kDeny;
  entry.reasons.clear();
  for (const Condition& condition : ConditionsOf(refusal)) {
    entry.reasons.push_back({condition.reason, condition.clause});
  }
  if (entry.reasons.empty()) entry.reasons.push_back({"INTERNAL", ""});
  const auto receipts = sequencer_.Run(
      [&](Transaction&) -> absl::StatusOr<std::vector<PendingEntry>> {
        absl::StatusOr<PendingEntry> pending = Pending(ledger, entry);
        if (!pending.ok()) return pending.status();
        return std::vector<PendingEntry>{*std::move(pending)};
      });
  if (!receipts.ok()) return LogUnavailable(receipts.status());
  const Receipt& receipt = receipts->front();
  return RecordedAt(refusal, receipt.part, receipt.index);
}

absl::StatusOr<std::vector<Receipt>> Recorder::Run(Job job) const {
  auto receipts = sequencer_.Run(std::move(job));
  if (receipts.ok() || !ConditionsOf(receipts.status()).empty()) {
    return receipts;
  }
  if (absl::IsUnavailable(receipts.status()) ||
      absl::IsResourceExhausted(receipts.status())) {
    return LogUnavailable(receipts.status());
  }
  return receipts;
}

}  // namespace entente::broker
