#include "client/entry_export.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/csv_writer.h"
#include "client/entry_row.h"
#include "client/error.h"
#include "client/stop_signal.h"

namespace entente::client {
namespace {

using policy::EntryKind;

// OCSF 1.1.0: category Application Activity, class API Activity.
constexpr int kCategory = 6;
constexpr int kClass = 6003;
constexpr int kSuccess = 1;
constexpr int kFailure = 2;
constexpr int kInformational = 1;
constexpr int kMedium = 3;

// The activity of the class: 1 create, 2 read, 3 update, 4 delete, 99 other.
int ActivityOf(EntryKind kind) {
  switch (kind) {
    case EntryKind::kBatch:
    case EntryKind::kAnswer:
    case EntryKind::kEnrolment:
    case EntryKind::kPepper:
    case EntryKind::kKeyBundle:
    case EntryKind::kKeyManifest:
    case EntryKind::kAgreementProposed:
    case EntryKind::kBreakGlassAsked:
    case EntryKind::kAgencyAdded:
      return 1;
    case EntryKind::kDelivery:
    case EntryKind::kQuery:
    case EntryKind::kLedgerRead:
    case EntryKind::kLedgerExported:
      return 2;
    case EntryKind::kAgreementSigned:
    case EntryKind::kAgreementActivated:
    case EntryKind::kAgreementSuspended:
    case EntryKind::kAgreementResumed:
    case EntryKind::kBreakGlassApproved:
    case EntryKind::kBreakGlassEnded:
    case EntryKind::kBreakGlassReported:
      return 3;
    case EntryKind::kAgreementWithdrawn:
    case EntryKind::kAgencyRevoked:
    case EntryKind::kCertificateRevoked:
      return 4;
    default:
      return 99;
  }
}

std::vector<std::string> Cells(const Record& row) {
  std::vector<std::string> cells;
  for (const auto& [name, value] : row) {
    const auto* text = std::get_if<std::string>(&value.of);
    cells.push_back(text != nullptr ? *text : ToJson(value));
  }
  return cells;
}

// Which origin each part has.
std::map<uint32_t, std::string> Origins(
    const std::vector<ReadablePart>& parts) {
  std::map<uint32_t, std::string> origins;
  for (const ReadablePart& part : parts) {
    origins[part.part] = part.log->checkpoint().origin;
  }
  return origins;
}

}  // namespace

absl::StatusOr<ExportFormat> ParseExportFormat(absl::string_view name) {
  if (name == "ndjson") return ExportFormat::kNdjson;
  if (name == "csv") return ExportFormat::kCsv;
  if (name == "ocsf") return ExportFormat::kOcsf;
  return UsageError(absl::StrCat("--as: there is no format \"", name, "\""),
                    "choose ndjson, csv or ocsf");
}

Record OcsfEvent(const FoundEntry& found, absl::string_view origin) {
  const policy::LedgerEntry& entry = found.entry;
  const bool allowed = entry.outcome == policy::Outcome::kAllow;
  const int activity = ActivityOf(entry.kind);
  const std::string actor = entry.actor.empty() ? "broker" : entry.actor;
  const std::string agency =
      AgencyOfUri(entry.actor).empty() ? actor : AgencyOfUri(entry.actor);
  Record unmapped = FullRow(found, absl::UTCTimeZone());
  Record event = {
      {"activity_id", activity},
      {"category_uid", kCategory},
      {"class_uid", kClass},
      {"type_uid", kClass * 100 + activity},
      {"time", absl::ToUnixMillis(entry.time)},
      {"severity_id", allowed ? kInformational : kMedium},
      {"status_id", allowed ? kSuccess : kFailure},
      {"metadata", Record{{"version", "1.1.0"},
                          {"uid", absl::StrCat(origin, "#", found.place.index)},
                          {"product", Record{{"name", "entente"},
                                             {"vendor_name", "entente"}}}}},
      {"actor", Record{{"user", Record{{"name", actor},
                                       {"uid", entry.actor_certificate}}}}},
      {"api", Record{{"operation", policy::EntryKindName(entry.kind)},
                     {"request", Record{{"uid", entry.batch}}}}},
      {"src_endpoint", Record{{"name", agency}}}};
  if (!entry.recipient.empty()) {
    event.emplace_back("dst_endpoint", Record{{"name", entry.recipient}});
  }
  if (!entry.reasons.empty()) {
    event.emplace_back("status_code", entry.reasons.front().code);
    event.emplace_back("status_detail", entry.reasons.front().clause);
  }
  event.emplace_back("unmapped", std::move(unmapped));
  return event;
}

absl::StatusOr<uint64_t> ExportEntries(
    std::vector<ReadablePart>& parts, const EntryFilter& filter,
    ExportFormat format, absl::TimeZone zone,
    const std::function<absl::Status(absl::string_view)>& write) {
  const std::map<uint32_t, std::string> origins = Origins(parts);
  if (format == ExportFormat::kCsv) {
    if (absl::Status written = write(CsvLine(FullColumns())); !written.ok()) {
      return written;
    }
  }
  uint64_t count = 0;
  const absl::Status visited =
      ForEachEntry(parts, filter, [&](const FoundEntry& found) {
        if (absl::Status stop = StopSignal::Check(); !stop.ok()) return stop;
        ++count;
        if (format == ExportFormat::kCsv) {
          return write(CsvLine(Cells(FullRow(found, zone))));
        }
        if (format == ExportFormat::kOcsf) {
          return write(absl::StrCat(
              ToJson(Value(OcsfEvent(found, origins.at(found.place.part)))),
              "\n"));
        }
        const absl::StatusOr<Record> record = EntryRecord(found, zone);
        if (!record.ok()) return record.status();
        return write(absl::StrCat(ToJson(Value(*record)), "\n"));
      });
  if (!visited.ok()) return visited;
  return count;
}

}  // namespace entente::client
