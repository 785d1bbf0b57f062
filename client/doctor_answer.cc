#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/doctor.h"
#include "client/expiry.h"
#include "crypto/encoding.h"
#include "crypto/hex.h"

namespace entente::client {
namespace {

// How the caller's operator finds the cause, since brokers tell no stranger.
std::string AskOperator(const OwnFiles& files) {
  const certs::Certificate& leaf = files.chain.front();
  const std::string root =
      files.root.has_value() ? files.root->SpkiSha256() : "root.pem's key";
  const std::string agency = files.settings->agency;
  std::string steps;
  if (!agency.empty()) {
    absl::StrAppend(&steps, "ask the operator for `entente agency show ",
                    agency,
                    "`: if it is not there, he must add the agency; its root "
                    "must be ",
                    root, "\n");
  }
  absl::StrAppend(
      &steps,
      "ask for the broker's log: the line handshake_refused of this "
      "minute says why\nif it says revoked, have a new certificate "
      "issued with a new key; this one's fingerprint is ",
      leaf.Fingerprint());
  return steps;
}

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds());
}

std::string Difference(absl::Duration by) {
  return absl::FormatDuration(absl::Trunc(by, absl::Seconds(1)));
}

}  // namespace

Check ExplainHangUp(const OwnFiles& files, const TlsFinding& finding) {
  if (finding.outcome == TlsOutcome::kSilent) {
    return Failed(CheckId::kRegistered, ExitCode::kUnavailable, "BROKER_SILENT",
                  "the broker took our certificate and then said nothing",
                  "it may be overloaded: try again in a minute, then call its "
                  "operator");
  }
  return Failed(
      CheckId::kRegistered, ExitCode::kNotAuthenticated, "HUNG_UP",
      absl::StrCat("the broker hung up when it had seen our certificate (",
                   finding.detail,
                   "): the agency is not registered, or with another root, or "
                   "the certificate is revoked, or not in date by the broker's "
                   "clock"),
      AskOperator(files));
}

Check ExplainRefusal(const OwnFiles& files, const absl::Status& refusal) {
  const Failure failure = FromStatus(refusal);
  const std::string why = failure.why.empty()
                              ? failure.what
                              : absl::StrCat(failure.what, ": ", failure.why);
  if (failure.code == "CERTIFICATE_REVOKED") {
    return Failed(
        CheckId::kRegistered, ExitCode::kNotAuthenticated, failure.code,
        "this certificate is revoked, for ever",
        absl::StrCat("find out why (the broker's ledger has the entry: "
                     "entente audit list), then have a new one issued "
                     "with a new key; fingerprint ",
                     files.chain.front().Fingerprint()));
  }
  if (failure.exit == ExitCode::kUnavailable) {
    return Failed(CheckId::kRegistered, ExitCode::kUnavailable, failure.code,
                  why,
                  "the handshake went well and the call did not: a proxy may "
                  "stand in between (unset https_proxy and grpc_proxy), or the "
                  "broker is stopping or cannot write; try again in a minute, "
                  "then call its operator");
  }
  return Failed(
      CheckId::kRegistered,
      failure.exit == ExitCode::kOk ? ExitCode::kFailed : failure.exit,
      failure.code, why,
      failure.next.empty() ? AskOperator(files) : failure.next);
}

Check ExamineCaller(const OwnFiles& files, const StatusAnswer& answer) {
  const auto identity = files.chain.front().Identity();
  if (identity.ok() && answer.response.caller() == identity->ToUri()) {
    return Passed(CheckId::kRegistered,
                  absl::StrCat("it knows us as ", answer.response.caller()));
  }
  return Failed(
      CheckId::kRegistered, ExitCode::kNotAuthenticated, "OTHER_CALLER",
      absl::StrCat("the broker takes us for ", answer.response.caller()),
      "a proxy in between shows its own certificate: ask who runs the "
      "network to pass TLS through untouched");
}

