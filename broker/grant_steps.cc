#include "broker/grant_steps.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "broker/agreement_loader.h"
#include "broker/grant_board.h"
#include "crypto/hex.h"

namespace entente::broker {
namespace {

using policy::EntryKind;

constexpr absl::string_view kTimeIsOver = "time_is_over";
constexpr absl::string_view kNotApprovedInTime = "not_approved";

std::string InstantOf(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

GlassRow OwnStep(const policy::Grant& grant, GlassStep step, absl::Time now) {
  GlassRow row;
  row.agreement = grant.agreement;
  row.grant = crypto::FromHex(grant.id).value_or(crypto::Bytes());
  row.step = step;
  row.at = absl::FromUnixMillis(absl::ToUnixMillis(now));
  return row;
}

absl::StatusOr<std::vector<PendingEntry>> WriteEnd(Transaction& transaction,
                                                   const Context& context,
                                                   const GrantState& state,
                                                   absl::string_view cause,
                                                   absl::Time now) {
  policy::LedgerEntry entry =
      context.recorder->OwnAct(EntryKind::kBreakGlassEnded);
  DescribeGrant(state.grant, &entry);
  entry.detail["cause"] = std::string(cause);
  if (state.approved) {
    const absl::Time end = std::min(state.grant.until, now);
    entry.detail["ended"] = InstantOf(end);
    entry.detail["report_due"] =
        InstantOf(end + absl::Hours(state.life.report_hours));
  }
  return InsertStep(transaction, OwnStep(state.grant, GlassStep::kEnded, now),
                    std::move(entry));
}

absl::StatusOr<std::vector<PendingEntry>> WriteOverdue(Transaction& transaction,
                                                       const Context& context,
                                                       const GrantState& state,
                                                       absl::Time now) {
  policy::LedgerEntry entry =
      context.recorder->OwnAct(EntryKind::kBreakGlassOverdue);
  DescribeGrant(state.grant, &entry);
  entry.detail["report_due"] = InstantOf(state.due());
  entry.detail["asked_by"] = state.asker;
  entry.detail["approved_by"] = state.approver;
  return InsertStep(transaction, OwnStep(state.grant, GlassStep::kOverdue, now),
                    std::move(entry));
}

bool IsEndDue(const GrantState& state, absl::Time now) {
  if (state.life.ended != absl::InfiniteFuture()) return false;
  return state.approved ? now >= state.grant.until
                        : now >= state.life.asked + kMaxApprovalWait;
}

bool IsOverdueDue(const GrantState& state, absl::Time now) {
  return !state.overdue_noted && state.At(now) == GrantPhase::kReportOverdue;
}

// Of one grant, whose state is read again inside.
absl::Status NoteGrant(const Context& context, const GrantState& seen,
                       absl::Time now) {
  const auto snapshot = context.agreements->Get();
  const auto id = crypto::FromHex(seen.grant.id);
  if (!id.ok()) return id.status();
  const auto write = [&](Transaction& transaction)
      -> absl::StatusOr<std::vector<PendingEntry>> {
    const auto state =
        ReadGrant(transaction, *snapshot, seen.grant.agreement, *id);
    if (!state.ok()) return state.status();
    if (IsEndDue(*state, now)) {
      return WriteEnd(transaction, context, *state,
                      state->approved ? kTimeIsOver : kNotApprovedInTime, now);
    }
    if (IsOverdueDue(*state, now)) {
      return WriteOverdue(transaction, context, *state, now);
    }
    return std::vector<PendingEntry>();
  };
  const absl::Status written = context.recorder->Run(write).status();
  if (!written.ok()) return written;
  return ReloadGrant(context, seen.grant.agreement, seen.grant.id);
}

// Reads the named grants and puts them on the board.
absl::Status PutNamed(const Context& context,
                      const std::vector<GlassTable::Name>& names) {
  if (context.grants == nullptr) return absl::OkStatus();
  const auto snapshot = context.agreements->Get();
  for (const GlassTable::Name& name : names) {
    absl::StatusOr<GrantState> state = GrantState();
    const absl::Status read =
        context.store->Read([&](Transaction& transaction) {
          state = ReadGrant(transaction, *snapshot, name.first, name.second);
          return state.status();
        });
    if (!read.ok()) return read;
    context.grants->Put(*std::move(state));
    WakeReceivers(context, name.first);
  }
  return absl::OkStatus();
}

}  // namespace

void DescribeGrant(const policy::Grant& grant, policy::LedgerEntry* entry) {
  entry->agreement = grant.agreement;
  entry->version = static_cast<uint32_t>(grant.version);
  entry->flow = grant.flow;
  entry->purpose = grant.purpose;
  entry->sender = grant.sender;
  entry->recipient = grant.recipient;
  entry->accompanying["case_reference"] = grant.case_reference;
  entry->fields = grant.fields;
  entry->detail["break_glass"] = grant.id;
  entry->detail["mode"] = grant.drill ? "drill" : "release";
}

absl::StatusOr<std::vector<PendingEntry>> InsertStep(
    Transaction& transaction, const GlassRow& row, policy::LedgerEntry entry) {
  const absl::Status kept = GlassTable(transaction).Insert(row);
  if (!kept.ok()) return kept;
  auto pending = Recorder::Pending(row.agreement, std::move(entry));
  if (!pending.ok()) return pending.status();
  pending->appended = [id = row.agreement, grant = row.grant, step = row.step](
                          Transaction& inside, uint64_t index) {
    return GlassTable(inside).SetEntry(id, grant, step, index);
  };
  return std::vector<PendingEntry>{*std::move(pending)};
}

absl::StatusOr<std::vector<PendingEntry>> EndGrants(
    Transaction& transaction, const Context& context, const std::string& id,
    absl::string_view sender, absl::string_view cause, absl::Time now) {
  const auto names = GlassTable(transaction).Unsettled(id);
  if (!names.ok()) return names.status();
  const auto snapshot = context.agreements->Get();
  std::vector<PendingEntry> entries;
  for (const auto& [agreement, grant] : *names) {
    const auto state = ReadGrant(transaction, *snapshot, agreement, grant);
    if (!state.ok()) return state.status();
    const GrantPhase phase = state->At(now);
    if (phase != GrantPhase::kAsked && phase != GrantPhase::kOpen) continue;
    if (!sender.empty() && state->grant.sender != sender) continue;
    auto ended = WriteEnd(transaction, context, *state, cause, now);
    if (!ended.ok()) return ended.status();
    for (PendingEntry& entry : *ended) entries.push_back(std::move(entry));
  }
  return entries;
}

absl::Status ReloadGrants(const Context& context, const std::string& id) {
  if (context.grants == nullptr) return absl::OkStatus();
  std::vector<GlassTable::Name> names;
  for (const GrantState& state : context.grants->All()) {
    if (!id.empty() && state.grant.agreement != id) continue;
    const auto grant = crypto::FromHex(state.grant.id);
    if (grant.ok()) names.emplace_back(state.grant.agreement, *grant);
  }
  return PutNamed(context, names);
}

absl::Status ReloadGrant(const Context& context, const std::string& id,
                         const std::string& grant) {
  const auto name = crypto::FromHex(grant);
  if (!name.ok()) return name.status();
  return PutNamed(context, {{id, *name}});
}

absl::Status LoadGrants(const Context& context) {
  std::vector<GlassTable::Name> names;
  const absl::Status read =
      context.store->Read([&](Transaction& transaction) -> absl::Status {
        auto unsettled = GlassTable(transaction).Unsettled("");
        if (!unsettled.ok()) return unsettled.status();
        names = *std::move(unsettled);
        return absl::OkStatus();
      });
  return read.ok() ? PutNamed(context, names) : read;
}

void FillNotices(
    const Context& context, const std::string& id,
    google::protobuf::RepeatedPtrField<v1::BreakGlassNotice>* notices) {
  if (context.grants == nullptr) return;
  const absl::Time now = context.clock->Now();
  for (const GrantState& state : context.grants->ToTell(id, now)) {
    FillNotice(state, now, notices->Add());
  }
}

absl::Status NoteGrants(const Context& context) {
  if (context.grants == nullptr) return absl::OkStatus();
  const absl::Time now = context.clock->Now();
  absl::Status failed;
  for (const GrantState& state : context.grants->All()) {
    if (!IsEndDue(state, now) && !IsOverdueDue(state, now)) continue;
    if (context.ledgers->refused().count(state.grant.agreement) != 0) continue;
    failed.Update(NoteGrant(context, state, now));
  }
  return failed;
}

}  // namespace entente::broker
