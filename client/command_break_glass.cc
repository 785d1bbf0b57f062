#include "client/command_break_glass.h"

#include <sodium.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "certs/break_glass_act.h"
#include "client/connected.h"
#include "client/rpc/receipts.h"
#include "client/verified_document.h"
#include "client/verified_grant.h"

namespace entente::client {
namespace {

using certs::GlassActKind;

constexpr absl::string_view kWhyHelp =
    "Why, in one line of 2 to 300 bytes; it goes into the ledger: name no "
    "person";
constexpr absl::string_view kGrantHelp =
    "The grant: its first 8 or more digits";

struct GlassOptions {
  std::string agreement;
  std::string grant;
  std::string words;
  std::string flow;
  std::string from;
  std::string to;
  std::string purpose;
  std::string case_reference;
  std::vector<std::string> fields;
  uint64_t minutes = certs::kMaxGlassMinutes;
  bool drill = false;
};

struct GlassAnswer {
  v1::BreakGlassNotice notice;
  v1::Receipt receipt;
};

template <typename Request, typename Response>
absl::StatusOr<GlassAnswer> CallGlass(
    const Connected& connected, const std::string& agreement,
    const std::string& envelope,
    grpc::Status (v1::BreakGlass::Stub::*method)(grpc::ClientContext*,
                                                 const Request&, Response*)) {
  Request request;
  request.set_agreement(agreement);
  request.set_envelope(envelope);
  const auto response = Call(connected.link->break_glass(), method, request);
  if (!response.ok()) return response.status();
  return GlassAnswer{response->notice(), response->receipt()};
}

absl::StatusOr<GlassAnswer> SendGlassAct(const Connected& connected,
                                         const certs::BreakGlassAct& act,
                                         const std::string& envelope) {
  using Stub = v1::BreakGlass::Stub;
  switch (act.kind) {
    case GlassActKind::kAsk:
      return CallGlass(connected, act.agreement, envelope,
                       &Stub::AskBreakGlass);
    case GlassActKind::kApprove:
      return CallGlass(connected, act.agreement, envelope,
                       &Stub::ApproveBreakGlass);
    case GlassActKind::kClose:
      return CallGlass(connected, act.agreement, envelope,
                       &Stub::CloseBreakGlass);
    case GlassActKind::kReport:
      break;
  }
  return CallGlass(connected, act.agreement, envelope, &Stub::ReportBreakGlass);
}

// Signs `act`, sends it, and prints what the ledger says of it.
absl::Status PerformGlass(Session& session, const Connected& connected,
                          certs::BreakGlassAct act) {
  act.signed_at =
      absl::FromUnixMillis(absl::ToUnixMillis(connected.link->Now()));
  const absl::StatusOr<std::string> payload = certs::PrintBreakGlassAct(act);
  if (!payload.ok()) return UsageError(payload.status().message(), kWhyHelp);
  const auto envelope =
      SignAs(connected, certs::kBreakGlassActType, crypto::AsBytes(*payload));
  if (!envelope.ok()) return envelope.status();
  const auto answer =
      SendGlassAct(connected, act, crypto::PrintEnvelope(*envelope));
  if (!answer.ok()) return answer.status();
  const auto receipt =
      VerifyReceipt(connected.profile, act.agreement, answer->receipt,
                    EntryOfGrantAct(act.kind));
  if (!receipt.ok()) return receipt.status();
  const std::string digest =
      crypto::ToHex(certs::BreakGlassActDigest(crypto::AsBytes(*payload)));
  if (receipt->entry.agreement != act.agreement ||
      receipt->entry.subject != digest) {
    return VerificationError(
        "the broker recorded something else",
        absl::StrCat("entry ", receipt->index, " is not of what was signed"));
  }
  Record record = {{"agreement", act.agreement},
                   {"act", certs::GlassActName(act.kind)},
                   {"agency", act.agency}};
  for (auto& [name, value] : ToRecord(answer->notice)) {
    record.emplace_back(name, std::move(value));
  }
  record.emplace_back("digest", digest);
  record.emplace_back("ledger", answer->receipt.ledger());
  record.emplace_back("entry", receipt->index);
  session.out().Print(record);
  return absl::OkStatus();
}

certs::BreakGlassAct DraftGlass(const Connected& connected,
                                const VerifiedDocument& document,
                                GlassActKind kind,
                                const GlassOptions& options) {
  certs::BreakGlassAct act;
  act.kind = kind;
  act.agreement = document.agreement().id;
  act.version = document.version();
  act.digest = document.digest;
  act.agency = connected.profile.settings().agency;
  act.words = options.words;
  return act;
}

absl::Status NotListed(const policy::Failure& failure) {
  return ToStatus({.what = "the agreement does not allow this in an emergency",
                   .why = absl::StrCat(failure.clause, ": ", failure.detail),
                   .next = failure.Remedy(),
                   .code = failure.Code(),
                   .exit = ExitCode::kRefused});
}

// The one of `of` that is meant if none is named; empty if that is not clear.
std::string OnlyOf(const std::vector<std::string>& of,
                   const std::string& except) {
  std::vector<std::string> left = of;
  left.erase(std::remove(left.begin(), left.end(), except), left.end());
  return left.size() == 1 ? left.front() : "";
}

// Fills in what the document leaves no choice about.
absl::Status FillAsk(const policy::Agreement& document,
                     const GlassOptions& options, certs::BreakGlassAct* act) {
  act->flow = options.flow;
  act->sender = options.from;
  act->recipient = options.to;
  act->purpose = options.purpose;
  act->case_reference = options.case_reference;
  act->fields = options.fields;
  act->drill = options.drill;
  act->minutes = static_cast<uint32_t>(options.minutes);
  for (const policy::Flow& flow : document.flows) {
    if (flow.id != options.flow) continue;
    if (act->sender.empty()) act->sender = OnlyOf(flow.from, act->recipient);
    if (act->recipient.empty()) act->recipient = OnlyOf(flow.to, act->sender);
    if (act->purpose.empty()) act->purpose = OnlyOf(flow.purposes, "");
    if (!document.break_glass.has_value() || !act->fields.empty()) break;
    const auto listed = document.break_glass->fields.find(flow.dataset);
    if (listed != document.break_glass->fields.end()) {
      act->fields = listed->second;
    }
  }
  std::sort(act->fields.begin(), act->fields.end());
  act->fields.erase(std::unique(act->fields.begin(), act->fields.end()),
                    act->fields.end());
  policy::Grant grant;
  grant.flow = act->flow;
  grant.sender = act->sender;
  grant.recipient = act->recipient;
  grant.purpose = act->purpose;
  grant.fields = act->fields;
  const auto unlisted = policy::CheckGrant(document, grant, act->minutes);
  return unlisted.empty() ? absl::OkStatus() : NotListed(unlisted.front());
}

absl::Status AskGlass(Session& session, const GlassOptions& options) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto document =
      FetchDocument(*connected->link, connected->profile,
                    connected->knowledge(), options.agreement, 0);
  if (!document.ok()) return document.status();
  certs::BreakGlassAct act =
      DraftGlass(*connected, *document, GlassActKind::kAsk, options);
  if (absl::Status filled = FillAsk(document->agreement(), options, &act);
      !filled.ok()) {
    return filled;
  }
  crypto::Hash nonce;
  randombytes_buf(nonce.data(), nonce.size());
  act.nonce = crypto::ToHex(nonce);
  return PerformGlass(session, *connected, std::move(act));
}

// The document of each version, verified once.
class Documents {
 public:
  Documents(const Connected* connected, const std::string& agreement)
      : connected_(*connected), agreement_(agreement) {}

