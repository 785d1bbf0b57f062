// The half of BreakGlassService that judges what signatories sign.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/agreement_state.h"
#include "broker/break_glass_service.h"
#include "broker/rpc/refusal.h"
#include "broker/store/agencies_table.h"
#include "crypto/hex.h"

namespace entente::broker {
namespace {

using certs::GlassActKind;
using policy::Reason;

absl::Status BadGlass(absl::string_view why) {
  return Refuse(Reason::kBadSignature, why);
}

GlassStep StepOf(GlassActKind kind) {
  switch (kind) {
    case GlassActKind::kAsk:
      return GlassStep::kAsked;
    case GlassActKind::kApprove:
      return GlassStep::kApproved;
    case GlassActKind::kClose:
      return GlassStep::kClosed;
    case GlassActKind::kReport:
      break;
  }
  return GlassStep::kReported;
}

bool HasLine(const policy::Agreement& document,
             const certs::Identity& identity) {
  return std::any_of(document.signatories.begin(), document.signatories.end(),
                     [&](const policy::Signatory& line) {
                       return line.party == identity.agency &&
                              line.name == identity.name;
                     });
}

// Where the certificates of `agency` come from: as a party or as an overseer of
// `document`. An empty root if it is neither.
std::pair<std::string, certs::GlassSigner> RootFor(
    const policy::Agreement& document, const std::string& agency) {
  const auto party = document.parties.find(agency);
  if (party != document.parties.end()) {
    return {party->second.root, certs::GlassSigner::kParty};
  }
  const auto overseer = document.overseers.find(agency);
  return {overseer == document.overseers.end() ? "" : overseer->second.root,
          certs::GlassSigner::kOverseer};
}

absl::Status CheckHeld(Transaction& transaction, const Caller& caller,
                       const certs::Signer& signer) {
  for (const std::string& fingerprint :
       {caller.fingerprint, signer.fingerprint}) {
    const auto revoked =
        AgenciesTable(transaction).IsRevoked(fingerprint, caller.agency());
    if (!revoked.ok()) return revoked.status();
    if (*revoked) return Refuse(Reason::kCertificateRevoked, "");
  }
  return absl::OkStatus();
}

absl::Status NotLegal(const GrantState& state, absl::Time now,
                      absl::string_view may) {
  return Refuse(
      Reason::kNotLegalNow,
      absl::StrCat("the grant is ", PhaseName(state.At(now)), "; ", may));
}

policy::Grant GrantAskedBy(const certs::BreakGlassAct& act) {
  policy::Grant grant;
  grant.agreement = act.agreement;
  grant.version = act.version;
  grant.flow = act.flow;
  grant.sender = act.sender;
  grant.recipient = act.recipient;
  grant.purpose = act.purpose;
  grant.case_reference = act.case_reference;
  grant.fields = act.fields;
  return grant;
}

absl::Status RefuseUnlisted(const policy::Agreement& document,
                            const policy::Grant& grant, int64_t minutes) {
  policy::Decision denied;
  denied.failures = policy::CheckGrant(document, grant, minutes);
  return denied.failures.empty() ? absl::OkStatus() : Refuse(denied);
}

}  // namespace

absl::StatusOr<BreakGlassService::Told> BreakGlassService::ReadAct(
    const Caller& caller, const policy::AgreementRecord& record,
    absl::string_view envelope, GlassActKind kind, absl::Time now) const {
  if (envelope.size() > kMaxGlassEnvelopeBytes) {
    return BadGlass("the envelope is larger than 64 KiB");
  }
  const auto parsed = crypto::ParseEnvelope(envelope);
  if (!parsed.ok()) return BadGlass(parsed.status().message());
  const auto claimed = certs::ParseBreakGlassAct(parsed->payload);
  if (!claimed.ok()) return BadGlass(claimed.status().message());
  if (claimed->agreement != record.id || claimed->kind != kind) {
    return Refuse(Reason::kBadRequest,
                  "what is signed is another act than the one asked for");
  }
  if (claimed->agency != caller.agency()) {
    return Refuse(Reason::kNotYourAgency, "");
  }
  const auto version = record.versions.find(claimed->version);
  if (version == record.versions.end() ||
      crypto::ToHex(version->second.agreement->digest()) != claimed->digest) {
    return Refuse(Reason::kBadRequest,
                  "what is signed names no version that there is");
  }
  const policy::Agreement& document = version->second.agreement->document();
  const auto [root, standing] = RootFor(document, caller.agency());
  if (root.empty()) {
    return Refuse(Reason::kBadRequest,
                  "what is signed names a version without your agency");
  }
  auto act = certs::VerifyBreakGlassAct(*parsed, root, standing);
  if (!act.ok()) return BadGlass(act.status().message());
  if (act->signer.identity.ToUri() != caller.uri) {
    return BadGlass("the signature is not the caller's own");
  }
  const absl::Duration apart = now - act->act.signed_at;
  if (apart > certs::kMaxGlassActAge || apart < -certs::kMaxGlassActAge) {
    return BadGlass(absl::StrCat(
        "it was signed at ",
        absl::FormatTime(act->act.signed_at, absl::UTCTimeZone()),
        ", more than 10 minutes from the broker's ",
        absl::FormatTime(now, absl::UTCTimeZone()), ": check the clock"));
  }
  // To permit takes who signed for the party; to restrict, any signatory.
  const bool permits =
      kind == GlassActKind::kAsk || kind == GlassActKind::kApprove;
  if (permits && standing == certs::GlassSigner::kParty &&
      !HasLine(document, act->signer.identity)) {
    return Refuse(
        Reason::kNotASignatory,
        absl::StrCat(act->signer.identity.name, " has no line in this version"),
        "signatories");
  }
  const auto grant = crypto::FromHex(
      kind == GlassActKind::kAsk ? act->digest : act->act.grant);
  if (!grant.ok()) return grant.status();
  return Told{*std::move(act), version->second.agreement, *grant};
}

absl::Status BreakGlassService::CheckAsk(Transaction& transaction,
                                         const Caller& caller, const Told& told,
                                         absl::Time now) const {
  const certs::BreakGlassAct& act = told.signed_act.act;
  const auto snapshot = context_.agreements->Get();
  const auto in_force =
      InForce(*snapshot, act.agreement, act.version, act.agency, now);
  if (!in_force.ok()) return in_force.status();
  absl::Status good = CheckStored(transaction, *snapshot, now, caller,
                                  **in_force, {act.sender, act.recipient});
  if (!good.ok()) return good;
  good = RefuseUnlisted(told.agreement->document(), GrantAskedBy(act),
                        act.minutes);
  if (!good.ok()) return good;
  const auto unsettled = GlassTable(transaction).Unsettled(act.agreement);
  if (!unsettled.ok()) return unsettled.status();
  for (const auto& [id, grant] : *unsettled) {
    const auto state = ReadGrant(transaction, *snapshot, id, grant);
    if (!state.ok()) return state.status();
    if (state->At(now) != GrantPhase::kReportOverdue) continue;
    return Refuse(
        Reason::kReportOverdue,
        absl::StrCat("on ", state->grant.id, ", granted by ", state->asker,
                     " and ", state->approver, ", since ",
                     absl::FormatTime(state->due(), absl::UTCTimeZone())),
        "break_glass.report_hours");
  }
  if (unsettled->size() < kMaxUnsettledGrants) return absl::OkStatus();
  return Refuse(Reason::kTooManyGrants,
                absl::StrCat(unsettled->size(), " are not settled, at most ",
                             kMaxUnsettledGrants, " may be"));
}

absl::Status BreakGlassService::CheckApprove(
    Transaction& transaction, const Caller& caller, const Told& told,
    const GlassRow& asked, const GrantState& state, absl::Time now) const {
  const certs::BreakGlassAct& act = told.signed_act.act;
  if (state.At(now) != GrantPhase::kAsked) {
    return Refuse(Reason::kGrantOver,
                  absl::StrCat("it is ", PhaseName(state.At(now))),
                  "break_glass");
  }
  if (act.agency == state.asker) {
    return Refuse(Reason::kSameGrantor,
                  absl::StrCat(act.agency, " asked for it"), "break_glass");
  }
  const policy::Agreement& document = told.agreement->document();
  const auto first = crypto::ParseEnvelope(crypto::AsText(asked.envelope));
  const auto asker =
      first.ok() ? certs::VerifyBreakGlassAct(
                       *first, RootFor(document, state.asker).first,
                       certs::GlassSigner::kParty)
                 : absl::StatusOr<certs::SignedBreakGlassAct>(first.status());
  if (!asker.ok()) return BadGlass(asker.status().message());
  if (asker->signer.spki == told.signed_act.signer.spki) {
    return Refuse(Reason::kSameGrantor, "one key has signed both",
                  "break_glass");
  }
  const auto snapshot = context_.agreements->Get();
  const auto in_force =
      InForce(*snapshot, act.agreement, act.version, state.asker, now);
  if (!in_force.ok()) return in_force.status();
  absl::Status good =
      CheckStored(transaction, *snapshot, now, caller, **in_force,
                  {state.grant.sender, state.grant.recipient});
  if (!good.ok()) return good;
  return RefuseUnlisted(document, state.grant, state.minutes);
}

absl::Status BreakGlassService::CheckLegal(Transaction& transaction,
                                           const Caller& caller,
                                           const Told& told,
                                           const std::vector<GlassRow>& rows,
                                           const GrantState* state,
                                           absl::Time now) const {
  const certs::BreakGlassAct& act = told.signed_act.act;
  if (act.kind == GlassActKind::kAsk) {
    return CheckAsk(transaction, caller, told, now);
  }
  if (act.version != state->grant.version) {
    return Refuse(
        Reason::kBadRequest,
        absl::StrCat("it was asked for under version ", state->grant.version));
  }
  const GrantPhase phase = state->At(now);
  if (act.kind == GlassActKind::kApprove) {
    return CheckApprove(transaction, caller, told, rows[0], *state, now);
  }
  if (act.kind == GlassActKind::kClose) {
    return phase == GrantPhase::kAsked || phase == GrantPhase::kOpen
               ? absl::OkStatus()
               : NotLegal(*state, now, "there is nothing to close");
  }
  if (act.agency != state->asker && act.agency != state->approver) {
    return Refuse(
        Reason::kNotAGrantor,
        absl::StrCat("it is ", state->asker, "'s",
                     state->approver.empty()
                         ? ""
                         : absl::StrCat(" and ", state->approver, "'s")));
  }
  if (phase == GrantPhase::kReportDue || phase == GrantPhase::kReportOverdue) {
    return absl::OkStatus();
  }
  return NotLegal(*state, now,
                  phase == GrantPhase::kOpen
                      ? "close it, or wait until it ends, and then report"
                      : "there is nothing to report on");
}

absl::StatusOr<std::vector<PendingEntry>> BreakGlassService::Write(
    Transaction& transaction, const Caller& caller, const Told& told,
    absl::string_view envelope, policy::LedgerEntry entry,
    absl::optional<uint64_t>* earlier) const {
  const certs::BreakGlassAct& act = told.signed_act.act;
  if (absl::Status held =
          CheckHeld(transaction, caller, told.signed_act.signer);
      !held.ok()) {
    return held;
  }
  const auto digest = crypto::FromHex(told.signed_act.digest);
  if (!digest.ok()) return digest.status();
  const GlassStep step = StepOf(act.kind);
  const auto rows = GlassTable(transaction).OfGrant(act.agreement, told.grant);
  if (!rows.ok()) return rows.status();
  for (const GlassRow& row : *rows) {
    if (row.step != step) continue;
    if (row.digest != *digest) {
      return Refuse(Reason::kAlreadyDone,
                    absl::StrCat(row.agency, " has done this: ",
                                 certs::GlassActName(act.kind)));
    }
    *earlier = row.entry;
    return std::vector<PendingEntry>();
  }
  absl::optional<GrantState> state;
  if (act.kind != GlassActKind::kAsk) {
    if (rows->empty()) return Refuse(Reason::kGrantUnknown, act.grant);
    auto read = GrantOf(*rows, *context_.agreements->Get());
    if (!read.ok()) return read.status();
    state = *std::move(read);
  }
  if (absl::Status legal =
          CheckLegal(transaction, caller, told, *rows,
                     state.has_value() ? &*state : nullptr, entry.time);
      !legal.ok()) {
    return legal;
  }
  if (state.has_value()) DescribeGrant(state->grant, &entry);
  entry.version = act.version;
  const auto until = [&](const char* name, absl::Time time) {
    entry.detail[name] =
        absl::FormatTime("%E4Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
  };
  if (act.kind == GlassActKind::kApprove) {
    entry.detail["asked_by"] = state->asker;
    until("until", entry.time + absl::Minutes(state->minutes));
  }
  if (act.kind == GlassActKind::kClose) {
    entry.detail["cause"] = "closed";
    until("ended", entry.time);
    if (state->approved) {
      until("report_due", entry.time + absl::Hours(state->life.report_hours));
    }
  }
  const absl::Span<const uint8_t> bytes = crypto::AsBytes(envelope);
  GlassRow row;
  row.agreement = act.agreement;
  row.grant = told.grant;
  row.step = step;
  row.digest = *digest;
  row.agency = act.agency;
  row.actor = caller.uri;
  row.envelope = {bytes.begin(), bytes.end()};
  row.at = entry.time;
  return InsertStep(transaction, row, std::move(entry));
}

}  // namespace entente::broker