Check ExaminePin(const OwnFiles& files, const StatusAnswer& answer) {
  const ProfileSettings& settings = *files.settings;
  const bool named = answer.response.broker() == settings.broker_name;
  if (named && crypto::AsBytes(answer.response.ledger_key()) ==
                   absl::MakeConstSpan(settings.ledger_key)) {
    return Passed(CheckId::kBroker,
                  absl::StrCat(settings.broker_name,
                               ", with the root and the ledger key of the "
                               "profile; version ",
                               answer.response.version()));
  }
  return Failed(
      CheckId::kBroker, ExitCode::kVerificationFailed,
      named ? "WRONG_LEDGER_KEY" : "WRONG_BROKER_NAME",
      named
          ? absl::StrCat(
                "its ledger key is ",
                crypto::ToBase64(crypto::AsBytes(answer.response.ledger_key())),
                ", the profile pins ", crypto::ToBase64(settings.ledger_key))
          : absl::StrCat("it calls itself ", answer.response.broker(),
                         ", the profile says ", settings.broker_name),
      "do not go on: ask the operator by telephone, and compare with the key "
      "that stands in your signed agreements\nif the profile is wrong, correct "
      "broker_ledger_key in profile.yaml; if the broker is, tell the overseer");
}

Check ExamineClock(const StatusAnswer& answer) {
  const absl::Time broker = TimeOf(answer.response.broker_time());
  // The answer carries whole seconds: up to one is lost.
  const absl::Duration ahead = answer.asked - (broker + absl::Seconds(1));
  const absl::Duration behind = broker - answer.answered;
  if (ahead <= kMaxClockDifference && behind <= kMaxClockDifference) {
    return Passed(CheckId::kClock, "they agree to a minute");
  }
  const bool is_ahead = ahead > behind;
  return Failed(
      CheckId::kClock, ExitCode::kFailed,
      is_ahead ? "CLOCK_AHEAD" : "CLOCK_BEHIND",
      absl::StrCat("this machine's clock is ",
                   Difference(is_ahead ? ahead : behind),
                   is_ahead ? " ahead of" : " behind", " the broker's (",
                   InstantText(broker), ")"),
      "compare both with a third clock (date -u)\nif this one is wrong: "
      "timedatectl set-ntp true; if the broker's is, call its operator");
}

Check ExamineAgreements(const OwnFiles& files, const StatusAnswer& answer) {
  if (files.settings->role == ProfileRole::kOperator) {
    return Passed(CheckId::kAgreements, "an operator is party to none");
  }
  if (answer.response.agreements().empty()) {
    return Passed(
        CheckId::kAgreements,
        absl::StrCat("no agreement names ", files.settings->agency, " yet"));
  }
  std::vector<Term> terms;
  std::vector<std::string> active;
  std::vector<std::string> others;
  for (const v1::AgreementSummary& one : answer.response.agreements()) {
    if (one.state() != "active") {
      others.push_back(absl::StrCat(one.agreement(), " is ", one.state()));
      continue;
    }
    active.push_back(one.agreement());
    terms.push_back({"AGREEMENT_ENDS",
                     absl::StrCat("the agreement ", one.agreement()),
                     TimeOf(one.until_time()),
                     "propose its next version, and have all sign it: entente "
                     "agreement propose FILE"});
  }
  if (active.empty()) {
    return Failed(
        CheckId::kAgreements, ExitCode::kRefused, "NONE_ACTIVE",
        absl::StrJoin(others, ", "),
        "proposed: see who has not signed (entente agreement show ID)\nsigned: "
        "it waits for its start, or for an agency's keys (entente keys "
        "request)\nsuspended: see who did it, and why (entente agreement show "
        "ID)\nexpired: propose its next version");
  }
  Check check = Passed(
      CheckId::kAgreements,
      absl::StrCat(absl::StrJoin(active, ", "), " in force",
                   others.empty() ? "" : "; ", absl::StrJoin(others, ", ")));
  const std::vector<Warning> warnings = WarningsOf(terms, answer.answered);
  if (!warnings.empty()) {
    check.code = warnings[0].code;
    check.why = absl::StrCat(warnings[0].what, "; ", check.why);
    check.fix = warnings[0].next;
  }
  return check;
}

}  // namespace entente::client
