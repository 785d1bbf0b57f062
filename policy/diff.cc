#include "policy/diff.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "policy/diff_parts.h"

namespace entente::policy {
namespace {

constexpr size_t kNone = ~size_t{0};

// The flow with its sets in order, so that equal in effect is equal.
Flow Sorted(Flow flow) {
  std::sort(flow.from.begin(), flow.from.end());
  std::sort(flow.to.begin(), flow.to.end());
  std::sort(flow.purposes.begin(), flow.purposes.end());
  std::sort(flow.methods.begin(), flow.methods.end());
  std::sort(flow.require.begin(), flow.require.end());
  return flow;
}

bool Has(const std::vector<Flow>& flows, const Flow& flow) {
  return std::find(flows.begin(), flows.end(), flow) != flows.end();
}

// Which flow of each document has a way; kNone if none does.
struct Sides {
  size_t before = kNone;
  size_t after = kNone;
  bool operator<(const Sides& other) const {
    return std::pair(after, before) < std::pair(other.after, other.before);
  }
};

struct RouteKey {
  absl::string_view dataset;
  Way way;
  bool operator==(const RouteKey&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const RouteKey& key) {
    return H::combine(std::move(h), key.dataset, key.way.from, key.way.to,
                      key.way.purpose);
  }
};

using Routes = absl::flat_hash_map<RouteKey, Sides>;

void AddRoutes(const std::vector<Flow>& flows, const std::vector<Flow>& others,
               size_t Sides::*side, Routes* routes) {
  for (size_t i = 0; i < flows.size(); ++i) {
    const Flow& flow = flows[i];
    // No other flow has its ways, in either document.
    if (Has(others, flow)) continue;
    for (const std::string& from : flow.from) {
      for (const std::string& to : flow.to) {
        if (from == to) continue;
        for (const std::string& purpose : flow.purposes) {
          (*routes)[{flow.dataset, {from, to, purpose}}].*side = i;
        }
      }
    }
  }
}

std::vector<Change> ChangesOn(const std::vector<Flow>& before,
                              const std::vector<Flow>& after, Sides sides) {
  if (sides.before == kNone) {
    return {RouteChange(ChangeKind::kNewlyAllowed, after[sides.after])};
  }
  if (sides.after == kNone) {
    return {RouteChange(ChangeKind::kNewlyRefused, before[sides.before])};
  }
  return DiffTerms(before[sides.before], after[sides.after]);
}

}  // namespace

absl::string_view WordOf(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kNewlyAllowed:
      return "newly_allowed";
    case ChangeKind::kNewlyRefused:
      return "newly_refused";
    case ChangeKind::kWider:
      return "wider";
    case ChangeKind::kNarrower:
      return "narrower";
    case ChangeKind::kChanged:
      break;
  }
  return "changed";
}

absl::string_view WordOf(Clause clause) {
  switch (clause) {
    case Clause::kRoute:
      return "route";
    case Clause::kFlowName:
      return "flow_name";
    case Clause::kMethod:
      return "method";
    case Clause::kField:
      return "field";
    case Clause::kRequirement:
      return "requirement";
    case Clause::kRows:
      return "rows";
    case Clause::kLimit:
      return "limit";
    case Clause::kRetention:
      return "retention";
    case Clause::kProof:
      return "proof";
    case Clause::kRecipientDomain:
      return "recipient_domain";
    case Clause::kIdentifier:
      return "identifier";
    case Clause::kFieldType:
      return "field_type";
    case Clause::kList:
      return "list";
    case Clause::kValidity:
      return "validity";
    case Clause::kEnrolments:
      return "enrolments";
    case Clause::kUnder:
      return "under";
    case Clause::kOnward:
      return "onward";
    case Clause::kBreakGlass:
      return "break_glass";
    case Clause::kReaders:
      return "readers";
    case Clause::kWording:
      break;
  }
  return "wording";
}

ChangeKind KindOf(Breadth breadth) {
  switch (breadth) {
    case Breadth::kWider:
      return ChangeKind::kWider;
    case Breadth::kNarrower:
      return ChangeKind::kNarrower;
    case Breadth::kSame:
    case Breadth::kDiffers:
      break;
  }
  return ChangeKind::kChanged;
}

absl::string_view FlowIdOf(absl::string_view clause) {
  const size_t space = clause.find(' ');
  return space == absl::string_view::npos ? "" : clause.substr(space + 1);
}

void SortByKind(std::vector<Change>* changes) {
  std::stable_sort(
      changes->begin(), changes->end(),
      [](const Change& a, const Change& b) { return a.kind < b.kind; });
}

std::vector<FlowChanges> DiffFlows(PlacedFlows before, PlacedFlows after) {
  for (Flow& flow : before.flows) flow = Sorted(std::move(flow));
  for (Flow& flow : after.flows) flow = Sorted(std::move(flow));
  Routes routes;
  AddRoutes(before.flows, after.flows, &Sides::before, &routes);
  AddRoutes(after.flows, before.flows, &Sides::after, &routes);
  std::map<Sides, std::vector<Way>> groups;
  for (const auto& [key, sides] : routes) groups[sides].push_back(key.way);
  std::vector<FlowChanges> all;
  for (const auto& [sides, ways] : groups) {
    FlowChanges changes;
    changes.changes = ChangesOn(before.flows, after.flows, sides);
    if (changes.changes.empty()) continue;
    SortByKind(&changes.changes);
    if (sides.before != kNone) changes.before = before.places[sides.before];
    if (sides.after != kNone) changes.after = after.places[sides.after];
    changes.dataset = sides.after == kNone ? before.flows[sides.before].dataset
                                           : after.flows[sides.after].dataset;
    changes.boxes = BoxesOf(ways);
    all.push_back(std::move(changes));
  }
  return all;
}

AgreementDiff Diff(const Agreement& before, const Agreement& after) {
  AgreementDiff diff;
  // Most of two registers is the same.
  if (before == after) return diff;
  diff.flows = DiffFlows(FlowsOf(before), FlowsOf(after));
  diff.whole = DiffWhole(before, after);
  SortByKind(&diff.whole);
  return diff;
}

}  // namespace entente::policy
