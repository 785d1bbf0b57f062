#include "policy/violations.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "policy/text.h"

namespace entente::policy {
namespace {

// A total, and each listed one with a blank, ten digits, a colon and a name.
constexpr size_t kMaxText = 16 + kMaxListedViolations * 80;

absl::Status Malformed() {
  return absl::InvalidArgumentError(
      "violations must be written as `2 12:place 17:offence`, in order");
}

std::optional<Violation> ParseOne(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  const std::optional<int64_t> record = ParseInteger(parts.first);
  if (!record.has_value() || *record < 0 ||
      *record > std::numeric_limits<uint32_t>::max() ||
      !kFieldName.matches(parts.second)) {
    return std::nullopt;
  }
  return Violation{static_cast<uint32_t>(*record), std::string(parts.second)};
}

bool Before(const Violation& one, const Violation& other) {
  return std::tie(one.record, one.field) < std::tie(other.record, other.field);
}

}  // namespace

std::string PrintViolations(const Violations& violations) {
  if (violations.total == 0) return "";
  std::string text = absl::StrCat(violations.total);
  for (const Violation& violation : violations.listed) {
    absl::StrAppend(&text, " ", violation.record, ":", violation.field);
  }
  return text;
}

absl::StatusOr<Violations> ParseViolations(absl::string_view text) {
  Violations violations;
  if (text.empty()) return violations;
  if (text.size() > kMaxText) return Malformed();
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ');
  const std::optional<int64_t> total = ParseInteger(words[0]);
  if (!total.has_value() || *total < 1) return Malformed();
  violations.total = static_cast<uint64_t>(*total);
  for (size_t i = 1; i < words.size(); ++i) {
    std::optional<Violation> one = ParseOne(words[i]);
    if (!one.has_value() || (!violations.listed.empty() &&
                             !Before(violations.listed.back(), *one))) {
      return Malformed();
    }
    violations.listed.push_back(*std::move(one));
  }
  if (violations.listed.size() !=
      std::min<uint64_t>(violations.total, kMaxListedViolations)) {
    return Malformed();
  }
  return violations;
}

absl::Status CheckViolations(const Violations& violations, uint64_t records,
                             const std::vector<std::string>& fields) {
  if (violations.total > records * fields.size()) {
    return absl::InvalidArgumentError(
        "more violations than the batch has values");
  }
  for (const Violation& violation : violations.listed) {
    if (violation.record >= records) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a violation of record ", violation.record, " of ", records));
    }
    if (std::find(fields.begin(), fields.end(), violation.field) ==
        fields.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a violation of ", violation.field, ", which the batch has not"));
    }
  }
  return absl::OkStatus();
}

}  // namespace entente::policy
