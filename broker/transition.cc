#include "broker/transition.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/rpc/refusal.h"

namespace entente::broker {
namespace {

using certs::ActKind;
using policy::Reason;

constexpr absl::string_view kSuspendWord = "suspend";
constexpr absl::string_view kSuspendSendingWord = "suspend --sending";
constexpr absl::string_view kResumeWord = "resume";
constexpr absl::string_view kResumeSendingWord = "resume --sending";
constexpr absl::string_view kWithdrawWord = "withdraw";

absl::string_view WordOf(ActKind act, ActKind kind) {
  switch (act) {
    case ActKind::kSuspend:
      return kSuspendWord;
    case ActKind::kSuspendSending:
      return kSuspendSendingWord;
    case ActKind::kResume:
      return kind == ActKind::kSuspendSending ? kResumeSendingWord
                                              : kResumeWord;
    case ActKind::kWithdraw:
      break;
  }
  return kWithdrawWord;
}

bool MaySuspendAll(const policy::Agreement& document,
                   const std::string& agency) {
  return document.governance.suspend == policy::SuspendRight::kAnyParty ||
         policy::OwningParty(document) == agency;
}

int64_t NumberOf(const policy::VersionRecord& version) {
  return version.agreement->document().version;
}

// `suspended by west-police`, for people.
std::string StateInWords(const policy::AgreementRecord& record,
                         absl::Time now) {
  const std::string state(
      StateName(record, NumberOf(GoverningVersion(record, now)), now));
  return record.suspended_by.empty() || state != "suspended"
             ? state
             : absl::StrCat(state, " by ",
                            absl::StrJoin(record.suspended_by, ", "));
}

// Whether what `act` wants is so already.
bool IsDone(const policy::AgreementRecord& record,
            const certs::AgreementAct& act, absl::Time now) {
  switch (act.kind) {
    case ActKind::kSuspend:
      return record.suspended_by.count(act.agency) != 0;
    case ActKind::kSuspendSending:
      return record.sending_suspended_by.count(act.agency) != 0;
    case ActKind::kWithdraw:
      return record.HasWithdrawn(act.agency,
                                 NumberOf(GoverningVersion(record, now)));
    case ActKind::kResume:
      break;
  }
  return false;
}

}  // namespace

absl::string_view StateName(const policy::AgreementRecord& record,
                            int64_t version, absl::Time now) {
  const policy::VersionRecord& at = record.versions.at(version);
  if (record.terminated) return "ended";
  if (now >= at.agreement->until()) return "expired";
  if (!at.activated) return at.missing.empty() ? "signed" : "proposed";
  if (now >= record.SupersededFrom(version, now)) return "superseded";
  return record.suspended_by.empty() && now < at.agreement->overdue()
             ? "active"
             : "suspended";
}

const policy::VersionRecord& GoverningVersion(
    const policy::AgreementRecord& record, absl::Time now) {
  const policy::VersionRecord* current = record.CurrentAt(now);
  return current == nullptr ? record.versions.rbegin()->second : *current;
}

const policy::VersionRecord& DiffBase(const policy::AgreementRecord& record,
                                      int64_t version, absl::Time now) {
  const policy::VersionRecord* current = record.CurrentAt(now);
  return current != nullptr && NumberOf(*current) < version
             ? *current
             : record.versions.at(version - 1);
}

std::vector<std::string> LegalActs(const policy::AgreementRecord& record,
                                   const std::string& agency, absl::Time now) {
  const policy::VersionRecord& governing = GoverningVersion(record, now);
  std::vector<std::string> legal;
  if (record.terminated || now >= governing.agreement->until() ||
      !governing.agreement->IsParty(agency) ||
      record.HasWithdrawn(agency, NumberOf(governing))) {
    return legal;
  }
  const auto add = [&](absl::string_view word) { legal.emplace_back(word); };
  const bool all = record.suspended_by.count(agency) != 0;
  const bool own = record.sending_suspended_by.count(agency) != 0;
  if (governing.activated) {
    if (!all && MaySuspendAll(governing.agreement->document(), agency)) {
      add(kSuspendWord);
    }
    if (!own) add(kSuspendSendingWord);
  }
  if (all) add(kResumeWord);
  if (own) add(kResumeSendingWord);
  add(kWithdrawWord);
  return legal;
}

absl::Status CheckTransition(const policy::AgreementRecord& record,
                             const certs::AgreementAct& act,
                             certs::ActKind kind, absl::Time now) {
  const std::vector<std::string> legal = LegalActs(record, act.agency, now);
  const absl::string_view word = WordOf(act.kind, kind);
  if (std::count(legal.begin(), legal.end(), word) != 0) {
    return absl::OkStatus();
  }
  const std::string state = StateInWords(record, now);
  if (!record.terminated && IsDone(record, act, now)) {
    return Refuse(Reason::kAlreadyDone,
                  absl::StrCat("the agreement is ", state, "; ", act.agency,
                               " has done this: ", word));
  }
  const policy::VersionRecord& governing = GoverningVersion(record, now);
  if (act.kind == ActKind::kSuspend && governing.activated && !legal.empty()) {
    return Refuse(Reason::kOwnerOnly,
                  absl::StrCat("its owner is ",
                               OwningParty(governing.agreement->document())),
                  "governance.suspend");
  }
  return Refuse(
      Reason::kNotLegalNow,
      absl::StrCat("the agreement is ", state, "; ", act.agency,
                   legal.empty() ? " can do nothing more with it"
                                 : absl::StrCat(" may now: ",
                                                absl::StrJoin(legal, ", "))));
}

size_t PartiesLeft(const policy::AgreementRecord& record, absl::Time now) {
  const policy::Agreement& document =
      GoverningVersion(record, now).agreement->document();
  return static_cast<size_t>(std::count_if(
      document.parties.begin(), document.parties.end(), [&](const auto& party) {
        return !record.HasWithdrawn(party.first, document.version);
      }));
}

}  // namespace entente::broker
