#include "client/command_status.h"

#include <grpcpp/client_context.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "certs/key_bundle.h"
#include "client/connected.h"
#include "client/expiry.h"
#include "client/verified_grant.h"
#include "crypto/dsse.h"

namespace entente::client {
namespace {

std::vector<Value> Names(
    const google::protobuf::RepeatedPtrField<std::string>& names) {
  return std::vector<Value>(names.begin(), names.end());
}

// Of an agreement that names witnesses; else all is zero.
Record WitnessRecord(const v1::AgreementSummary& agreement) {
  const v1::WitnessQuorum& quorum = agreement.witnesses();
  return {{"named", uint64_t{quorum.named()}},
          {"quorum", uint64_t{quorum.quorum()}},
          {"cosigned_size", quorum.cosigned_size()},
          {"size", quorum.size()},
          {"behind", Names(quorum.behind())},
          {"missing_since", quorum.has_missing_since_time()
                                ? TimeText(quorum.missing_since_time())
                                : std::string()}};
}

Record Describe(const v1::AgreementSummary& agreement) {
  std::vector<Value> glass;
  for (const v1::BreakGlassNotice& notice : agreement.break_glass()) {
    glass.emplace_back(ToRecord(notice));
  }
  return {{"agreement", agreement.agreement()},
          {"version", int64_t{agreement.version()}},
          {"state", agreement.state()},
          {"until", TimeText(agreement.until_time())},
          {"waiting_batches", agreement.waiting_batches()},
          {"ledger_size", agreement.ledger_size()},
          {"held_batches", agreement.held_batches()},
          {"held_because", Names(agreement.held_because())},
          {"suspended_by", Names(agreement.suspended_by())},
          {"sending_suspended_by", Names(agreement.sending_suspended_by())},
          {"withdrawn", Names(agreement.withdrawn())},
          {"break_glass", std::move(glass)},
          {"witnesses", WitnessRecord(agreement)}};
}

// Empty if no witness is named.
std::string WitnessesInWords(const v1::AgreementSummary& agreement) {
  if (!agreement.has_witnesses()) return "";
  const v1::WitnessQuorum& quorum = agreement.witnesses();
  if (!quorum.has_missing_since_time()) return "";
  return absl::StrCat(
      "too few witnesses have cosigned its ledger since ",
      TimeText(quorum.missing_since_time()), " (", quorum.quorum(), " of ",
      quorum.named(),
      " are needed; behind: ", absl::StrJoin(quorum.behind(), ", "), ")",
      quorum.required() ? "; nothing is accepted or delivered until they do"
                        : "");
}

// What of an agreement stands still, a line each.
void SayWhatStands(const v1::AgreementSummary& agreement, Output& out) {
  const auto say = [&](const auto& agencies, absl::string_view what) {
    if (agencies.empty()) return;
    out.Say(absl::StrCat(
        "note: ", agreement.agreement(), ": ", absl::StrJoin(agencies, ", "),
        " ", what, "; why: entente agreement show ", agreement.agreement()));
  };
  say(agreement.suspended_by(), "suspended it");
  say(agreement.sending_suspended_by(), "suspended its own sending");
  say(agreement.withdrawn(), "withdrew from it");
  if (const std::string words = WitnessesInWords(agreement); !words.empty()) {
    out.Say(absl::StrCat("warning: ", agreement.agreement(), ": ", words));
  }
  for (const v1::BreakGlassNotice& notice : agreement.break_glass()) {
    out.Say(absl::StrCat(
        "note: ", agreement.agreement(), ": ", NoticeInWords(notice),
        "; more: entente agreement break-glass list ", agreement.agreement()));
  }
  if (agreement.held_batches() == 0) return;
  std::vector<std::string> because(agreement.held_because().begin(),
                                   agreement.held_because().end());
  if (agreement.ended_grant_batches() > 0) {
    because.push_back(
        absl::StrCat("GRANT_OVER: ", agreement.ended_grant_batches()));
  }
  out.Say(absl::StrCat("note: ", agreement.agreement(), ": ",
                       agreement.held_batches(),
                       " batches for you are kept and not delivered (",
                       absl::StrJoin(because, ", "), ")"));
}

// The agency's bundle in force, as the broker has it. NotFound if it has none.
absl::StatusOr<certs::KeyBundle> OwnBundle(const Connected& connected) {
  v1::GetKeyBundleRequest request;
  request.set_agency(connected.profile.settings().agency);
  const auto response = Call(connected.link->directory(),
                             &v1::Directory::Stub::GetKeyBundle, request);
  if (!response.ok()) return response.status();
  const auto envelope = crypto::ParseEnvelope(response->envelope());
  if (!envelope.ok()) return envelope.status();
  return certs::ParseKeyBundle(envelope->payload);
}

void AddReviews(const v1::AgreementSummary& agreement,
                std::vector<Term>* terms) {
  for (const v1::ReviewDue& review : agreement.reviews()) {
    Term term = {
        review.clause() == "valid.review_by" ? "REVIEW_DUE"
                                             : "ASSESSMENT_REVIEW_DUE",
        absl::StrCat(agreement.agreement(), ": ", review.what()),
        absl::FromUnixSeconds(review.overdue_time().seconds()),
        absl::StrCat("carry it out, and agree a version with a later day: "
                     "entente agreement amend ",
                     agreement.agreement(), " FILE")};
    term.warn_days = kReviewWarnDays;
    term.ended = "is overdue, which suspends the agreement";
    term.ends = "is overdue";
    term.after = "the agreement is suspended then";
    terms->push_back(std::move(term));
  }
}

// What of this profile, and of what the broker says, will run out.
std::vector<Term> TermsOf(const Connected& connected,
                          const v1::GetStatusResponse& response,
                          const std::optional<certs::Certificate>& broker) {
  const ProfileSettings& settings = connected.profile.settings();
  std::vector<Term> terms = {
      {"CERTIFICATE_EXPIRES", "this profile's certificate",
       connected.link->chain().front().NotAfter(),
       "have one issued, then: entente profile renew --certificate FILE --key "
       "FILE"}};
  if (broker.has_value()) {
    terms.push_back({"BROKER_CERTIFICATE_EXPIRES", "the broker's certificate",
                     broker->NotAfter(),
                     "its operator replaces certificate and key; see the run "
                     "book"});
  }
  if (settings.role == ProfileRole::kOperator) return terms;
  if (const auto bundle = OwnBundle(connected); bundle.ok()) {
    terms.push_back({"BUNDLE_EXPIRES",
                     absl::StrCat("the key bundle of ", settings.agency),
                     bundle->not_after,
                     "with the system's profile: entente keys request --new "
                     "--out FILE; then a signatory: entente keys publish "
                     "FILE"});
  }
  for (const v1::AgreementSummary& agreement : response.agreements()) {
    if (agreement.state() == "active" || agreement.state() == "suspended") {
      AddReviews(agreement, &terms);
    }
    if (agreement.state() != "active") continue;
    terms.push_back({"AGREEMENT_ENDS",
                     absl::StrCat("the agreement ", agreement.agreement()),
                     absl::FromUnixSeconds(agreement.until_time().seconds()),
                     "propose its next version, and have all sign it: entente "
                     "agreement propose FILE"});
  }
  return terms;
}

absl::Status Status(Session& session) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const ProfileSettings& settings = connected->profile.settings();
  grpc::ClientContext context;
  const auto response =
      CallIn(&context, connected->link->directory(),
             &v1::Directory::Stub::GetStatus, v1::GetStatusRequest());
  if (!response.ok()) return response.status();
  const bool matches = response->broker() == settings.broker_name &&
                       crypto::AsBytes(response->ledger_key()) ==
                           absl::MakeConstSpan(settings.ledger_key);
  const absl::Duration left =
      connected->link->chain().front().NotAfter() - absl::Now();
  const std::vector<Warning> warnings = WarningsOf(
      TermsOf(*connected, *response, BrokerCertificate(context)), absl::Now());
  std::vector<Value> warned;
  for (const Warning& warning : warnings)
    warned.emplace_back(ToRecord(warning));
  std::vector<Value> agreements;
  for (const v1::AgreementSummary& agreement : response->agreements()) {
    agreements.emplace_back(Describe(agreement));
  }
  session.out().Print({{"broker", response->broker()},
                       {"version", response->version()},
                       {"broker_time", TimeText(response->broker_time())},
                       {"caller", response->caller()},
                       {"ledger_key_matches", matches},
                       {"certificate_days", absl::ToInt64Hours(left) / 24},
                       {"broker_ledger_size", response->broker_ledger_size()},
                       {"warnings", std::move(warned)},
                       {"agreements", std::move(agreements)}});
  for (const Warning& warning : warnings) {
    session.out().Say(
        absl::StrCat("warning: ", warning.what, "; next: ", warning.next));
  }
  for (const v1::AgreementSummary& agreement : response->agreements()) {
    SayWhatStands(agreement, session.out());
  }
  if (matches) return absl::OkStatus();
  return VerificationError(
      "the broker is not the one of this profile",
      "its name or its ledger key is another than the profile's");
}

}  // namespace

void RegisterStatusCommand(Command& root) {
  root.Sub("status", "Whether the broker answers, and what waits for you",
           "entente status")
      .Does(Effect::kReads, Prints::kOne, Status);
}

}  // namespace entente::client
