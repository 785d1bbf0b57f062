#include "policy/bands.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace entente::policy {
namespace {

constexpr int64_t kFarthest = 1'000'000'000'000'000'000;

std::string NameOf(int64_t from, int64_t to, Between between) {
  if (between == Between::kFractions) {
    return absl::StrCat(from, " to under ", to);
  }
  return from == to - 1 ? absl::StrCat(from)
                        : absl::StrCat(from, " to ", to - 1);
}

}  // namespace

std::vector<std::string> BandNames(absl::Span<const int64_t> edges,
                                   Between between) {
  std::vector<std::string> names = {absl::StrCat("under ", edges.front())};
  for (size_t i = 1; i < edges.size(); ++i) {
    names.push_back(NameOf(edges[i - 1], edges[i], between));
  }
  names.push_back(absl::StrCat(edges.back(), " or over"));
  return names;
}

size_t BandOf(absl::Span<const int64_t> edges, int64_t value) {
  return size_t(std::upper_bound(edges.begin(), edges.end(), value) -
                edges.begin());
}

int64_t Floor(absl::string_view decimal) {
  const bool negative = absl::ConsumePrefix(&decimal, "-");
  const size_t point = std::min(decimal.find('.'), decimal.size());
  const absl::string_view fraction = decimal.substr(point);
  int64_t whole = kFarthest;
  if (point <= 18) {
    // Fails for no digits alone, which a decimal has.
    if (!absl::SimpleAtoi(decimal.substr(0, point), &whole)) whole = 0;
  }
  if (!negative) return whole;
  const bool more = fraction.find_first_not_of(".0") != absl::string_view::npos;
  return more && whole < kFarthest ? -whole - 1 : -whole;
}

}  // namespace entente::policy
