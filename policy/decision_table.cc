#include "policy/decision_table.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "absl/hash/hash.h"

namespace entente::policy {
namespace {

size_t HashOf(absl::string_view text) {
  return absl::Hash<absl::string_view>()(text);
}

size_t HashOf(absl::string_view purpose, absl::string_view dataset) {
  return absl::Hash<std::pair<absl::string_view, absl::string_view>>()(
      {purpose, dataset});
}

// What a table of `document` takes, or a little more.
template <typename Route, typename FlowRow, typename Field>
size_t BytesFor(const Agreement& document) {
  constexpr size_t kAlignment = alignof(std::max_align_t);
  size_t bytes = 4 * kAlignment;
  for (const auto& [id, party] : document.parties) {
    bytes += sizeof(absl::string_view) + id.size();
  }
  for (const Flow& flow : document.flows) {
    bytes += sizeof(FlowRow) + flow.id.size();
    for (const std::string& purpose : flow.purposes) {
      bytes += sizeof(Route) + purpose.size() + flow.dataset.size();
    }
    for (const auto& [name, treatment] : flow.release) {
      bytes +=
          sizeof(Field) + name.size() + SchemeOf(document, flow, name).size();
    }
  }
  return bytes;
}

}  // namespace

DecisionTable::DecisionTable(const Agreement& document)
    : bytes_(BytesFor<Route, FlowRow, Field>(document)),
      memory_(std::make_unique<uint8_t[]>(bytes_)),
      pool_(memory_.get(), bytes_),
      parties_(&pool_),
      routes_(&pool_),
      flows_(&pool_),
      fields_(&pool_) {
  size_t routes = 0;
  size_t fields = 0;
  for (const Flow& flow : document.flows) {
    routes += flow.purposes.size();
    fields += flow.release.size();
  }
  parties_.reserve(document.parties.size());
  routes_.reserve(routes);
  flows_.reserve(document.flows.size());
  fields_.reserve(fields);
  for (const auto& [id, party] : document.parties) {
    parties_.push_back(Keep(id));
  }
  for (const Flow& flow : document.flows) AddFlow(document, flow);
  std::sort(routes_.begin(), routes_.end(),
            [](const Route& a, const Route& b) { return a.hash < b.hash; });
}

absl::string_view DecisionTable::Keep(absl::string_view text) {
  if (text.empty()) return "";
  char* const kept = static_cast<char*>(pool_.allocate(text.size(), 1));
  std::memcpy(kept, text.data(), text.size());
  return {kept, text.size()};
}

void DecisionTable::AddFlow(const Agreement& document, const Flow& flow) {
  for (const std::string& purpose : flow.purposes) {
    routes_.push_back({HashOf(purpose, flow.dataset), Keep(purpose),
                       Keep(flow.dataset), uint32_t(flows_.size())});
  }
  FlowRow row;
  row.flow = &flow;
  row.id = Keep(flow.id);
  for (const std::string& id : flow.from) row.from |= PartyBit(id);
  for (const std::string& id : flow.to) row.to |= PartyBit(id);
  row.most_records = flow.limits.records_per_request.value_or(
      std::numeric_limits<int64_t>::max());
  for (const Method method : flow.methods) row.methods |= BitOf(method);
  for (const Requirement need : flow.require) row.requirements |= BitOf(need);
  row.first_field = uint32_t(fields_.size());
  for (const auto& [name, treatment] : flow.release) {
    Field field;
    field.hash = HashOf(name);
    field.name = Keep(name);
    field.treatment = &treatment;
    field.transform = treatment.transform;
    field.index = row.field_count++;
    if (treatment.transform == Transform::kPseudonym) {
      field.scheme = Keep(SchemeOf(document, flow, name));
    }
    if (treatment.transform != Transform::kWithhold) ++row.released;
    fields_.push_back(field);
  }
  std::sort(fields_.begin() + row.first_field, fields_.end(),
            [](const Field& a, const Field& b) { return a.hash < b.hash; });
  flows_.push_back(row);
}

uint64_t DecisionTable::PartyBit(absl::string_view agency) const {
  for (size_t i = 0; i < parties_.size(); ++i) {
    if (parties_[i] == agency) return uint64_t{1} << i;
  }
  return 0;
}

const DecisionTable::FlowRow* DecisionTable::FindRoute(
    absl::string_view sender, absl::string_view recipient,
    absl::string_view purpose, absl::string_view dataset) const {
  const uint64_t from = PartyBit(sender);
  const uint64_t to = PartyBit(recipient);
  if (from == 0 || to == 0 || from == to) return nullptr;
  const size_t hash = HashOf(purpose, dataset);
  const FlowRow* found = nullptr;
  auto route = std::lower_bound(
      routes_.begin(), routes_.end(), hash,
      [](const Route& a, size_t wanted) { return a.hash < wanted; });
  for (; route != routes_.end() && route->hash == hash; ++route) {
    if (route->purpose != purpose || route->dataset != dataset) continue;
    const FlowRow& row = flows_[route->flow];
    if ((row.from & from) == 0 || (row.to & to) == 0) continue;
    if (found != nullptr) return nullptr;
    found = &row;
  }
  return found;
}

const DecisionTable::Field* DecisionTable::FindField(
    const FlowRow& row, absl::string_view name) const {
  const size_t hash = HashOf(name);
  const Field* const end = fields_.data() + row.first_field + row.field_count;
  const Field* field = std::lower_bound(
      fields_.data() + row.first_field, end, hash,
      [](const Field& a, size_t wanted) { return a.hash < wanted; });
  for (; field != end && field->hash == hash; ++field) {
    if (field->name == name) return field;
  }
  return nullptr;
}

}  // namespace entente::policy
