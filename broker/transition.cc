#include "broker/transition.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/readers.h"
#include "broker/rpc/refusal.h"
#include "policy/legal_acts.h"

namespace entente::broker {
namespace {

using certs::ActKind;
using policy::Reason;

absl::string_view WordOf(ActKind act, ActKind kind) {
  switch (act) {
    case ActKind::kSuspend:
      return policy::kSuspendWord;
    case ActKind::kSuspendSending:
      return policy::kSuspendSendingWord;
    case ActKind::kResume:
      return kind == ActKind::kSuspendSending ? policy::kResumeSendingWord
                                              : policy::kResumeWord;
    case ActKind::kWithdraw:
      break;
  }
  return policy::kWithdrawWord;
}

int64_t NumberOf(const policy::VersionRecord& version) {
  return version.agreement->document().version;
}

// `suspended by west-police`, for people.
std::string StateInWords(const policy::AgreementRecord& record, int64_t version,
                         absl::Time now) {
  const std::string state(StateName(record, version, now));
  return state == "suspended" && record.IsSuspended(version)
             ? absl::StrCat(state, " by ",
                            absl::StrJoin(record.SuspendedBy(version), ", "))
             : state;
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
      return std::any_of(
          record.versions.begin(), record.versions.end(),
          [&](const auto& version) {
            return version.second.agreement->IsParty(act.agency) &&
                   record.IsOpen(version.first, now) &&
                   record.HasWithdrawn(act.agency, version.first);
          });
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
  return !record.IsSuspended(version) && now < at.agreement->overdue()
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

std::string StateAndLegalActs(const policy::AgreementRecord& record,
                              const std::string& agency, absl::Time now) {
  const policy::VersionRecord* const own = VersionFor(record, agency, now);
  const policy::VersionRecord& version =
      own == nullptr ? GoverningVersion(record, now) : *own;
  return absl::StrCat("the agreement is ",
                      StateInWords(record, NumberOf(version), now), "; ",
                      policy::LegalActsInWords(record, agency, now));
}

absl::Status CheckTransition(const policy::AgreementRecord& record,
                             const certs::AgreementAct& act,
                             certs::ActKind kind, absl::Time now) {
  const std::vector<std::string> legal =
      policy::LegalActs(record, act.agency, now);
  const absl::string_view word = WordOf(act.kind, kind);
  if (std::count(legal.begin(), legal.end(), word) != 0) {
    return absl::OkStatus();
  }
  const std::string state = StateAndLegalActs(record, act.agency, now);
  if (!record.terminated && IsDone(record, act, now)) {
    return Refuse(
        Reason::kAlreadyDone,
        absl::StrCat(act.agency, " has done this: ", word, "; ", state));
  }
  const auto versions = policy::VersionsOf(record, act.agency, now);
  const auto in_force =
      std::find_if(versions.rbegin(), versions.rend(),
                   [](const auto* version) { return version->activated; });
  if (act.kind == ActKind::kSuspend && in_force != versions.rend()) {
    return Refuse(Reason::kOwnerOnly,
                  absl::StrCat("its owner is ",
                               OwningParty((*in_force)->agreement->document()),
                               "; ", state),
                  "governance.suspend");
  }
  return Refuse(Reason::kNotLegalNow, state);
}

size_t PartiesLeft(const policy::AgreementRecord& record, absl::Time now) {
  size_t most_in_force = 0;
  size_t most_to_come = 0;
  size_t most_of_drafts = 0;
  bool any_in_force = false;
  for (const auto& [which, version] : record.versions) {
    const uint32_t number = which;  // Clang captures no structured binding
    if (!record.IsOpen(number, now)) continue;
    const auto& parties = version.agreement->document().parties;
    const auto left = static_cast<size_t>(
        std::count_if(parties.begin(), parties.end(), [&](const auto& party) {
          return !record.HasWithdrawn(party.first, number);
        }));
    any_in_force |= version.activated;
    if (version.activated) {
      most_in_force = std::max(most_in_force, left);
    } else {
      most_of_drafts = std::max(most_of_drafts, left);
      if (left == parties.size()) most_to_come = std::max(most_to_come, left);
    }
  }
  return any_in_force ? std::max(most_in_force, most_to_come) : most_of_drafts;
}

}  // namespace entente::broker
