#include "client/command_audit_read.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/json_value.h"
#include "client/ledger_at_broker.h"
#include "client/mirror.h"
#include "crypto/hex.h"

namespace entente::client {
namespace {

constexpr uint64_t kMaxListed = 10000;

struct ReadOptions {
  std::string agreement;
  std::string folder;
  std::string index;
  uint64_t limit = 20;
};

absl::StatusOr<std::unique_ptr<LedgerAtBroker>> OpenLedger(
    Session& session, const ReadOptions& options) {
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  return LedgerAtBroker::Open(*profile, LedgerIdOf(options.agreement));
}

absl::Status Mirror(Session& session, const ReadOptions& options) {
  const auto ledger = OpenLedger(session, options);
  if (!ledger.ok()) return ledger.status();
  const absl::StatusOr<MirrorResult> result =
      MirrorLedger((*ledger)->source(), options.folder, (*ledger)->key());
  if (!result.ok()) return result.status();
  session.out().Print({{"ledger", (*ledger)->id()},
                       {"size", result->size},
                       {"root", crypto::ToBase64(result->root)},
                       {"fetched", result->added}});
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
  EntryReader& reader = (*ledger)->reader();
  const absl::StatusOr<uint64_t> size = reader.Size();
  if (!size.ok()) return size.status();
  std::vector<Record> rows;
  for (uint64_t index = *size - std::min(*size, options.limit); index < *size;
       ++index) {
    const absl::StatusOr<VerifiedEntry> entry = reader.Read(index);
    if (!entry.ok()) return entry.status();
    rows.push_back(ListRow(*entry));
  }
  if (absl::Status kept = (*ledger)->Remember(); !kept.ok()) return kept;
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
  const absl::StatusOr<VerifiedEntry> read = (*ledger)->reader().Read(index);
  if (!read.ok()) return read.status();
  if (absl::Status kept = (*ledger)->Remember(); !kept.ok()) return kept;
  absl::StatusOr<Value> entry = ReadJson(read->line);
  if (!entry.ok()) return entry.status();
  session.out().Print({{"index", index},
                       {"ledger", (*ledger)->id()},
                       {"entry", *std::move(entry)},
                       {"verified", true}});
  return absl::OkStatus();
}

Command& TakesLedger(Command& command, ReadOptions* options) {
  return command.Option("--agreement", "ID",
                        "Whose ledger; the broker's own without it",
                        &options->agreement);
}

}  // namespace

void RegisterAuditRead(Command& audit) {
  auto options = std::make_shared<ReadOptions>();
  Command list = audit.Sub("list", "The last entries, each proved",
                           "entente audit list --agreement ID");
  TakesLedger(list, options.get())
      .Number("--limit", "N", "How many", &options->limit, 1, kMaxListed)
      .Does(Effect::kReads, Prints::kList,
            [options](Session& session) { return List(session, *options); });
  Command show = audit.Sub("show", "One entry, proved",
                           "entente audit show 17 --agreement ID");
  TakesLedger(show, options.get())
      .Positional("INDEX", "Its place in the ledger, from 0", &options->index)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return Show(session, *options); });
  Command mirror =
      audit.Sub("mirror", "Copies a ledger, checking every entry of it",
                "entente audit mirror ledger/ --agreement ID");
  TakesLedger(mirror, options.get())
      .Positional("DIR", "Made if missing; goes on where it stopped",
                  &options->folder)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return Mirror(session, *options); });
}

}  // namespace entente::client
