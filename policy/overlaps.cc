#include "policy/overlaps.h"

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "policy/diff_parts.h"

namespace entente::policy {
namespace {

// One way of data, whatever each agreement calls the data set.
struct Ends {
  absl::string_view from;
  absl::string_view to;
  absl::string_view definition;
  bool operator==(const Ends&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Ends& ends) {
    return H::combine(std::move(h), ends.from, ends.to, ends.definition);
  }
};

struct Place {
  uint32_t agreement = 0;
  uint32_t flow = 0;
  auto operator<=>(const Place&) const = default;
};

struct Couple {
  Place first;
  Place second;
  auto operator<=>(const Couple&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Couple& couple) {
    return H::combine(std::move(h), couple.first.agreement, couple.first.flow,
                      couple.second.agreement, couple.second.flow);
  }
};

using Index = absl::flat_hash_map<Ends, std::vector<Place>>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

absl::string_view DefinitionOf(const Agreement& agreement, const Flow& flow) {
  const auto dataset = agreement.datasets.find(flow.dataset);
  if (dataset == agreement.datasets.end()) return "";
  return CatalogueEntryOf(dataset->second.definition);
}

Index IndexOf(const std::vector<const Agreement*>& agreements) {
  Index index;
  for (uint32_t i = 0; i < agreements.size(); ++i) {
    const Agreement& agreement = *agreements[i];
    for (uint32_t f = 0; f < agreement.flows.size(); ++f) {
      const Flow& flow = agreement.flows[f];
      const absl::string_view definition = DefinitionOf(agreement, flow);
      for (const std::string& from : flow.from) {
        for (const std::string& to : flow.to) {
          if (from != to) index[{from, to, definition}].push_back({i, f});
        }
      }
    }
  }
  return index;
}

bool Meet(const Agreement& a, const Agreement& b) {
  return a.id != b.id && std::max(a.valid.from, b.valid.from) <
                             std::min(a.valid.until, b.valid.until);
}

std::vector<std::string> InBoth(std::vector<std::string> a,
                                std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  std::vector<std::string> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                        std::back_inserter(both));
  return both;
}

std::vector<Change> DifferencesOf(const Flow& first, const Flow& second) {
  std::vector<Change> differences;
  for (Change& change : DiffTerms(first, second)) {
    // Each agreement names its flows for itself.
    if (change.clause == Clause::kFlowName) continue;
    change.sentence.clear();
    differences.push_back(std::move(change));
  }
  return differences;
}

Overlap OverlapOf(const std::vector<const Agreement*>& agreements,
                  const Couple& couple, Pairs ends) {
  Overlap overlap;
  overlap.first = agreements[couple.first.agreement];
  overlap.second = agreements[couple.second.agreement];
  overlap.first_flow = &overlap.first->flows[couple.first.flow];
  overlap.second_flow = &overlap.second->flows[couple.second.flow];
  overlap.definition =
      std::string(DefinitionOf(*overlap.first, *overlap.first_flow));
  std::sort(ends.begin(), ends.end());
  overlap.ends = std::move(ends);
  overlap.shared_purposes =
      InBoth(overlap.first_flow->purposes, overlap.second_flow->purposes);
  const Validity& a = overlap.first->valid;
  const Validity& b = overlap.second->valid;
  overlap.from = std::max(a.from, b.from);
  overlap.until = std::min(a.until, b.until);
  overlap.differences =
      DifferencesOf(*overlap.first_flow, *overlap.second_flow);
  return overlap;
}

}  // namespace

absl::string_view CatalogueEntryOf(absl::string_view definition) {
  return definition.substr(0, definition.rfind('/'));
}

std::vector<Overlap> OverlapsOf(absl::Span<const Agreement* const> agreements) {
  std::vector<const Agreement*> ordered(agreements.begin(), agreements.end());
  std::stable_sort(
      ordered.begin(), ordered.end(),
      [](const Agreement* a, const Agreement* b) { return a->id < b->id; });
  const Index index = IndexOf(ordered);
  absl::flat_hash_map<Couple, Pairs> found;
  for (const auto& [ends, places] : index) {
    for (size_t i = 0; i < places.size(); ++i) {
      for (size_t j = i + 1; j < places.size(); ++j) {
        if (!Meet(*ordered[places[i].agreement],
                  *ordered[places[j].agreement])) {
          continue;
        }
        found[{places[i], places[j]}].emplace_back(ends.from, ends.to);
      }
    }
  }
  std::vector<std::pair<Couple, Pairs>> couples(found.begin(), found.end());
  std::sort(couples.begin(), couples.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Overlap> overlaps;
  overlaps.reserve(couples.size());
  for (auto& [couple, ends] : couples) {
    overlaps.push_back(OverlapOf(ordered, couple, std::move(ends)));
  }
  return overlaps;
}

}  // namespace entente::policy
