#include "client/entry_filter.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace entente::client {
namespace {

// What stands for an act's case in what accompanies a request.
constexpr char kCaseReference[] = "case_reference";
// The acting person, as the agency names it.
constexpr char kPerson[] = "actor";
// The break-glass grant that an act makes, ends or was done under.
constexpr char kGrant[] = "break_glass";

}  // namespace

std::string AccompanyingOf(const policy::LedgerEntry& entry,
                           const std::string& name) {
  const auto found = entry.accompanying.find(name);
  return found == entry.accompanying.end() ? "" : found->second;
}

std::string CaseOf(const policy::LedgerEntry& entry) {
  return AccompanyingOf(entry, kCaseReference);
}

std::string PersonOf(const policy::LedgerEntry& entry) {
  return AccompanyingOf(entry, kPerson);
}

std::string AgencyOfUri(absl::string_view uri) {
  const std::vector<absl::string_view> parts = absl::StrSplit(uri, '/');
  // spiffe: "" domain agency NAME …
  if (parts.size() < 5 || parts[3] != "agency") return "";
  return std::string(parts[4]);
}

const std::vector<absl::string_view>& FacetNames() {
  static const auto* const names = new std::vector<absl::string_view>{
      "kind",    "outcome", "operation", "sender", "recipient",
      "agency",  "flow",    "purpose",   "case",   "method",
      "dataset", "actor",   "person",    "reason", "field",
      "batch",   "subject", "about",     "grant"};
  return *names;
}

std::vector<std::pair<absl::string_view, std::string>> FacetsOf(
    const policy::LedgerEntry& entry) {
  std::vector<std::pair<absl::string_view, std::string>> facets;
  const auto add = [&](absl::string_view name, absl::string_view value) {
    if (value.empty()) return;
    const auto facet = std::pair(name, std::string(value));
    if (std::find(facets.begin(), facets.end(), facet) == facets.end()) {
      facets.push_back(facet);
    }
  };
  add("kind", policy::EntryKindName(entry.kind));
  add("outcome", entry.outcome == policy::Outcome::kAllow ? "allow" : "deny");
  add("operation", policy::OperationName(entry.operation));
  add("sender", entry.sender);
  add("recipient", entry.recipient);
  for (const std::string& agency :
       {entry.sender, entry.recipient, AgencyOfUri(entry.actor)}) {
    add("agency", agency);
  }
  add("flow", entry.flow);
  add("purpose", entry.purpose);
  add("method", entry.method);
  add("dataset", entry.dataset);
  add("actor", entry.actor);
  add("case", CaseOf(entry));
  add("person", PersonOf(entry));
  for (const policy::EntryReason& reason : entry.reasons) {
    add("reason", reason.code);
  }
  for (const std::string& field : entry.fields) add("field", field);
  add("batch", entry.batch);
  add("subject", entry.subject);
  add("about", entry.agreement);
  if (const auto grant = entry.detail.find(kGrant);
      grant != entry.detail.end()) {
    add("grant", grant->second);
    add("grant", absl::string_view(grant->second).substr(0, kGrantDigits));
  }
  return facets;
}

bool EntryFilter::Matches(uint64_t index,
                          const policy::LedgerEntry& entry) const {
  if (index < first || index > last) return false;
  if (entry.time < since || entry.time >= until) return false;
  if (facets.empty()) return true;
  const auto has = FacetsOf(entry);
  return std::all_of(facets.begin(), facets.end(), [&](const auto& wanted) {
    return std::any_of(has.begin(), has.end(), [&](const auto& facet) {
      return facet.first == wanted.first && facet.second == wanted.second;
    });
  });
}

absl::StatusOr<absl::Time> ParseInstant(absl::string_view text, absl::Time now,
                                        absl::TimeZone zone) {
  if (absl::string_view days = text; absl::ConsumeSuffix(&days, "d")) {
    uint32_t count = 0;
    if (absl::SimpleAtoi(days, &count)) {
      return now - absl::Hours(24) * int64_t{count};
    }
  }
  if (absl::Duration back; !text.empty() && absl::ParseDuration(text, &back) &&
                           back > absl::ZeroDuration() &&
                           back < absl::InfiniteDuration()) {
    return now - back;
  }
  absl::Time time;
  std::string ignored;
  const std::string copy(text);
  // It reads words for no time and for all time, too.
  const auto is_instant = [&time] {
    return time > absl::InfinitePast() && time < absl::InfiniteFuture();
  };
  if (absl::ParseTime(absl::RFC3339_full, copy, &time, &ignored) &&
      is_instant()) {
    return time;
  }
  for (const char* format :
       {"%E4Y-%m-%dT%H:%M:%E*S", "%E4Y-%m-%dT%H:%M", "%E4Y-%m-%d"}) {
    if (absl::ParseTime(format, copy, zone, &time, &ignored) && is_instant()) {
      return time;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is no instant"));
}

absl::StatusOr<std::pair<uint64_t, uint64_t>> ParseIndexRange(
    absl::string_view text) {
  const std::vector<absl::string_view> ends = absl::StrSplit(text, '-');
  uint64_t first = 0;
  uint64_t last = std::numeric_limits<uint64_t>::max();
  const bool good =
      ends.size() <= 2 && absl::SimpleAtoi(ends[0], &first) &&
      (ends.size() == 1 || ends[1].empty() || absl::SimpleAtoi(ends[1], &last));
  if (ends.size() == 1) last = first;
  if (!good || first > last) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no range of indexes"));
  }
  return std::pair(first, last);
}

}  // namespace entente::client