  absl::StatusOr<const VerifiedDocument*> Get(uint32_t version) {
    const auto known = documents_.find(version);
    if (known != documents_.end()) return &known->second;
    auto document = FetchDocument(*connected_.link, connected_.profile,
                                  connected_.knowledge(), agreement_, version);
    if (!document.ok()) return document.status();
    return &documents_.emplace(version, *std::move(document)).first->second;
  }

 private:
  const Connected& connected_;
  const std::string agreement_;
  std::map<uint32_t, VerifiedDocument> documents_;
};

absl::StatusOr<VerifiedGrant> VerifyServed(const Connected& connected,
                                           Documents* documents,
                                           const v1::ServedGrant& served) {
  const auto version = VersionAsked(served);
  if (!version.ok()) return version.status();
  const auto document = documents->Get(*version);
  if (!document.ok()) return document.status();
  return VerifyGrant(*connected.link, connected.profile, connected.knowledge(),
                     (*document)->agreement(), (*document)->digest, served);
}

// Whoever approves sees what they sign for.
void SayWhatIsAsked(Session& session, const VerifiedGrant& grant) {
  const certs::BreakGlassAct& asked = grant.acts.front().act;
  session.out().Say(
      absl::StrCat(asked.drill ? "a drill: " : "", asked.agency, " asks for ",
                   absl::StrJoin(asked.fields, ", "), " in the flow ",
                   asked.flow, ", from ", asked.sender, " to ", asked.recipient,
                   " for ", asked.purpose, ", case ", asked.case_reference,
                   ", for ", asked.minutes, " minutes: ", asked.words));
}

// Signs an act on a grant that was verified before.
absl::Status ActOnGrant(Session& session, GlassActKind kind,
                        const GlassOptions& options) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto id = FindGrant(*connected->link, options.agreement, options.grant);
  if (!id.ok()) return id.status();
  const auto served = FetchServed(*connected->link, options.agreement, *id);
  if (!served.ok()) return served.status();
  Documents documents(&*connected, options.agreement);
  const auto grant = VerifyServed(*connected, &documents, *served);
  if (!grant.ok()) return grant.status();
  if (grant->grant.id != *id) {
    return VerificationError("a break-glass grant cannot be read",
                             "the broker sent another one");
  }
  const auto document =
      documents.Get(static_cast<uint32_t>(grant->grant.version));
  if (!document.ok()) return document.status();
  if (kind == GlassActKind::kApprove) SayWhatIsAsked(session, *grant);
  certs::BreakGlassAct act = DraftGlass(*connected, **document, kind, options);
  act.grant = *id;
  return PerformGlass(session, *connected, std::move(act));
}

