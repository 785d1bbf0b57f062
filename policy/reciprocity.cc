#include "policy/reciprocity.h"

#include <algorithm>
#include <map>
#include <utility>

namespace entente::policy {
namespace {

Gift GiftOf(const Agreement& agreement, const Flow& flow) {
  Gift gift{agreement.id, flow.id, flow.dataset, {}, flow.purposes};
  for (const auto& [field, treatment] : flow.release) {
    if (treatment.transform != Transform::kWithhold) {
      gift.fields.push_back(field);
    }
  }
  return gift;
}

}  // namespace

size_t FieldsIn(const std::vector<Gift>& gifts) {
  size_t fields = 0;
  for (const Gift& gift : gifts) fields += gift.fields.size();
  return fields;
}

std::vector<Exchange> ReciprocityOf(
    absl::Span<const Agreement* const> agreements) {
  std::vector<const Agreement*> ordered(agreements.begin(), agreements.end());
  std::stable_sort(
      ordered.begin(), ordered.end(),
      [](const Agreement* a, const Agreement* b) { return a->id < b->id; });
  std::map<std::pair<std::string, std::string>, Exchange> pairs;
  for (const Agreement* agreement : ordered) {
    for (const Flow& flow : agreement->flows) {
      const Gift gift = GiftOf(*agreement, flow);
      for (const std::string& from : flow.from) {
        for (const std::string& to : flow.to) {
          if (from == to) continue;
          Exchange& pair = pairs[std::minmax(from, to)];
          (from < to ? pair.first_gives : pair.second_gives).push_back(gift);
        }
      }
    }
  }
  std::vector<Exchange> exchanges;
  exchanges.reserve(pairs.size());
  for (auto& [ends, pair] : pairs) {
    pair.first = ends.first;
    pair.second = ends.second;
    exchanges.push_back(std::move(pair));
  }
  return exchanges;
}

}  // namespace entente::policy
