#include "policy/coverage.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::policy {
namespace {

constexpr char kGlassUse[] = "break_glass";

std::string PlaceOf(const Agreement& agreement, size_t index) {
  return absl::StrCat("flows[", index, "] ", agreement.flows[index].id);
}

std::string WayOf(absl::string_view from, absl::string_view to,
                  absl::string_view purpose) {
  return absl::StrCat(from, " to ", to, " for ", purpose);
}

// Where a scheme is declared first, and the scheme.
std::vector<std::pair<std::string, std::string>> SchemesOf(
    const Agreement& agreement) {
  std::vector<std::pair<std::string, std::string>> schemes;
  for (const auto& [id, dataset] : agreement.datasets) {
    for (const auto& identifier : dataset.identifiers) {
      const std::string& scheme = identifier.second;
      const bool is_known =
          std::any_of(schemes.begin(), schemes.end(),
                      [&](const auto& one) { return one.second == scheme; });
      if (is_known) continue;
      schemes.emplace_back(absl::StrCat("datasets.", id, ".identifiers"),
                           scheme);
    }
  }
  return schemes;
}

std::string LimitClause(const std::string& place, const char* name) {
  return absl::StrCat(place, ".limits.", name);
}

}  // namespace

Coverage::Coverage(const Agreement* agreement, std::string digest,
                   absl::Time since)
    : agreement_(*agreement), digest_(std::move(digest)), since_(since) {
  for (const auto& [id, party] : agreement_.parties) {
    clauses_.emplace_back("parties", id);
  }
  for (const auto& [id, purpose] : agreement_.purposes) {
    clauses_.emplace_back("purposes", id);
  }
  for (const auto& [clause, scheme] : SchemesOf(agreement_)) {
    clauses_.emplace_back(clause, scheme);
  }
  for (size_t i = 0; i < agreement_.flows.size(); ++i) {
    const Flow& flow = agreement_.flows[i];
    const std::string place = PlaceOf(agreement_, i);
    for (const std::string& from : flow.from) {
      for (const std::string& to : flow.to) {
        if (from == to) continue;
        for (const std::string& purpose : flow.purposes) {
          clauses_.emplace_back(place, WayOf(from, to, purpose));
        }
      }
    }
    for (const Method method : flow.methods) {
      clauses_.emplace_back(absl::StrCat(place, ".methods"),
                            std::string(WordOf(method)));
    }
  }
  if (agreement_.break_glass.has_value()) {
    clauses_.emplace_back(kGlassUse, "emergencies");
  }
}

void Coverage::Count(const std::string& clause, const std::string& what,
                     const LedgerEntry& entry) {
  Use& use = uses_[{clause, what}];
  use.last = std::max(use.last.value_or(entry.time), entry.time);
  if (entry.time < since_) return;
  ++use.acts;
  use.records += entry.records;
}

void Coverage::Spend(const std::string& clause, const std::string& who,
                     absl::CivilDay from, uint64_t amount) {
  uint64_t& spent = spent_[{absl::StrCat(clause, " ", who), from}];
  spent += amount;
  uint64_t& most = most_[clause];
  most = std::max(most, spent);
}

void Coverage::SeeLimits(const LedgerEntry& entry, const std::string& place,
                         const Flow& flow) {
  if (entry.time < since_) return;
  const absl::CivilDay day = absl::ToCivilDay(entry.time, absl::UTCTimeZone());
  const std::string route = absl::StrCat(entry.sender, ">", entry.recipient);
  uint64_t& most = most_[LimitClause(place, "records_per_request")];
  most = std::max(most, entry.records);
  Spend(LimitClause(place, "requests_per_day"), route, day, 1);
  Spend(LimitClause(place, "records_per_day"), route, day, entry.records);
  if (entry.method == WordOf(Method::kExtract)) {
    Spend(LimitClause(place, "extracts_per_year"), absl::StrCat(flow.id, route),
          absl::CivilDay(absl::CivilYear(day)), 1);
  }
}

void Coverage::SeeBatch(const LedgerEntry& entry) {
  Count("parties", entry.sender, entry);
  Count("parties", entry.recipient, entry);
  Count("purposes", entry.purpose, entry);
  for (size_t i = 0; i < agreement_.flows.size(); ++i) {
    const Flow& flow = agreement_.flows[i];
    if (flow.id != entry.flow) continue;
    const std::string place = PlaceOf(agreement_, i);
    Count(place, WayOf(entry.sender, entry.recipient, entry.purpose), entry);
    Count(absl::StrCat(place, ".methods"), entry.method, entry);
    SeeLimits(entry, place, flow);
  }
}

void Coverage::See(const LedgerEntry& entry, absl::string_view caller) {
  if (entry.outcome != Outcome::kAllow) return;
  switch (entry.kind) {
    case EntryKind::kBatch:
    case EntryKind::kQuery:
      return SeeBatch(entry);
    case EntryKind::kEnrolment: {
      const auto scheme = entry.detail.find("scheme");
      if (scheme == entry.detail.end()) return;
      for (const auto& [clause, name] : SchemesOf(agreement_)) {
        if (name == scheme->second) Count(clause, name, entry);
      }
      if (entry.time < since_) return;
      return Spend("enrolments_per_day", std::string(caller),
                   absl::ToCivilDay(entry.time, absl::UTCTimeZone()),
                   entry.records);
    }
    case EntryKind::kBreakGlassAsked:
      return Count(kGlassUse, "emergencies", entry);
    case EntryKind::kAgreementActivated:
      if (entry.digest == digest_) activated_ = entry.time;
      return;
    default:
      return;
  }
}

std::vector<ClauseUse> Coverage::Clauses() const {
  std::vector<ClauseUse> clauses;
  for (const auto& key : clauses_) {
    ClauseUse clause = {.clause = key.first, .what = key.second};
    const auto use = uses_.find(key);
    if (use != uses_.end()) {
      clause.acts = use->second.acts;
      clause.records = use->second.records;
      clause.last = use->second.last;
    }
    clauses.push_back(std::move(clause));
  }
  return clauses;
}

std::vector<LimitUse> Coverage::Limits() const {
  std::vector<LimitUse> limits;
  for (size_t i = 0; i < agreement_.flows.size(); ++i) {
    const struct Limits& of = agreement_.flows[i].limits;
    const std::pair<const char*, const std::optional<int64_t>&> named[] = {
        {"requests_per_day", of.requests_per_day},
        {"records_per_request", of.records_per_request},
        {"records_per_day", of.records_per_day},
        {"extracts_per_year", of.extracts_per_year},
        {"enrolments_per_day", of.enrolments_per_day}};
    for (const auto& [name, limit] : named) {
      if (!limit.has_value()) continue;
      const std::string clause = LimitClause(PlaceOf(agreement_, i), name);
      // Enrolments count for an agency, whatever the flow.
      const auto most = most_.find(
          absl::string_view(name) == "enrolments_per_day" ? name : clause);
      limits.push_back(
          {clause, *limit, most == most_.end() ? 0 : most->second});
    }
  }
  return limits;
}

}  // namespace entente::policy