absl::Status ListGlass(Session& session, const GlassOptions& options) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto served = ServedGrants(*connected->link, options.agreement);
  if (!served.ok()) return served.status();
  Documents documents(&*connected, options.agreement);
  std::vector<Record> rows;
  for (const v1::ServedGrant& one : *served) {
    const auto grant = VerifyServed(*connected, &documents, one);
    if (!grant.ok()) return grant.status();
    rows.push_back(ToRecord(*grant, connected->link->Now()));
  }
  session.out().PrintList(
      "grants",
      {"grant",     "state",      "mode",       "version",        "flow",
       "sender",    "recipient",  "purpose",    "case_reference", "fields",
       "minutes",   "asked_by",   "reason",     "asked",          "approved_by",
       "open_from", "open_until", "report_due", "reported_by",    "report"},
      rows);
  return absl::OkStatus();
}

void RegisterGlassAsk(Command& group) {
  auto options = std::make_shared<GlassOptions>();
  GlassOptions* o = options.get();
  group
      .Sub("ask", "Asks for a grant, which another party must approve",
           "entente agreement break-glass ask isa-burglary-2026 --flow persons "
           "--case OP-LANTERN/0142 --reason \"A child is missing\"")
      .Positional("ID", "The agreement", &o->agreement)
      .Required("--flow", "ID", "In which flow", &o->flow)
      .Required("--case", "REF", "The one case that it is for",
                &o->case_reference)
      .Required("--reason", "TEXT", kWhyHelp, &o->words)
      .Option("--from", "AGENCY", "Who sends, if the flow leaves a choice",
              &o->from)
      .Option("--to", "AGENCY", "Who receives, if the flow leaves a choice",
              &o->to)
      .Option("--purpose", "ID", "For which purpose, if the flow has several",
              &o->purpose)
      .Repeated("--field", "NAME",
                "Which field; all that the agreement lists if none is said",
                &o->fields)
      .Number("--minutes", "N",
              "For how long from its approval; the agreement may allow less",
              &o->minutes, 1, certs::kMaxGlassMinutes)
      .Flag("--drill", "Everything but release: a rehearsal", &o->drill)
      .Does(Effect::kMutates, Prints::kOne, [options](Session& session) {
        return AskGlass(session, *options);
      });
}

void RegisterGlassAct(Command& group, GlassActKind kind, absl::string_view help,
                      absl::string_view example, absl::string_view option,
                      absl::string_view words) {
  auto options = std::make_shared<GlassOptions>();
  GlassOptions* o = options.get();
  Command command = group.Sub(certs::GlassActName(kind), help, example);
  command.Positional("ID", "The agreement", &o->agreement)
      .Positional("GRANT", kGrantHelp, &o->grant);
  if (kind == GlassActKind::kApprove) {
    command.Option(option, "TEXT", words, &o->words);
  } else {
    command.Required(option, "TEXT", words, &o->words);
  }
  command.Does(Effect::kMutates, Prints::kOne,
               [options, kind](Session& session) {
                 return ActOnGrant(session, kind, *options);
               });
}

void RegisterGlassList(Command& group) {
  auto options = std::make_shared<GlassOptions>();
  GlassOptions* o = options.get();
  group
      .Sub("list", "Every grant, verified here, with who asked and approved",
           "entente agreement break-glass list isa-burglary-2026")
      .Positional("ID", "The agreement", &o->agreement)
      .Does(Effect::kReads, Prints::kList, [options](Session& session) {
        return ListGlass(session, *options);
      });
}

}  // namespace

void RegisterBreakGlassCommands(Command& agreement) {
  Command group =
      agreement.Sub("break-glass", "What an emergency opens, on two signatures",
                    "entente agreement break-glass list isa-burglary-2026");
  RegisterGlassAsk(group);
  RegisterGlassAct(group, GlassActKind::kApprove,
                   "Grants what another party asked for, from now on",
                   "entente agreement break-glass approve isa-burglary-2026 "
                   "1f2e3d4c",
                   "--reason", "Why, if there is more to say");
  RegisterGlassAct(group, GlassActKind::kClose,
                   "Ends a grant at once; any party may",
                   "entente agreement break-glass close isa-burglary-2026 "
                   "1f2e3d4c --reason \"The child is found\"",
                   "--reason", kWhyHelp);
  RegisterGlassAct(
      group, GlassActKind::kReport,
      "Says what was done under a grant that has ended",
      "entente agreement break-glass report isa-burglary-2026 1f2e3d4c "
      "--report \"12 records were sent; the child was found at 14:10\"",
      "--report",
      "What was done, in one line of 20 to 2,000 bytes; it goes into the "
      "ledger: name no person");
  RegisterGlassList(group);
}

}  // namespace entente::client
