#include "policy/flows_under.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/route_boxes.h"

namespace entente::policy {
namespace {

template <typename T>
bool Has(const std::vector<T>& range, const T& value) {
  return std::find(range.begin(), range.end(), value) != range.end();
}

void KeepLeast(const std::optional<int64_t>& above,
               std::optional<int64_t>* limit) {
  if (above.has_value()) *limit = std::min(limit->value_or(*above), *above);
}

void NarrowLimits(const Limits& above, Limits* limits) {
  KeepLeast(above.requests_per_day, &limits->requests_per_day);
  KeepLeast(above.records_per_request, &limits->records_per_request);
  KeepLeast(above.records_per_day, &limits->records_per_day);
  KeepLeast(above.extracts_per_year, &limits->extracts_per_year);
}

// False if nothing is left of `flow`.
bool Narrow(const Flow& above, Flow* flow) {
  std::erase_if(flow->methods, [&above](Method method) {
    return !Has(above.methods, method);
  });
  bool releases = false;
  std::erase_if(flow->release, [&](const auto& field) {
    const auto& [name, treatment] = field;
    if (treatment.transform == Transform::kWithhold) return false;
    const auto found = above.release.find(name);
    const bool same = found != above.release.end() &&
                      (found->second == treatment ||
                       found->second.transform == Transform::kAsIs);
    releases = releases || same;
    return !same;
  });
  for (const Requirement need : above.require) {
    if (!Has(flow->require, need)) flow->require.push_back(need);
  }
  for (const RowRule& rule : above.rows) {
    if (!Has(flow->rows, rule)) flow->rows.push_back(rule);
  }
  NarrowLimits(above.limits, &flow->limits);
  return releases && !flow->methods.empty();
}

// The flow of `above` that has a way of `dataset`, or null.
const Flow* FlowOfWay(const Agreement& above, const std::string& dataset,
                      const std::string& from, const std::string& to,
                      const std::string& purpose) {
  for (const Flow& flow : above.flows) {
    if (flow.dataset == dataset && Has(flow.from, from) && Has(flow.to, to) &&
        Has(flow.purposes, purpose)) {
      return &flow;
    }
  }
  return nullptr;
}

void AddNarrowed(const Flow& flow, const std::string& place,
                 const Agreement& above, PlacedFlows* out) {
  std::map<size_t, std::vector<Way>> ways;  // by the flow above
  for (const std::string& from : flow.from) {
    for (const std::string& to : flow.to) {
      if (from == to) continue;
      for (const std::string& purpose : flow.purposes) {
        const Flow* found = FlowOfWay(above, flow.dataset, from, to, purpose);
        if (found == nullptr) continue;
        ways[size_t(found - above.flows.data())].push_back({from, to, purpose});
      }
    }
  }
  for (const auto& [index, of] : ways) {
    for (RouteBox& box : BoxesOf(of)) {
      Flow narrowed = flow;
      narrowed.from = std::move(box.from);
      narrowed.to = std::move(box.to);
      narrowed.purposes = std::move(box.purposes);
      if (!Narrow(above.flows[index], &narrowed)) continue;
      out->flows.push_back(std::move(narrowed));
      out->places.push_back(place);
    }
  }
}

}  // namespace

PlacedFlows FlowsOf(const Agreement& document) {
  PlacedFlows out;
  out.flows = document.flows;
  for (size_t i = 0; i < document.flows.size(); ++i) {
    out.places.push_back(absl::StrCat("flows[", i, "] ", document.flows[i].id));
  }
  return out;
}

PlacedFlows FlowsUnder(const Agreement& document,
                       absl::Span<const Agreement* const> above) {
  PlacedFlows left = FlowsOf(document);
  for (const Agreement* one : above) {
    PlacedFlows narrowed;
    for (size_t i = 0; i < left.flows.size(); ++i) {
      AddNarrowed(left.flows[i], left.places[i], *one, &narrowed);
    }
    left = std::move(narrowed);
  }
  return left;
}

}  // namespace entente::policy
