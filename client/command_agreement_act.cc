#include "client/command_agreement_act.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "certs/agreement_act.h"
#include "client/connected.h"
#include "client/rpc/receipts.h"
#include "client/verified_document.h"
#include "policy/legal_acts.h"

namespace entente::client {
namespace {

using certs::ActKind;

constexpr uint64_t kMaxNoticeDays = 365;
// Stands for the notice that the agreement asks for.
constexpr uint64_t kAgreedNotice = kMaxNoticeDays + 1;

constexpr absl::string_view kReasonHelp =
    "Why, in one line of 2 to 300 bytes; it goes into the ledger: name no "
    "person";

struct ActOptions {
  std::string agreement;
  std::string reason;
  bool sending = false;
  uint64_t notice_days = kAgreedNotice;
  std::string confirmed;  // the agreement's id, in place of the question
};

policy::EntryKind EntryOfAct(ActKind kind) {
  switch (kind) {
    case ActKind::kSuspend:
    case ActKind::kSuspendSending:
      return policy::EntryKind::kAgreementSuspended;
    case ActKind::kResume:
      return policy::EntryKind::kAgreementResumed;
    case ActKind::kWithdraw:
      break;
  }
  return policy::EntryKind::kAgreementWithdrawn;
}

// What the broker answered to any of the three.
struct ActAnswer {
  std::string state;
  v1::Receipt receipt;
};

template <typename Request, typename Response>
absl::StatusOr<ActAnswer> CallWith(
    const Connected& connected, const std::string& agreement,
    const std::string& envelope,
    grpc::Status (v1::Agreements::Stub::*method)(grpc::ClientContext*,
                                                 const Request&, Response*)) {
  Request request;
  request.set_agreement(agreement);
  request.set_envelope(envelope);
  const auto response = Call(connected.link->agreements(), method, request);
  if (!response.ok()) return response.status();
  return ActAnswer{response->state(), response->receipt()};
}

absl::StatusOr<ActAnswer> SendAct(const Connected& connected,
                                  const certs::AgreementAct& act,
                                  const std::string& envelope) {
  using Stub = v1::Agreements::Stub;
  switch (act.kind) {
    case ActKind::kSuspend:
    case ActKind::kSuspendSending:
      return CallWith(connected, act.agreement, envelope,
                      &Stub::SuspendAgreement);
    case ActKind::kResume:
      return CallWith(connected, act.agreement, envelope,
                      &Stub::ResumeAgreement);
    case ActKind::kWithdraw:
      break;
  }
  return CallWith(connected, act.agreement, envelope, &Stub::WithdrawAgreement);
}

// Signs `act`, sends it, and prints what the ledger says of it.
absl::Status Perform(Session& session, const Connected& connected,
                     certs::AgreementAct act) {
  act.signed_at =
      absl::FromUnixMillis(absl::ToUnixMillis(connected.link->Now()));
  const absl::StatusOr<std::string> payload = certs::PrintAgreementAct(act);
  if (!payload.ok()) {
    return UsageError(absl::StrCat("--reason: ", payload.status().message()),
                      kReasonHelp);
  }
  const auto envelope =
      SignAs(connected, certs::kAgreementActType, crypto::AsBytes(*payload));
  if (!envelope.ok()) return envelope.status();
  const auto answer = SendAct(connected, act, crypto::PrintEnvelope(*envelope));
  if (!answer.ok()) return answer.status();
  const auto receipt = VerifyReceipt(connected.profile, act.agreement,
                                     answer->receipt, EntryOfAct(act.kind));
  if (!receipt.ok()) return receipt.status();
  const std::string digest =
      crypto::ToHex(certs::AgreementActDigest(crypto::AsBytes(*payload)));
  if (receipt->entry.agreement != act.agreement ||
      receipt->entry.subject != digest) {
    return VerificationError(
        "the broker recorded something else",
        absl::StrCat("entry ", receipt->index, " is not of what was signed"));
  }
  Record record = {{"agreement", act.agreement},
                   {"act", certs::ActName(act.kind)},
                   {"agency", act.agency},
                   {"reason", act.reason},
                   {"state", answer->state}};
  if (act.kind == ActKind::kWithdraw) {
    record.emplace_back("notice_days", int64_t{act.notice_days});
    record.emplace_back("notice_until",
                        receipt->entry.detail.count("notice_until") == 0
                            ? std::string()
                            : receipt->entry.detail.at("notice_until"));
  }
  record.emplace_back("digest", digest);
  record.emplace_back("ledger", answer->receipt.ledger());
  record.emplace_back("entry", receipt->index);
  session.out().Print(record);
  return absl::OkStatus();
}

// The act of the profile's agency on what `document` says.
certs::AgreementAct Draft(const Connected& connected,
                          const VerifiedDocument& document, ActKind kind,
                          const ActOptions& options) {
  certs::AgreementAct act;
  act.kind = kind;
  act.agreement = document.agreement().id;
  act.version = document.version();
  act.digest = document.digest;
  act.agency = connected.profile.settings().agency;
  act.reason = options.reason;
  return act;
}

// `north-police may now: suspend, withdraw`, by what was verified of the
// version; that it ended or was superseded is the broker's word.
std::string LegalIn(const VerifiedDocument& document, const std::string& agency,
                    absl::Time now) {
  policy::AgreementRecord record = RecordOf(document);
  const std::string state = StateOf(document, now);
  record.terminated = state == "ended" || state == "superseded";
  return policy::LegalActsInWords(record, agency, now);
}

// The version by which the profile's agency acts, as the broker has it.
absl::StatusOr<VerifiedDocument> Governing(const Connected& connected,
                                           const std::string& agreement) {
  return FetchDocument(*connected.link, connected.profile,
                       connected.knowledge(), agreement, 0);
}

absl::Status Suspend(Session& session, const ActOptions& options) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto document = Governing(*connected, options.agreement);
  if (!document.ok()) return document.status();
  return Perform(
      session, *connected,
      Draft(*connected, *document,
            options.sending ? ActKind::kSuspendSending : ActKind::kSuspend,
            options));
}

absl::Status Resume(Session& session, const ActOptions& options) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto document = Governing(*connected, options.agreement);
  if (!document.ok()) return document.status();
  const ActKind kind =
      options.sending ? ActKind::kSuspendSending : ActKind::kSuspend;
  certs::AgreementAct act =
      Draft(*connected, *document, ActKind::kResume, options);
  std::vector<std::string> others;
  for (const VerifiedAct& standing : document->acts) {
    if (standing.act.kind != kind) continue;
    if (standing.act.agency == act.agency) act.lifts = standing.digest;
    others.push_back(InWords(standing));
  }
  if (act.lifts.empty()) {
    const absl::Time now = connected->link->Now();
    return ToStatus(
        {.what = absl::StrCat(act.agency, " has suspended nothing here that ",
                              "could be resumed"),
         .why = absl::StrCat(
             others.empty()
                 ? absl::StrCat("the agreement is ", StateOf(*document, now))
                 : absl::StrCat(absl::StrJoin(others, "; "),
                                "; whoever suspended it resumes it"),
             "; ", LegalIn(*document, act.agency, now)),
         .next = absl::StrCat("entente agreement show ", options.agreement),
         .code = "NOTHING_TO_RESUME",
         .exit = ExitCode::kRefused});
  }
  return Perform(session, *connected, std::move(act));
}

