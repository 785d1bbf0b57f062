#include "client/verified_grant.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/connected.h"
#include "client/error.h"
#include "client/expiry.h"
#include "client/verified_document.h"
#include "crypto/dsse.h"

namespace entente::client {
namespace {

using certs::GlassActKind;
using policy::EntryKind;

constexpr int kGrantsPage = 100;
constexpr size_t kShownDigits = 16;
constexpr size_t kMinPrefixDigits = 8;

absl::Status BadGrant(const policy::Agreement& document,
                      absl::string_view why) {
  return VerificationError(
      absl::StrCat("a break-glass grant under ", document.id,
                   " is not what it claims to be"),
      why);
}

bool HasLineFor(const policy::Agreement& document,
                const certs::Identity& identity) {
  return std::any_of(document.signatories.begin(), document.signatories.end(),
                     [&](const policy::Signatory& line) {
                       return line.party == identity.agency &&
                              line.name == identity.name;
                     });
}

// The signed act in `text`, by a party or an overseer of `document`.
absl::StatusOr<certs::SignedBreakGlassAct> OpenAct(
    const policy::Agreement& document, const std::string& text) {
  const auto envelope = crypto::ParseEnvelope(text);
  if (!envelope.ok()) return envelope.status();
  const auto claimed = certs::ParseBreakGlassAct(envelope->payload);
  if (!claimed.ok()) return claimed.status();
  const auto party = document.parties.find(claimed->agency);
  const bool is_party = party != document.parties.end();
  const auto overseer = document.overseers.find(claimed->agency);
  if (!is_party && overseer == document.overseers.end()) {
    return absl::UnauthenticatedError(
        absl::StrCat(claimed->agency, " is neither party nor overseer"));
  }
  auto act = certs::VerifyBreakGlassAct(
      *envelope, is_party ? party->second.root : overseer->second.root,
      is_party ? certs::GlassSigner::kParty : certs::GlassSigner::kOverseer);
  if (!act.ok()) return act.status();
  const bool permits = act->act.kind == GlassActKind::kAsk ||
                       act->act.kind == GlassActKind::kApprove;
  if (permits && is_party && !HasLineFor(document, act->signer.identity)) {
    return absl::UnauthenticatedError(absl::StrCat(
        act->signer.identity.ToUri(), " has no line in this version"));
  }
  return act;
}

// Everything that one grant's verification works with.
class GrantCheck {
 public:
  GrantCheck(BrokerLink* link, const Profile* profile,
             KnowledgeTable* knowledge, const policy::Agreement* document,
             const std::string& digest)
      : link_(*link),
        profile_(*profile),
        knowledge_(knowledge),
        document_(*document),
        digest_(digest) {}

  absl::Status Add(const v1::GrantAct& served);
  absl::Status Note(const v1::Receipt& receipt);
  absl::StatusOr<VerifiedGrant> Finish();

 private:
  // Whether the act follows those before it.
  absl::Status CheckOrder(const certs::SignedBreakGlassAct& act) const;
  absl::Status CheckApproval(const certs::SignedBreakGlassAct& act) const;
  void Apply(const certs::SignedBreakGlassAct& act, absl::Time recorded);

