#include "client/entry_row.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/entry_filter.h"
#include "client/json_value.h"

namespace entente::client {
namespace {

std::string Outcome(const policy::LedgerEntry& entry) {
  return entry.outcome == policy::Outcome::kAllow ? "allow" : "deny";
}

std::string Joined(const std::map<std::string, std::string>& map) {
  return absl::StrJoin(map, "; ", absl::PairFormatter("="));
}

std::string ReasonCodes(const policy::LedgerEntry& entry) {
  return absl::StrJoin(entry.reasons, " ",
                       [](std::string* out, const policy::EntryReason& reason) {
                         out->append(reason.code);
                       });
}

std::string ReasonClauses(const policy::LedgerEntry& entry) {
  return absl::StrJoin(entry.reasons, "; ",
                       [](std::string* out, const policy::EntryReason& reason) {
                         out->append(reason.clause);
                       });
}

// As it came with the request, or as the broker filled it in.
std::string Justification(const policy::LedgerEntry& entry) {
  constexpr char kName[] = "justification";
  const auto filled = entry.detail.find(kName);
  return filled == entry.detail.end()
             ? AccompanyingOf(entry, kName)
             : absl::StrCat(filled->second, " (filled in)");
}

std::vector<std::string> NamesOf(const Record& row) {
  std::vector<std::string> names;
  for (const auto& [name, value] : row) names.push_back(name);
  return names;
}

}  // namespace

std::string UtcTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

std::string LocalTime(absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3S%Ez", time, zone);
}

const std::vector<std::string>& ShortColumns() {
  static const auto* const columns =
      new std::vector<std::string>(NamesOf(ShortRow(FoundEntry())));
  return *columns;
}

Record ShortRow(const FoundEntry& found) {
  const policy::LedgerEntry& entry = found.entry;
  return {{"place", PlaceText(found.place)},
          {"time", UtcTime(entry.time)},
          {"kind", policy::EntryKindName(entry.kind)},
          {"outcome", Outcome(entry)},
          {"sender", entry.sender},
          {"recipient", entry.recipient},
          {"flow", entry.flow},
          {"purpose", entry.purpose},
          {"case", CaseOf(entry)},
          {"records", entry.records},
          {"reasons", ReasonCodes(entry)},
          {"actor", entry.actor}};
}

const std::vector<std::string>& FullColumns() {
  static const auto* const columns = new std::vector<std::string>(
      NamesOf(FullRow(FoundEntry(), absl::UTCTimeZone())));
  return *columns;
}

Record FullRow(const FoundEntry& found, absl::TimeZone zone) {
  const policy::LedgerEntry& entry = found.entry;
  return {{"part", static_cast<uint64_t>(found.place.part)},
          {"index", found.place.index},
          {"time_utc", UtcTime(entry.time)},
          {"time_local", LocalTime(entry.time, zone)},
          {"kind", policy::EntryKindName(entry.kind)},
          {"operation", policy::OperationName(entry.operation)},
          {"outcome", Outcome(entry)},
          {"reasons", ReasonCodes(entry)},
          {"clauses", ReasonClauses(entry)},
          {"agreement", entry.agreement},
          {"version", static_cast<uint64_t>(entry.version)},
          {"digest", entry.digest},
          {"flow", entry.flow},
          {"purpose", entry.purpose},
          {"method", entry.method},
          {"dataset", entry.dataset},
          {"sender", entry.sender},
          {"recipient", entry.recipient},
          {"actor", entry.actor},
          {"actor_certificate", entry.actor_certificate},
          {"case_reference", CaseOf(entry)},
          {"justification", Justification(entry)},
          {"accompanying", Joined(entry.accompanying)},
          {"fields", absl::StrJoin(entry.fields, " ")},
          {"fields_omitted", entry.fields_omitted},
          {"records", entry.records},
          {"subject", entry.subject},
          {"manifest", entry.manifest},
          {"batch", entry.batch},
          {"detail", Joined(entry.detail)}};
}

absl::StatusOr<Record> EntryRecord(const FoundEntry& found,
                                   absl::TimeZone zone) {
  absl::StatusOr<Value> entry = ReadJson(found.line);
  if (!entry.ok()) return entry.status();
  return Record{{"part", static_cast<uint64_t>(found.place.part)},
                {"index", found.place.index},
                {"local_time", LocalTime(found.entry.time, zone)},
                {"entry", *std::move(entry)}};
}

}  // namespace entente::client
