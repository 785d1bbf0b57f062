#include "broker/grant_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/instants.h"
#include "certs/break_glass_act.h"
#include "crypto/dsse.h"
#include "crypto/hex.h"

namespace entente::broker {
namespace {

absl::StatusOr<certs::BreakGlassAct> ActOf(const GlassRow& row) {
  const auto envelope = crypto::ParseEnvelope(crypto::AsText(row.envelope));
  if (!envelope.ok()) return absl::DataLossError("a grant has no envelope");
  auto act = certs::ParseBreakGlassAct(envelope->payload);
  if (!act.ok()) return absl::DataLossError(act.status().message());
  return act;
}

policy::Grant GrantAsked(const certs::BreakGlassAct& act, const GlassRow& row) {
  policy::Grant grant;
  grant.id = crypto::ToHex(row.grant);
  grant.agreement = act.agreement;
  grant.version = act.version;
  grant.flow = act.flow;
  grant.sender = act.sender;
  grant.recipient = act.recipient;
  grant.purpose = act.purpose;
  grant.case_reference = act.case_reference;
  grant.fields = act.fields;
  grant.drill = act.drill;
  return grant;
}

int64_t ReportHours(const policy::Register& known, const policy::Grant& grant) {
  const policy::AgreementRecord* record = known.Find(grant.agreement);
  if (record == nullptr) return policy::kMaxReportHours;
  const auto version = record->versions.find(grant.version);
  if (version == record->versions.end()) return policy::kMaxReportHours;
  const auto& glass = version->second.agreement->document().break_glass;
  return glass.has_value() ? glass->report_hours : policy::kMaxReportHours;
}

}  // namespace

absl::StatusOr<GrantState> GrantOf(const std::vector<GlassRow>& rows,
                                   const policy::Register& known) {
  if (rows.empty() || rows[0].step != GlassStep::kAsked) {
    return absl::DataLossError("a grant that nobody asked for");
  }
  const auto act = ActOf(rows[0]);
  if (!act.ok()) return act.status();
  GrantState state;
  state.grant = GrantAsked(*act, rows[0]);
  state.minutes = act->minutes;
  state.life.report_hours = ReportHours(known, state.grant);
  state.asker = rows[0].agency;
  state.life.asked = rows[0].at;
  state.steps = rows.size();
  for (const GlassRow& row : rows) {
    switch (row.step) {
      case GlassStep::kAsked:
        break;
      case GlassStep::kApproved:
        state.approved = true;
        state.approver = row.agency;
        state.grant.from = row.at;
        state.grant.until = row.at + absl::Minutes(state.minutes);
        break;
      case GlassStep::kClosed:
      case GlassStep::kEnded:
        state.life.ended = std::min(state.life.ended, row.at);
        break;
      case GlassStep::kReported:
        state.life.reported = true;
        break;
      case GlassStep::kOverdue:
        state.overdue_noted = true;
        break;
    }
  }
  if (state.approved) {
    state.grant.until = std::min(state.grant.until, state.life.ended);
  }
  return state;
}

absl::StatusOr<GrantState> ReadGrant(Transaction& transaction,
                                     const policy::Register& known,
                                     absl::string_view id,
                                     absl::Span<const uint8_t> grant) {
  const auto rows = GlassTable(transaction).OfGrant(id, grant);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) {
    return absl::NotFoundError(absl::StrCat("no such grant under ", id));
  }
  return GrantOf(*rows, known);
}

void FillNotice(const GrantState& state, absl::Time now,
                v1::BreakGlassNotice* notice) {
  const auto id = crypto::FromHex(state.grant.id);
  if (id.ok()) notice->set_grant(id->data(), id->size());
  const GrantPhase phase = state.At(now);
  notice->set_state(std::string(PhaseName(phase)));
  notice->set_drill(state.grant.drill);
  notice->set_asked_by(state.asker);
  notice->set_approved_by(state.approver);
  absl::optional<absl::Time> until;
  if (phase == GrantPhase::kAsked) until = state.life.asked + kMaxApprovalWait;
  if (phase == GrantPhase::kOpen) until = state.grant.until;
  if (phase == GrantPhase::kReportDue || phase == GrantPhase::kReportOverdue) {
    until = state.due();
  }
  if (until.has_value()) SetTimestamp(*until, notice->mutable_until_time());
}

}  // namespace entente::broker
