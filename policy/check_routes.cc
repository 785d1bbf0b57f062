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
        party->second.capacity != Capacity::kProcessor) {
      continue;
    }
    reporter->Error(absl::StrCat(path, "[", i, "]"),
                    absl::StrCat(names[i], " is a processor"),
                    "a controller; list the processor in onward");
  }
}

void CheckOnward(const Agreement& agreement, Reporter* reporter) {
  if (!reporter->Clean({"onward"})) return;
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
using Coverage = std::map<std::pair<std::string, std::string>, Covered>;

Coverage CoverageOf(const Agreement& agreement) {
  Coverage out;
  for (const LawfulBasis& basis : agreement.lawful_basis) {
    for (const std::string& party : basis.parties) {
      for (const std::string& purpose : basis.purposes) {
        Covered& covered = out[{party, purpose}];
        covered.sensitive |= !basis.sensitive.empty();
        covered.criminal_offence |= !basis.criminal_offence.empty();
      }
    }
  }
  return out;
}

void CheckEnd(const Agreement& agreement, const Coverage& coverage,
              const Flow& flow, const std::string& party_id,
              const std::string& path, Reporter* reporter) {
  const Dataset& dataset = agreement.datasets.at(flow.dataset);
  const Party& party = agreement.parties.at(party_id);
  for (const std::string& purpose : flow.purposes) {
    const auto report = [&](absl::string_view what, absl::string_view allowed) {
      reporter->Error(path,
                      absl::StrCat(what, " for ", party_id, " and ", purpose),
                      allowed);
    };
    const auto covered = coverage.find({party_id, purpose});
    if (covered == coverage.end()) {
      report("no lawful basis", "an entry of lawful_basis that names both");
      continue;
    }
    if (dataset.special_category && !covered->second.sensitive) {
      report("no condition for special category data",
             "the line sensitive in lawful_basis");
    }
    if (dataset.criminal_offence && party.regime == Regime::kGeneral &&
        !covered->second.criminal_offence) {
      report("no Article 10 condition for criminal offence data",
             "the line criminal_offence in lawful_basis");
    }
  }
}

}  // namespace

void CheckRoutes(const Agreement& agreement, Reporter* reporter) {
  CheckOnward(agreement, reporter);
  if (!reporter->Clean({"flows", "parties"})) return;
  const std::vector<Flow>& flows = agreement.flows;
  for (size_t i = 0; i < flows.size(); ++i) {
    const std::string path = absl::StrCat("flows[", i, "]");
    CheckNoProcessor(agreement, flows[i].from, path + ".from", reporter);
    CheckNoProcessor(agreement, flows[i].to, path + ".to", reporter);
    if (!SharedEnds(flows[i], flows[i]).has_value()) {
      reporter->Error(path, "a party would only send to itself",
                      "a sender and another recipient");
    }
    for (size_t j = 0; j < i; ++j) {
      if (flows[i].id == flows[j].id) {
        reporter->Error(path + ".id",
                        absl::StrCat(flows[i].id, " is here twice"),
                        "an id for each flow");
      }
      if (flows[i].dataset != flows[j].dataset) continue;
      const std::string* purpose = Shared(flows[i].purposes, flows[j].purposes);
      const auto ends = SharedEnds(flows[i], flows[j]);
      if (purpose == nullptr || !ends.has_value()) continue;
      reporter->Error(
          path,
          absl::StrCat(flows[i].id, " and ", flows[j].id,
                       " are on one route: ", ends->first, " to ", ends->second,
                       ", ", *purpose, ", ", flows[i].dataset),
          "one flow for a sender, recipient, purpose and data set");
    }
  }
}

void CheckBasis(const Agreement& agreement, Reporter* reporter) {
  if (!reporter->Clean({"flows", "parties", "purposes", "datasets",
                        "lawful_basis", "kind"})) {
    return;
  }
  const Coverage coverage = CoverageOf(agreement);
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const Flow& flow = agreement.flows[i];
    const std::string path = absl::StrCat("flows[", i, "]");
    std::set<std::string> ends(flow.from.begin(), flow.from.end());
    ends.insert(flow.to.begin(), flow.to.end());
    for (const std::string& party : ends) {
      CheckEnd(agreement, coverage, flow, party, path, reporter);
    }
  }
}

}  // namespace entente::policy
