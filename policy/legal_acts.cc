#include "policy/legal_acts.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace entente::policy {
namespace {

bool MaySuspendAll(const Agreement& document, const std::string& agency) {
  return document.governance.suspend == SuspendRight::kAnyParty ||
         OwningParty(document) == agency;
}

}  // namespace

std::vector<const VersionRecord*> VersionsOf(const AgreementRecord& record,
                                             const std::string& agency,
                                             absl::Time now) {
  std::vector<const VersionRecord*> versions;
  for (const auto& [number, version] : record.versions) {
    if (version.agreement->IsParty(agency) && record.IsOpen(number, now) &&
        !record.HasWithdrawn(agency, number)) {
      versions.push_back(&version);
    }
  }
  return versions;
}

std::vector<std::string> LegalActs(const AgreementRecord& record,
                                   const std::string& agency, absl::Time now) {
  std::vector<std::string> legal;
  if (record.terminated) return legal;
  const auto versions = VersionsOf(record, agency, now);
  bool in_force = false;
  bool may_suspend_all = false;
  for (const VersionRecord* version : versions) {
    if (!version->activated) continue;
    in_force = true;
    may_suspend_all |= MaySuspendAll(version->agreement->document(), agency);
  }
  const bool all = record.suspended_by.count(agency) != 0;
  const bool own = record.sending_suspended_by.count(agency) != 0;
  const auto add = [&](absl::string_view word) { legal.emplace_back(word); };
  if (may_suspend_all && !all) add(kSuspendWord);
  if (in_force && !own) add(kSuspendSendingWord);
  if (all) add(kResumeWord);
  if (own) add(kResumeSendingWord);
  if (!versions.empty()) add(kWithdrawWord);
  return legal;
}

std::string LegalActsInWords(const AgreementRecord& record,
                             const std::string& agency, absl::Time now) {
  const std::vector<std::string> legal = LegalActs(record, agency, now);
  return legal.empty()
             ? absl::StrCat(agency, " can do nothing more with it")
             : absl::StrCat(agency, " may now: ", absl::StrJoin(legal, ", "));
}

}  // namespace entente::policy
