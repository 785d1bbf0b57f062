#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "policy/cross_check.h"

namespace entente::policy {
namespace {

void CheckAssessment(const Assessment& assessment, const Validity& valid,
                     const std::string& path, Reporter* reporter) {
  if (!reporter->Clean("valid.from") || !reporter->Clean(path)) return;
  if (assessment.date >= valid.from) {
    reporter->Error(path + ".date", "is not before the start",
                    "a day before valid.from");
  }
  if (!assessment.review_by.has_value()) return;
  if (*assessment.review_by <= assessment.date) {
    reporter->Error(path + ".review_by", "is not after its date",
                    "a later day");
  } else if (*assessment.review_by < valid.from) {
    reporter->Error(path + ".review_by", "is overdue at the start",
                    "valid.from or later");
  }
}

void CheckValidity(const Validity& valid, Reporter* reporter) {
  if (!reporter->Clean("valid")) return;
  if (valid.from >= valid.until) {
    reporter->Error("valid.until", "is not after valid.from", "a later day");
    return;
  }
  if (valid.review_by <= valid.from || valid.review_by > valid.until) {
    reporter->Error("valid.review_by", "is not while the agreement is in force",
                    "after valid.from, and valid.until at the latest");
  }
  if (valid.project_end.has_value() &&
      (*valid.project_end <= valid.from || *valid.project_end > valid.until)) {
    reporter->Error("valid.project_end",
                    "is not while the agreement is in force",
                    "after valid.from, and valid.until at the latest");
  }
  if (valid.from + valid.handover_days >= valid.until) {
    reporter->Error("valid.handover_days", "is longer than the agreement",
                    "fewer days than from valid.from to valid.until");
  }
}

void CheckVersion(const Agreement& agreement, Reporter* reporter) {
  if (!reporter->Clean("version")) return;
  const bool previous_read = reporter->CleanOption("", "previous");
  if (agreement.version > 1) {
    if (!previous_read || !agreement.previous.empty()) return;
    return reporter->Error("version", "previous is missing",
                           "previous: the digest of the version before");
  }
  if (!agreement.previous.empty()) {
    reporter->Error("previous", "version 1 has no version before it",
                    "no previous, or a higher version");
  }
  if (agreement.valid.handover_days > 0) {
    reporter->Error("valid.handover_days",
                    "version 1 has no version to take over from",
                    "no handover_days");
  }
}

void CheckRetention(const Agreement& agreement, Reporter* reporter) {
  if (!reporter->CleanOption("valid", "project_end") ||
      agreement.valid.project_end.has_value()) {
    return;
  }
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    if (agreement.flows[i].retention.starts != RetentionStart::kProjectEnd) {
      continue;
    }
    const std::string path = absl::StrCat("flows[", i, "].retention.starts");
    if (!reporter->Clean(path)) continue;
    reporter->Error(path, "valid has no project_end",
                    "receipt, or valid.project_end: a day");
  }
}

// Reports an overseer that is a party, and a root that two share: whoever holds
// that root's key could sign for both.
void CheckRoots(const Agreement& agreement, Reporter* reporter) {
  std::map<std::string, std::string> owners;
  const auto check = [&](const std::string& id, const std::string& root,
                         absl::string_view section) {
    if (root.empty()) return;  // and reported
    const auto [owner, is_new] = owners.emplace(root, id);
    if (is_new) return;
    reporter->Error(absl::StrCat(section, ".", id, ".root"),
                    absl::StrCat("is also the root of ", owner->second),
                    "a root of its own for each agency");
  };
  for (const auto& [id, party] : agreement.parties) {
    check(id, party.root, "parties");
  }
  for (const auto& [id, overseer] : agreement.overseers) {
    if (agreement.parties.count(id) > 0) {
      reporter->Error(absl::StrCat("overseers.", id), "is a party",
                      "an agency that is not a party");
      continue;
    }
    check(id, overseer.root, "overseers");
  }
}

void CheckOwner(const Agreement& agreement, Reporter* reporter) {
  if (!reporter->Clean("governance.suspend") ||
      !reporter->Clean("governance.owner") || !reporter->Clean("signatories") ||
      agreement.governance.suspend != SuspendRight::kOwner ||
      !OwningParty(agreement).empty()) {
    return;
  }
  reporter->Error("governance.owner",
                  "is not the post of exactly one signatory, and only the "
                  "owner may suspend",
                  "the role of a line of signatories, or suspend: any_party");
}

// Every party signs.
void CheckSigning(const Agreement& agreement, Reporter* reporter) {
  if (agreement.signatories.empty()) return;  // and reported
  std::set<std::string> signing;
  for (size_t i = 0; i < agreement.signatories.size(); ++i) {
    // A party that could not be read may be any.
    const std::string path = absl::StrCat("signatories[", i, "]");
    if (!reporter->Clean(path + ".party")) return;
    signing.insert(agreement.signatories[i].party);
  }
  for (const auto& [id, party] : agreement.parties) {
    if (signing.count(id) > 0) continue;
    reporter->Error(absl::StrCat("parties.", id), "has no signatory",
                    "a line of signatories");
  }
}

}  // namespace

void CheckDays(const Agreement& agreement, Reporter* reporter) {
  CheckVersion(agreement, reporter);
  CheckRetention(agreement, reporter);
  CheckValidity(agreement.valid, reporter);
  const Governance& governance = agreement.governance;
  CheckAssessment(governance.dpia, agreement.valid, "governance.dpia",
                  reporter);
  if (governance.ethics.has_value()) {
    CheckAssessment(*governance.ethics, agreement.valid, "governance.ethics",
                    reporter);
  } else if (agreement.kind == AgreementKind::kAcademicResearch &&
             reporter->Clean("kind") &&
             reporter->CleanOption("governance", "ethics")) {
    reporter->Error("governance", "research without ethics approval",
                    "ethics: { ref, date }");
  }
}

void CheckSignatories(const Agreement& agreement, Reporter* reporter) {
  CheckRoots(agreement, reporter);
  CheckOwner(agreement, reporter);
  CheckSigning(agreement, reporter);
  std::set<std::pair<std::string, std::string>> roles, names;
  for (size_t i = 0; i < agreement.signatories.size(); ++i) {
    const Signatory& line = agreement.signatories[i];
    const std::string path = absl::StrCat("signatories[", i, "]");
    if (line.party.empty()) continue;  // and reported
    if (!line.role.empty() && !roles.emplace(line.party, line.role).second) {
      reporter->Error(path + ".role",
                      absl::StrCat("is here twice for ", line.party),
                      "each post of a party once");
    }
    if (!line.name.empty() && !names.emplace(line.party, line.name).second) {
      reporter->Error(path + ".name",
                      absl::StrCat("is here twice for ", line.party),
                      "one key fills one line");
    }
  }
}

}  // namespace entente::policy