  BrokerLink& link_;
  const Profile& profile_;
  KnowledgeTable* const knowledge_;
  const policy::Agreement& document_;
  const std::string digest_;
  VerifiedGrant grant_;
};

absl::Status GrantCheck::CheckOrder(
    const certs::SignedBreakGlassAct& act) const {
  const bool first = grant_.acts.empty();
  if (first != (act.act.kind == GlassActKind::kAsk) ||
      (!first && act.act.kind <= grant_.acts.back().act.kind)) {
    return BadGrant(document_, "its acts are out of order");
  }
  if (act.act.agreement != document_.id ||
      int64_t{act.act.version} != document_.version ||
      act.act.digest != digest_) {
    return BadGrant(document_, "it is under another document");
  }
  if (!first && act.act.grant != grant_.grant.id) {
    return BadGrant(document_, "an act is about another grant");
  }
  return absl::OkStatus();
}

absl::Status GrantCheck::CheckApproval(
    const certs::SignedBreakGlassAct& act) const {
  const VerifiedGrantAct& asked = grant_.acts.front();
  if (act.act.agency == asked.act.agency) {
    return BadGrant(document_, "one party signed both times");
  }
  if (act.signer.spki == asked.spki) {
    return BadGrant(document_, "one key signed both times");
  }
  return absl::OkStatus();
}

void GrantCheck::Apply(const certs::SignedBreakGlassAct& signed_act,
                       absl::Time recorded) {
  const certs::BreakGlassAct& act = signed_act.act;
  policy::Grant& grant = grant_.grant;
  switch (act.kind) {
    case GlassActKind::kAsk:
      grant.id = signed_act.digest;
      grant.agreement = act.agreement;
      grant.version = act.version;
      grant.flow = act.flow;
      grant.sender = act.sender;
      grant.recipient = act.recipient;
      grant.purpose = act.purpose;
      grant.case_reference = act.case_reference;
      grant.fields = act.fields;
      grant.drill = act.drill;
      grant_.minutes = act.minutes;
      grant_.life.asked = recorded;
      return;
    case GlassActKind::kApprove:
      grant.from = recorded;
      grant.until = recorded + absl::Minutes(grant_.minutes);
      grant_.approver = act.agency;
      return;
    case GlassActKind::kClose:
      grant_.life.ended = recorded;
      return;
    case GlassActKind::kReport:
      grant_.life.reported = true;
      return;
  }
}

absl::Status GrantCheck::Add(const v1::GrantAct& served) {
  const auto act = OpenAct(document_, served.envelope());
  if (!act.ok()) return BadGrant(document_, act.status().message());
  if (absl::Status order = CheckOrder(*act); !order.ok()) return order;
  if (act->act.kind == GlassActKind::kApprove) {
    if (absl::Status two = CheckApproval(*act); !two.ok()) return two;
  }
  const auto receipt =
      HoldToLedger(link_, profile_, knowledge_, document_.id, served.receipt(),
                   EntryOfGrantAct(act->act.kind));
  if (!receipt.ok()) return receipt.status();
  if (receipt->entry.subject != act->digest) {
    return BadGrant(document_, "an entry is that of another act");
  }
  const absl::Duration apart = receipt->entry.time - act->act.signed_at;
  if (apart > certs::kMaxGlassActAge || apart < -certs::kMaxGlassActAge) {
    return BadGrant(document_, "an act was not recorded when it was signed");
  }
  Apply(*act, receipt->entry.time);
  grant_.acts.push_back({act->act, act->signer.identity.ToUri(),
                         act->signer.spki, receipt->index,
                         receipt->entry.time});
  return absl::OkStatus();
}

absl::Status GrantCheck::Note(const v1::Receipt& receipt) {
  const auto claimed = policy::ParseEntry(receipt.entry());
  if (!claimed.ok()) return BadGrant(document_, claimed.status().message());
  const EntryKind kind = claimed->kind == EntryKind::kBreakGlassOverdue
                             ? EntryKind::kBreakGlassOverdue
                             : EntryKind::kBreakGlassEnded;
  const auto held =
      HoldToLedger(link_, profile_, knowledge_, document_.id, receipt, kind);
  if (!held.ok()) return held.status();
  const auto named = held->entry.detail.find("break_glass");
  if (named == held->entry.detail.end() || named->second != grant_.grant.id) {
    return BadGrant(document_, "an entry is about another grant");
  }
  if (kind == EntryKind::kBreakGlassOverdue) {
    grant_.overdue_noted = true;
  } else {
    grant_.life.ended = std::min(grant_.life.ended, held->entry.time);
  }
  return absl::OkStatus();
}

absl::StatusOr<VerifiedGrant> GrantCheck::Finish() {
  if (grant_.acts.empty()) return BadGrant(document_, "nobody asked for it");
  const auto unlisted =
      policy::CheckGrant(document_, grant_.grant, grant_.minutes);
  if (!unlisted.empty()) {
    return BadGrant(document_,
                    absl::StrCat(unlisted[0].clause, ": ", unlisted[0].detail));
  }
  if (grant_.grant.from != absl::InfiniteFuture()) {
    grant_.grant.until = std::min(grant_.grant.until, grant_.life.ended);
  }
  grant_.life.report_hours = document_.break_glass->report_hours;
  return std::move(grant_);
}

Value InstantOrNull(absl::Time time) {
  return time == absl::InfiniteFuture() ? Value() : Value(InstantText(time));
}

std::string ModeOf(bool drill) { return drill ? "drill" : "release"; }

}  // namespace

EntryKind EntryOfGrantAct(GlassActKind kind) {
  switch (kind) {
    case GlassActKind::kAsk:
      return EntryKind::kBreakGlassAsked;
    case GlassActKind::kApprove:
      return EntryKind::kBreakGlassApproved;
    case GlassActKind::kClose:
      return EntryKind::kBreakGlassEnded;
    case GlassActKind::kReport:
      break;
  }
  return EntryKind::kBreakGlassReported;
}

absl::StatusOr<VerifiedGrant> VerifyGrant(BrokerLink& link,
                                          const Profile& profile,
                                          KnowledgeTable* knowledge,
                                          const policy::Agreement& document,
                                          const std::string& digest,
                                          const v1::ServedGrant& served) {
  GrantCheck check(&link, &profile, knowledge, &document, digest);
  for (const v1::GrantAct& act : served.acts()) {
    if (absl::Status added = check.Add(act); !added.ok()) return added;
  }
  for (const v1::Receipt& receipt : served.entries()) {
    if (absl::Status noted = check.Note(receipt); !noted.ok()) return noted;
  }
  return check.Finish();
}

absl::StatusOr<v1::ServedGrant> FetchServed(BrokerLink& link,
                                            const std::string& agreement,
                                            const std::string& id) {
  const auto name = crypto::FromHex(id);
  if (!name.ok()) return name.status();
  v1::ListBreakGlassRequest request;
  request.set_agreement(agreement);
  request.set_grant(name->data(), name->size());
  const auto response =
      Call(link.break_glass(), &v1::BreakGlass::Stub::ListBreakGlass, request);
  if (!response.ok()) return response.status();
  if (response->grants_size() == 1) return response->grants(0);
  return VerificationError("a break-glass grant cannot be read",
                           "the broker sent none, or more than one");
}

absl::StatusOr<uint32_t> VersionAsked(const v1::ServedGrant& served) {
  constexpr absl::string_view kWhat = "a break-glass grant cannot be read";
  if (served.acts().empty()) {
    return VerificationError(kWhat, "nobody asked for it");
  }
  const auto envelope = crypto::ParseEnvelope(served.acts(0).envelope());
  if (!envelope.ok()) {
    return VerificationError(kWhat, envelope.status().message());
  }
  const auto act = certs::ParseBreakGlassAct(envelope->payload);
  if (!act.ok()) return VerificationError(kWhat, act.status().message());
  return act->version;
}

absl::StatusOr<VerifiedGrant> FetchGrant(BrokerLink& link,
                                         const Profile& profile,
                                         KnowledgeTable* knowledge,
                                         const policy::Agreement& document,
                                         const std::string& digest,
                                         const std::string& id) {
  const auto served = FetchServed(link, document.id, id);
  if (!served.ok()) return served.status();
  auto grant = VerifyGrant(link, profile, knowledge, document, digest, *served);
  if (grant.ok() && grant->grant.id != id) {
    return BadGrant(document, "the broker sent another one");
  }
  return grant;
}

absl::StatusOr<std::vector<v1::ServedGrant>> ServedGrants(
    BrokerLink& link, const std::string& agreement) {
  std::vector<v1::ServedGrant> served;
  v1::ListBreakGlassRequest request;
  request.set_agreement(agreement);
  request.set_page_size(kGrantsPage);
  do {
    const auto page = Call(link.break_glass(),
                           &v1::BreakGlass::Stub::ListBreakGlass, request);
    if (!page.ok()) return page.status();
    served.insert(served.end(), page->grants().begin(), page->grants().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return served;
}

absl::StatusOr<std::string> FindGrant(BrokerLink& link,
                                      const std::string& agreement,
                                      const std::string& prefix) {
  constexpr absl::string_view kNext =
      "the grant's first 8 or more digits, as entente agreement break-glass "
      "list shows it";
  if (prefix.size() < kMinPrefixDigits || prefix.size() > 64 ||
      prefix.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return UsageError(absl::StrCat("\"", prefix, "\" names no grant"), kNext);
  }
  if (prefix.size() == 64) return prefix;
  const auto served = ServedGrants(link, agreement);
  if (!served.ok()) return served.status();
  std::vector<std::string> found;
  for (const v1::ServedGrant& one : *served) {
    std::string id = crypto::ToHex(crypto::AsBytes(one.notice().grant()));
    if (absl::StartsWith(id, prefix)) found.push_back(std::move(id));
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    return UsageError(absl::StrCat(found.size(), " grants begin with ", prefix),
                      "give more digits");
  }
  return ToStatus(
      {.what = absl::StrCat(agreement, " has no grant ", prefix),
       .why = "the broker lists none that begins so",
       .next = absl::StrCat("entente agreement break-glass list ", agreement),
       .code = "GRANT_UNKNOWN",
       .exit = ExitCode::kRefused});
}

absl::StatusOr<policy::Grant> GrantToSendUnder(
    BrokerLink& link, const Profile& profile, KnowledgeTable* knowledge,
    const VerifiedAgreement& verified, const std::string& prefix) {
  const auto id = FindGrant(link, verified.id(), prefix);
  if (!id.ok()) return id.status();
  const auto served = FetchServed(link, verified.id(), *id);
  if (!served.ok()) return served.status();
  const auto version = VersionAsked(*served);
  if (!version.ok()) return version.status();
  if (*version != verified.version) {
    return ToStatus(
        {.what = "the grant is under another version than the one in force",
         .why = absl::StrCat("it was asked for under version ", *version,
                             "; version ", verified.version, " is in force"),
         .next = "ask for a new one, which takes two signatures again",
         .code = "GRANT_DIFFERS",
         .exit = ExitCode::kRefused});
  }
  auto grant = FetchGrant(link, profile, knowledge, *verified.agreement,
                          verified.digest, *id);
  if (!grant.ok()) return grant.status();
  return std::move(grant->grant);
}

Record ToRecord(const VerifiedGrant& grant, absl::Time now) {
  const VerifiedGrantAct& asked = grant.acts.front();
  const auto find = [&](GlassActKind kind) {
    return std::find_if(
        grant.acts.begin(), grant.acts.end(),
        [&](const VerifiedGrantAct& one) { return one.act.kind == kind; });
  };
  const auto approved = find(GlassActKind::kApprove);
  const auto reported = find(GlassActKind::kReport);
  const bool is_reported = reported != grant.acts.end();
  return {
      {"grant", grant.grant.id},
      {"state",
       policy::PhaseName(policy::PhaseAt(grant.grant, grant.life, now))},
      {"mode", ModeOf(grant.grant.drill)},
      {"version", grant.grant.version},
      {"flow", grant.grant.flow},
      {"sender", grant.grant.sender},
      {"recipient", grant.grant.recipient},
      {"purpose", grant.grant.purpose},
      {"case_reference", grant.grant.case_reference},
      {"fields", ListOf(grant.grant.fields)},
      {"minutes", int64_t{grant.minutes}},
      {"asked_by", asked.by},
      {"reason", asked.act.words},
      {"asked", InstantText(grant.life.asked)},
      {"approved_by",
       approved == grant.acts.end() ? Value() : Value(approved->by)},
      {"open_from", InstantOrNull(grant.grant.from)},
      {"open_until", InstantOrNull(grant.grant.until)},
      {"report_due", InstantOrNull(policy::ReportDue(grant.grant, grant.life))},
      {"reported_by", is_reported ? Value(reported->by) : Value()},
      {"report", is_reported ? Value(reported->act.words) : Value()}};
}

Record ToRecord(const v1::BreakGlassNotice& notice) {
  return {
      {"grant", crypto::ToHex(crypto::AsBytes(notice.grant()))},
      {"state", notice.state()},
      {"mode", ModeOf(notice.drill())},
      {"asked_by", notice.asked_by()},
      {"approved_by",
       notice.approved_by().empty() ? Value() : Value(notice.approved_by())},
      {"until", notice.has_until_time() ? Value(TimeText(notice.until_time()))
                                        : Value()}};
}

std::string NoticeInWords(const v1::BreakGlassNotice& notice) {
  const std::string until = TimeText(notice.until_time());
  std::string words = absl::StrCat(
      notice.drill() ? "break-glass drill " : "break-glass ",
      crypto::ToHex(crypto::AsBytes(notice.grant())).substr(0, kShownDigits));
  if (notice.state() == "asked") {
    absl::StrAppend(&words, " waits for a second signature until ", until);
  } else if (notice.state() == "open") {
    absl::StrAppend(&words, " is OPEN until ", until);
  } else if (notice.state() == "report_overdue") {
    absl::StrAppend(&words, " has ended; its report is OVERDUE since ", until);
  } else {
    absl::StrAppend(&words, " has ended; its report is due by ", until);
  }
  absl::StrAppend(&words, ": asked for by ", notice.asked_by());
  if (!notice.approved_by().empty()) {
    absl::StrAppend(&words, ", approved by ", notice.approved_by());
  }
  return words;
}

}  // namespace entente::client
