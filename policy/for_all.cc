#include "policy/for_all.h"

#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <random>
#include <sstream>
#include <utility>
#include <vector>

#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"

namespace entente::policy {
namespace {

constexpr size_t kThrows = 1024;

// What a die will show. Zero is the simplest.
struct Throws {
  std::vector<uint64_t> values;
};

std::ostream& operator<<(std::ostream& out, const Throws& throws) {
  const auto zeros =
      std::count(throws.values.begin(), throws.values.end(), uint64_t{0});
  return out << throws.values.size() - static_cast<size_t>(zeros)
             << " throws that are not zero";
}

// Everything that is a little simpler: long stretches of zeros first, then
// shorter ones, then smaller numbers.
rc::Seq<Throws> Simpler(const Throws& throws) {
  using Span = std::pair<size_t, size_t>;
  const std::vector<uint64_t>& values = throws.values;
  std::vector<Span> spans;
  for (size_t length = values.size(); length > 0; length /= 2) {
    for (size_t begin = 0; begin + length <= values.size(); begin += length) {
      const auto first = values.begin() + static_cast<std::ptrdiff_t>(begin);
      const bool zero =
          std::all_of(first, first + static_cast<std::ptrdiff_t>(length),
                      [](uint64_t value) { return value == 0; });
      if (!zero) spans.emplace_back(begin, length);
    }
  }
  // Halfway to zero, then ever less far.
  std::vector<std::pair<size_t, uint64_t>> smaller;
  for (size_t i = 0; i < values.size(); ++i) {
    for (uint64_t cut = values[i] / 2; cut > 0; cut /= 2) {
      smaller.emplace_back(i, values[i] - cut);
    }
  }
  auto zeroed = rc::seq::map(
      rc::seq::fromContainer(std::move(spans)), [throws](const Span& span) {
        Throws simpler = throws;
        std::fill_n(simpler.values.begin() + std::ptrdiff_t(span.first),
                    span.second, uint64_t{0});
        return simpler;
      });
  auto reduced = rc::seq::map(rc::seq::fromContainer(std::move(smaller)),
                              [throws](const auto& change) {
                                Throws simpler = throws;
                                simpler.values[change.first] = change.second;
                                return simpler;
                              });
  return rc::seq::concat(std::move(zeroed), std::move(reduced));
}

rc::Gen<Throws> AnyThrows() {
  return [](const rc::Random& random, int) {
    rc::Random source = random;
    std::mt19937_64 engine(source.next());
    Throws throws;
    throws.values.resize(kThrows);
    for (uint64_t& value : throws.values) value = engine() & 0xffff;
    return rc::shrinkable::shrinkRecur(std::move(throws), &Simpler);
  };
}

// What `body` says against `throws`, or "".
std::string FailureOf(const std::function<void(Dice*)>& body,
                      const Throws& throws) {
  testing::TestPartResultArray results;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::
            INTERCEPT_ONLY_CURRENT_THREAD,
        &results);
    Dice dice(throws.values);
    body(&dice);
  }
  std::ostringstream said;
  for (int i = 0; i < results.size(); ++i) {
    const testing::TestPartResult& result = results.GetTestPartResult(i);
    if (result.failed()) said << result;
  }
  return said.str();
}

}  // namespace

void ForAll(int rounds, const std::function<void(Dice*)>& body) {
  rc::detail::TestParams params;
  if (std::getenv("RC_PARAMS") != nullptr) {
    params = rc::detail::configuration().testParams;
  }
  params.maxSuccess = rounds;
  const rc::detail::TestResult result = rc::detail::checkTestable(
      [&body] {
        const std::string failure = FailureOf(body, *AnyThrows());
        if (!failure.empty()) RC_FAIL(failure);
      },
      rc::detail::TestMetadata(), params);
  if (result.is<rc::detail::SuccessResult>()) return;
  std::ostringstream report;
  rc::detail::printResultMessage(result, report);
  ADD_FAILURE() << report.str();
}

}  // namespace entente::policy