absl::Status Withdraw(Session& session, const ActOptions& options) {
  if (!options.confirmed.empty() && options.confirmed != options.agreement) {
    return UsageError("--confirm: names another agreement",
                      "repeat the agreement's id");
  }
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto document = Governing(*connected, options.agreement);
  if (!document.ok()) return document.status();
  certs::AgreementAct act =
      Draft(*connected, *document, ActKind::kWithdraw, options);
  act.notice_days = static_cast<uint32_t>(
      options.notice_days == kAgreedNotice
          ? uint64_t(document->agreement().governance.notice_days)
          : options.notice_days);
  if (options.confirmed.empty()) {
    const absl::Status confirmed = session.Confirm(
        absl::StrCat(act.agency, " leaves ", options.agreement,
                     " at once: what it sends and receives under it stops, "
                     "and nothing but a new version that it signs brings it "
                     "back; if no two parties are left, the agreement ends "
                     "for good. Type its id to go on:"),
        options.agreement,
        absl::StrCat("entente agreement withdraw ", options.agreement,
                     " --reason TEXT --confirm ", options.agreement));
    if (!confirmed.ok()) return confirmed;
  }
  return Perform(session, *connected, std::move(act));
}

}  // namespace

void RegisterAgreementSuspend(Command& agreement) {
  auto options = std::make_shared<ActOptions>();
  ActOptions* o = options.get();
  agreement
      .Sub("suspend", "Stops an agreement at once; only your agency resumes it",
           "entente agreement suspend isa-burglary-2026 --reason \"Queries "
           "that nobody can explain\"")
      .Positional("ID", "The agreement", &o->agreement)
      .Required("--reason", "TEXT", kReasonHelp, &o->reason)
      .Flag("--sending", "Only what your own agency sends", &o->sending)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return Suspend(session, *options); });
}

void RegisterAgreementResume(Command& agreement) {
  auto options = std::make_shared<ActOptions>();
  ActOptions* o = options.get();
  agreement
      .Sub("resume", "Lifts a suspension that your agency imposed",
           "entente agreement resume isa-burglary-2026 --reason \"The queries "
           "are explained\"")
      .Positional("ID", "The agreement", &o->agreement)
      .Required("--reason", "TEXT", kReasonHelp, &o->reason)
      .Flag("--sending", "That of your own sending", &o->sending)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return Resume(session, *options); });
}

void RegisterAgreementWithdraw(Command& agreement) {
  auto options = std::make_shared<ActOptions>();
  ActOptions* o = options.get();
  agreement
      .Sub("withdraw", "Takes your agency out of an agreement, at once",
           "entente agreement withdraw isa-burglary-2026 --reason \"The "
           "project has ended\"")
      .Positional("ID", "The agreement", &o->agreement)
      .Required("--reason", "TEXT", kReasonHelp, &o->reason)
      .Number("--notice", "DAYS",
              "The notice to put on record; what the agreement says if not "
              "said. Nobody waits for it",
              &o->notice_days, 0, kMaxNoticeDays)
      .Option("--confirm", "ID",
              "Withdraw without a question: the agreement's id once more",
              &o->confirmed)
      .Does(Effect::kMutates, Prints::kOne, [options](Session& session) {
        return Withdraw(session, *options);
      });
}

}  // namespace entente::client
