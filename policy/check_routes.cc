#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/cross_check.h"

namespace entente::policy {
namespace {

// A name in both lists, or null.
const std::string* Shared(const std::vector<std::string>& a,
                          const std::vector<std::string>& b) {
  for (const std::string& name : a) {
    if (std::find(b.begin(), b.end(), name) != b.end()) return &name;
  }
  return nullptr;
}

// A (sender, recipient) in both flows, sender != recipient.
std::optional<std::pair<std::string, std::string>> SharedEnds(const Flow& a,
                                                              const Flow& b) {
  for (const std::string& sender : a.from) {
    if (std::find(b.from.begin(), b.from.end(), sender) == b.from.end()) {
      continue;
    }
    for (const std::string& recipient : a.to) {
      if (recipient != sender &&
          std::find(b.to.begin(), b.to.end(), recipient) != b.to.end()) {
        return std::pair(sender, recipient);
      }
    }
  }
  return std::nullopt;
}

void CheckNoProcessor(const Agreement& agreement,
                      const std::vector<std::string>& names,
                      const std::string& path, Reporter* reporter) {
  for (size_t i = 0; i < names.size(); ++i) {
    const auto party = agreement.parties.find(names[i]);
    if (party == agreement.parties.end() ||
        party->second.capacity != Capacity::kProcessor ||
        !reporter->Clean(absl::StrCat("parties.", names[i], ".capacity"))) {
      continue;
    }
    reporter->Error(absl::StrCat(path, "[", i, "]"),
                    absl::StrCat(names[i], " is a processor"),
                    "a controller; list the processor in onward");
  }
}

void CheckOnward(const Agreement& agreement, Reporter* reporter) {
  if (!reporter->Clean("onward")) return;
  const Onward& onward = agreement.onward;
  if (onward.rule == OnwardRule::kListed && onward.listed.empty()) {
    reporter->Error("onward", "lists nobody", "listed: ...");
  } else if (onward.rule != OnwardRule::kListed && !onward.listed.empty()) {
    reporter->Error("onward.listed", "has no effect", "rule: listed");
  }
}

// What the bases say of one (party, purpose).
struct Covered {
  bool sensitive = false;
  bool criminal_offence = false;
};

struct Coverage {
  std::map<std::pair<std::string, std::string>, Covered> covered;
  // One of them could not be read, and may be of anybody, for anything.
  bool unsure = false;
};

Coverage CoverageOf(const Agreement& agreement, const Reporter& reporter) {
  Coverage out;
  // No list, or one that is missing or too long.
  out.unsure = agreement.lawful_basis.empty();
  for (size_t i = 0; i < agreement.lawful_basis.size(); ++i) {
    const LawfulBasis& basis = agreement.lawful_basis[i];
    const std::string path = absl::StrCat("lawful_basis[", i, "]");
    if (!reporter.Clean(path + ".parties") ||
        !reporter.Clean(path + ".purposes")) {
      out.unsure = true;
    }
    const bool sensitive =
        !basis.sensitive.empty() || !reporter.CleanOption(path, "sensitive");
    const bool criminal_offence =
        !basis.criminal_offence.empty() ||
        !reporter.CleanOption(path, "criminal_offence");
    for (const std::string& party : basis.parties) {
      for (const std::string& purpose : basis.purposes) {
        Covered& covered = out.covered[{party, purpose}];
        covered.sensitive |= sensitive;
        covered.criminal_offence |= criminal_offence;
      }
    }
  }
  return out;
}

// What the data and the regime of one end ask a basis to name.
Covered NeededBy(const Agreement& agreement, const Flow& flow,
                 const std::string& party_id, const Reporter& reporter) {
  Covered needed;
  const auto dataset = agreement.datasets.find(flow.dataset);
  if (dataset == agreement.datasets.end()) return needed;
  const std::string path = absl::StrCat("datasets.", flow.dataset);
  needed.sensitive = dataset->second.special_category &&
                     reporter.Clean(path + ".special_category");
  needed.criminal_offence =
      dataset->second.criminal_offence &&
      reporter.Clean(path + ".criminal_offence") &&
      agreement.parties.at(party_id).regime == Regime::kGeneral &&
      reporter.Clean(absl::StrCat("parties.", party_id, ".regime"));
  return needed;
}

void CheckEnd(const Agreement& agreement, const Coverage& coverage,
              const Flow& flow, const std::string& party_id,
              const std::string& path, Reporter* reporter) {
  const Covered needed = NeededBy(agreement, flow, party_id, *reporter);
  for (const std::string& purpose : flow.purposes) {
    if (agreement.purposes.count(purpose) == 0) continue;
    const auto report = [&](absl::string_view what, absl::string_view allowed) {
      reporter->Error(path,
                      absl::StrCat(what, " for ", party_id, " and ", purpose),
                      allowed);
    };
    const auto found = coverage.covered.find({party_id, purpose});
    if (found == coverage.covered.end()) {
      report("no lawful basis", "an entry of lawful_basis that names both");
      continue;
    }
    if (needed.sensitive && !found->second.sensitive) {
      report("no condition for special category data",
             "the line sensitive in lawful_basis");
    }
    if (needed.criminal_offence && !found->second.criminal_offence) {
      report("no Article 10 condition for criminal offence data",
             "the line criminal_offence in lawful_basis");
    }
  }
}

// What two flows may not share.
void CheckPair(const Flow& one, const Flow& earlier, const std::string& path,
               Reporter* reporter) {
  if (!one.id.empty() && one.id == earlier.id) {
    reporter->Error(path + ".id", absl::StrCat(one.id, " is here twice"),
                    "an id for each flow");
  }
  if (one.dataset.empty() || one.dataset != earlier.dataset) return;
  const std::string* purpose = Shared(one.purposes, earlier.purposes);
  const auto ends = SharedEnds(one, earlier);
  if (purpose == nullptr || !ends.has_value()) return;
  reporter->Error(path,
                  absl::StrCat(one.id, " and ", earlier.id,
                               " are on one route: ", ends->first, " to ",
                               ends->second, ", ", *purpose, ", ", one.dataset),
                  "one flow for a sender, recipient, purpose and data set");
}

}  // namespace

void CheckRoutes(const Agreement& agreement, Reporter* reporter) {
  CheckOnward(agreement, reporter);
  const std::vector<Flow>& flows = agreement.flows;
  for (size_t i = 0; i < flows.size(); ++i) {
    const std::string path = absl::StrCat("flows[", i, "]");
    CheckNoProcessor(agreement, flows[i].from, path + ".from", reporter);
    CheckNoProcessor(agreement, flows[i].to, path + ".to", reporter);
    if (reporter->Clean(path + ".from") && reporter->Clean(path + ".to") &&
        !SharedEnds(flows[i], flows[i]).has_value()) {
      reporter->Error(path, "a party would only send to itself",
                      "a sender and another recipient");
    }
    for (size_t j = 0; j < i; ++j) {
      CheckPair(flows[i], flows[j], path, reporter);
    }
  }
}

void CheckBasis(const Agreement& agreement, Reporter* reporter) {
  const Coverage coverage = CoverageOf(agreement, *reporter);
  if (coverage.unsure) return;
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const Flow& flow = agreement.flows[i];
    const std::string path = absl::StrCat("flows[", i, "]");
    std::set<std::string> ends(flow.from.begin(), flow.from.end());
    ends.insert(flow.to.begin(), flow.to.end());
    for (const std::string& party : ends) {
      if (agreement.parties.count(party) == 0) continue;
      CheckEnd(agreement, coverage, flow, party, path, reporter);
    }
  }
}

}  // namespace entente::policy
