#include "client/command_audit_read.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/json_value.h"
#include "client/ledger_at_broker.h"
#include "client/mirror_parts.h"
#include "crypto/hex.h"
#include "policy/ledger_part.h"

namespace entente::client {
namespace {

constexpr uint64_t kMaxListed = 10000;
// What --part is when it is not given.
constexpr uint64_t kNewestPart = uint64_t{policy::kMaxLedgerPart} + 1;

struct ReadOptions {
  std::string agreement;
  std::string folder;
  std::string index;
  std::string accepted;
  uint64_t limit = 20;
  uint64_t part = kNewestPart;
};

absl::StatusOr<std::unique_ptr<LedgerAtBroker>> OpenLedger(
    Session& session, const ReadOptions& options) {
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  return LedgerAtBroker::Open(*profile, LedgerIdOf(options.agreement));
}

std::optional<uint32_t> PartOf(const ReadOptions& options) {
  if (options.part == kNewestPart) return std::nullopt;
  return static_cast<uint32_t>(options.part);
}

absl::Status Mirror(Session& session, const ReadOptions& options) {
  const auto ledger = OpenLedger(session, options);
  if (!ledger.ok()) return ledger.status();
  LedgerAtBroker& at = **ledger;
  const auto newest = at.Newest();
  if (!newest.ok()) return newest.status();
  const auto mirrored = MirrorParts(at.parts(), at.key(), at.ledger(),
                                    policy::PartName(at.ledger(), *newest),
                                    options.folder, options.accepted);
  if (!mirrored.ok()) return mirrored.status();
  uint64_t fetched = 0;
  std::vector<Value> folders;
  for (const MirroredPart& part : *mirrored) {
    fetched += part.result.added;
    folders.emplace_back(Record{{"ledger", part.name},
                                {"folder", part.folder},
                                {"size", part.result.size}});
  }
  const MirroredPart& last = mirrored->back();
  Record record = {{"ledger", last.name},
                   {"size", last.result.size},
                   {"root", crypto::ToBase64(last.result.root)},
                   {"fetched", fetched}};
  if (folders.size() > 1) record.emplace_back("parts", std::move(folders));
  session.out().Print(record);
  return absl::OkStatus();
}

const std::vector<std::string>& ListColumns() {
  static const std::vector<std::string>* const columns =
      new std::vector<std::string>{"index",  "time",      "kind",    "outcome",
                                   "sender", "recipient", "flow",    "records",
                                   "actor",  "reasons",   "subject", "batch"};
  return *columns;
}

Record ListRow(const VerifiedEntry& read) {
  const policy::LedgerEntry& entry = read.entry;
  return {
      {"index", read.index},
      {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", entry.time,
                                absl::UTCTimeZone())},
      {"kind", policy::EntryKindName(entry.kind)},
      {"outcome", entry.outcome == policy::Outcome::kAllow ? "allow" : "deny"},
      {"sender", entry.sender},
      {"recipient", entry.recipient},
      {"flow", entry.flow},
      {"records", entry.records},
      {"actor", entry.actor},
      {"reasons",
       absl::StrJoin(entry.reasons, " ",
                     [](std::string* out, const policy::EntryReason& reason) {
                       out->append(reason.code);
                     })},
      {"subject", entry.subject},
      {"batch", entry.batch}};
}

absl::Status List(Session& session, const ReadOptions& options) {
  const auto ledger = OpenLedger(session, options);
  if (!ledger.ok()) return ledger.status();
  absl::StatusOr<EntryReader> opened = (*ledger)->Read(PartOf(options));
  if (!opened.ok()) return opened.status();
  EntryReader& reader = *opened;
  const absl::StatusOr<uint64_t> size = reader.Size();
  if (!size.ok()) return size.status();
  std::vector<Record> rows;
  for (uint64_t index = *size - std::min(*size, options.limit); index < *size;
       ++index) {
    const absl::StatusOr<VerifiedEntry> entry = reader.Read(index);
    if (!entry.ok()) return entry.status();
    rows.push_back(ListRow(*entry));
  }
  if (absl::Status kept = (*ledger)->Remember(reader); !kept.ok()) return kept;
  session.out().PrintList("entries", ListColumns(), rows);
  return absl::OkStatus();
}

absl::Status Show(Session& session, const ReadOptions& options) {
  uint64_t index = 0;
  if (!absl::SimpleAtoi(options.index, &index)) {
    return UsageError("INDEX is a whole number", "as `audit list` prints it");
  }
  const auto ledger = OpenLedger(session, options);
  if (!ledger.ok()) return ledger.status();
  absl::StatusOr<EntryReader> reader = (*ledger)->Read(PartOf(options));
  if (!reader.ok()) return reader.status();
  const absl::StatusOr<VerifiedEntry> read = reader->Read(index);
  if (!read.ok()) return read.status();
  if (absl::Status kept = (*ledger)->Remember(*reader); !kept.ok()) return kept;
  absl::StatusOr<Value> entry = ReadJson(read->line);
  if (!entry.ok()) return entry.status();
  session.out().Print(
      {{"index", index},
       {"ledger", policy::PartName((*ledger)->ledger(), reader->seen().part)},
       {"entry", *std::move(entry)},
       {"verified", true}});
  return absl::OkStatus();
}

Command& TakesLedger(Command& command, ReadOptions* options) {
  return command.Option("--agreement", "ID",
                        "Whose ledger; the broker's own without it",
                        &options->agreement);
}

Command& TakesPart(Command& command, ReadOptions* options) {
  return command.Number("--part", "N",
                        "Which part of a ledger that was continued; 0 is the "
                        "first, the newest if not said",
                        &options->part, 0, policy::kMaxLedgerPart);
}

}  // namespace

void RegisterAuditRead(Command& audit) {
  auto options = std::make_shared<ReadOptions>();
  Command list = audit.Sub("list", "The last entries, each proved",
                           "entente audit list --agreement ID");
  TakesPart(TakesLedger(list, options.get()), options.get())
      .Number("--limit", "N", "How many", &options->limit, 1, kMaxListed)
      .Does(Effect::kReads, Prints::kList,
            [options](Session& session) { return List(session, *options); });
  Command show = audit.Sub("show", "One entry, proved",
                           "entente audit show 17 --agreement ID");
  TakesPart(TakesLedger(show, options.get()), options.get())
      .Positional("INDEX", "Its place in the ledger, from 0", &options->index)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return Show(session, *options); });
  Command mirror =
      audit.Sub("mirror", "Copies a ledger, checking every entry of it",
                "entente audit mirror ledger/ --agreement ID");
  TakesLedger(mirror, options.get())
      .Positional("DIR",
                  "Made if missing; goes on where it stopped; parts that "
                  "follow are made beside it, as DIR.1",
                  &options->folder)
      .Option("--accept", "HEX",
              "Go on in a new part with this first entry, although DIR holds "
              "entries that it does not vouch for; they stay there",
              &options->accepted)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return Mirror(session, *options); });
}

}  // namespace entente::client
