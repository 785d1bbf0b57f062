#include "policy/route_boxes.h"

#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace entente::policy {
namespace {

using Names = std::set<absl::string_view>;

std::vector<std::string> ListOf(const Names& names) {
  return {names.begin(), names.end()};
}

}  // namespace

std::vector<RouteBox> BoxesOf(const std::vector<Way>& ways) {
  std::map<std::pair<absl::string_view, absl::string_view>, Names> purposes;
  for (const Way& way : ways) purposes[{way.from, way.to}].insert(way.purpose);
  // To whom each gives for the same purposes.
  std::map<std::pair<absl::string_view, Names>, Names> recipients;
  for (const auto& [ends, of] : purposes) {
    recipients[{ends.first, of}].insert(ends.second);
  }
  // Who gives to the same. A sender counts among its recipients, so that
  // agencies that all give to each other are one box.
  std::map<std::pair<Names, Names>, Names> senders;
  for (const auto& [key, to] : recipients) {
    Names all = to;
    all.insert(key.first);
    senders[{std::move(all), key.second}].insert(key.first);
  }
  std::vector<RouteBox> boxes;
  for (auto& [key, from] : senders) {
    Names to = key.first;
    if (from.size() == 1) to.erase(*from.begin());
    boxes.push_back({ListOf(from), ListOf(to), ListOf(key.second)});
  }
  return boxes;
}

}  // namespace entente::policy
