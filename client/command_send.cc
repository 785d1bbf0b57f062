#include "client/command_send.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "client/csv_writer.h"
#include "client/dealings.h"
#include "client/durable_file.h"
#include "client/outgoing_rows.h"
#include "client/pepper_exchange.h"
#include "client/send_plan.h"
#include "client/sender.h"
#include "client/shift_key.h"
#include "crypto/hex.h"

namespace entente::client {
namespace {

constexpr size_t kMaxCarriedBytes = 300;

struct SendOptions {
  std::string agreement;
  std::string flow;
  std::string purpose;
  std::string method = "push";
  std::string to;
  std::string case_reference;
  std::vector<std::string> carried;
  std::vector<std::string> maps;
  std::string journal;
  std::string file;
};

using Pairs = std::map<std::string, std::string>;

// What one sending has come to.
struct Outcome {
  std::vector<SentBatch> batches;
  std::vector<SentBatch> resumed;
  std::vector<BadRow> refused;
  uint64_t sent = 0;
  std::string journal;
};

absl::StatusOr<Pairs> ReadPairs(const std::vector<std::string>& given,
                                absl::string_view option) {
  Pairs pairs;
  for (const std::string& text : given) {
    const std::pair<std::string, std::string> pair =
        absl::StrSplit(text, absl::MaxSplits('=', 1));
    if (pair.first.empty() || pair.second.empty()) {
      return UsageError(absl::StrCat(option, ": \"", text, "\" is no pair"),
                        absl::StrCat(option, " name=value"));
    }
    if (!pairs.insert(pair).second) {
      return UsageError(absl::StrCat(option, " names ", pair.first, " twice"),
                        "give it once");
    }
  }
  return pairs;
}

absl::StatusOr<Pairs> Accompanying(const SendOptions& options) {
  std::vector<std::string> given = options.carried;
  if (!options.case_reference.empty()) {
    given.push_back(absl::StrCat("case_reference=", options.case_reference));
  }
  absl::StatusOr<Pairs> pairs = ReadPairs(given, "--carry");
  if (!pairs.ok()) return pairs;
  for (const auto& [name, value] : *pairs) {
    if (value.size() > kMaxCarriedBytes) {
      return UsageError(absl::StrCat("--carry ", name, " is longer than ",
                                     kMaxCarriedBytes, " bytes"),
                        "shorten it");
    }
  }
  return pairs;
}

void AddToJournal(const BuiltBatch& built, std::string* journal) {
  const std::string id = crypto::ToHex(built.batch.batch_id);
  for (size_t i = 0; i < built.rows.size(); ++i) {
    absl::StrAppend(journal,
                    CsvLine({absl::StrCat(built.rows[i]), built.batch.recipient,
                             id, absl::StrCat(i)}));
  }
}

// Seals, stores and sends `records`, batch by batch.
absl::Status SendRecords(const Dealings& dealings, const BatchRoute& route,
                         absl::Span<const OutgoingRecord> records,
                         Outcome* outcome) {
  const absl::StatusOr<crypto::SigningKey> key = dealings.profile.BatchKey();
  if (!key.ok()) return key.status();
  while (!records.empty()) {
    const auto chunks = PlanChunks(route, records);
    if (!chunks.ok()) return chunks.status();
    size_t count = 0;
    for (const uint32_t chunk : *chunks) count += chunk;
    const auto built = BuildBatch(route, *key, absl::Now(),
                                  records.subspan(0, count), *chunks);
    if (!built.ok()) return built.status();
    const absl::Status put =
        dealings.store.exchange().PutOutgoing(built->batch);
    if (!put.ok()) return put;
    absl::StatusOr<SentBatch> sent =
        SendStored(dealings, built->batch.batch_id);
    if (!sent.ok()) return sent.status();
    outcome->sent += sent->records;
    outcome->batches.push_back(*std::move(sent));
    AddToJournal(*built, &outcome->journal);
    records.remove_prefix(count);
  }
  return absl::OkStatus();
}

absl::Status SendTo(const Dealings& dealings, const SendRequest& request,
                    const ColumnMap& map, const RowFile& file,
                    Outcome* outcome) {
  const absl::StatusOr<KeptCheckpoint> view = dealings.view.Known();
  if (!view.ok()) return view.status();
  std::shared_ptr<const policy::DayShift> shift;
  // Planning says what is wrong with an unknown flow.
  if (const auto* flow = dealings.verified.FindFlow(request.flow)) {
    auto opened = OpenDayShift(dealings.profile, *flow);
    if (!opened.ok()) return opened.status();
    shift = *std::move(opened);
  }
  const auto plan = PlanSending(dealings.verified, *view, absl::Now(), request,
                                std::move(shift));
  if (!plan.ok()) return plan.status();
  const auto rows = ReleaseRows(plan->rows, dealings.verified.id(),
                                dealings.verified.manifest.epoch, map, file,
                                &dealings.store.pseudonyms());
  if (!rows.ok()) return rows.status();
  for (const BadRow& row : rows->refused) {
    const auto& known = outcome->refused;
    if (std::find(known.begin(), known.end(), row) == known.end()) {
      outcome->refused.push_back(row);
    }
  }
  return SendRecords(dealings, plan->route, rows->records, outcome);
}

absl::StatusOr<std::vector<std::string>> Recipients(
    const Dealings& dealings, const SendOptions& options) {
  if (!options.to.empty()) return std::vector<std::string>{options.to};
  const policy::Flow* flow = dealings.verified.FindFlow(options.flow);
  // Planning says what is wrong with an unknown flow.
  if (flow == nullptr) return std::vector<std::string>{""};
  return RecipientsOf(*flow, dealings.profile.settings().agency);
}

absl::Status SendToAll(const Dealings& dealings, const SendOptions& options,
                       const Pairs& accompanying, const ColumnMap& map,
                       const RowFile& file, Outcome* outcome) {
  if (absl::Status s = PassPepperOn(dealings); !s.ok()) return s;
  auto resumed = SendUnfinished(dealings);
  if (!resumed.ok()) return resumed.status();
  outcome->resumed = *std::move(resumed);
  const auto recipients = Recipients(dealings, options);
  if (!recipients.ok()) return recipients.status();
  for (const std::string& recipient : *recipients) {
    const absl::Status sent =
        SendTo(dealings,
               {dealings.profile.settings().agency, recipient, options.flow,
                options.purpose, options.method, accompanying},
               map, file, outcome);
    if (sent.ok()) continue;
    if (outcome->batches.empty()) return sent;
    return Annotate(sent, absl::StrCat("after ", outcome->batches.size(),
                                       " batches that are sent, one to ",
                                       recipient, " was not"));
  }
  return absl::OkStatus();
}

std::vector<Value> Describe(const std::vector<SentBatch>& batches) {
  std::vector<Value> described;
  for (const SentBatch& batch : batches) {
    described.emplace_back(Record{{"batch", crypto::ToHex(batch.batch_id)},
                                  {"recipient", batch.recipient},
                                  {"records", batch.records},
                                  {"digest", crypto::ToHex(batch.digest)},
                                  {"ledger", batch.ledger},
                                  {"entry", batch.entry}});
  }
  return described;
}

// What is on disk tells the truth also when the sending stopped half way.
absl::Status WriteFiles(const SendOptions& options, const Outcome& outcome) {
  const absl::Status refused =
      WriteRefusedRows(RefusedFile(options.file), outcome.refused);
  if (!refused.ok() || options.journal.empty()) return refused;
  return WriteDurably(
      options.journal,
      absl::StrCat(CsvLine({"row", "recipient", "batch", "index"}),
                   outcome.journal),
      0600);
}

absl::Status RunSend(Session& session, const SendOptions& options) {
  const auto accompanying = Accompanying(options);
  if (!accompanying.ok()) return accompanying.status();
  const auto map = ReadPairs(options.maps, "--map");
  if (!map.ok()) return map.status();
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  const auto file = ReadRowFile(options.file, &session.in());
  if (!file.ok()) return file.status();
  const auto store = LocalStore::Open(*profile);
  if (!store.ok()) return store.status();
  const auto link = BrokerLink::Open(*profile);
  if (!link.ok()) return link.status();
  const auto verified = FetchVerified(**link, *profile, &(*store)->knowledge(),
                                      options.agreement, 0);
  if (!verified.ok()) return verified.status();
  const auto key = LedgerKey(*profile, verified->id());
  if (!key.ok()) return key.status();
  LedgerView view(&(*store)->knowledge(), verified->id(), *key);
  Outcome outcome;
  outcome.refused = file->bad;
  const absl::Status sent =
      SendToAll({*profile, **link, **store, *verified, view, session.out()},
                options, *accompanying, *map, *file, &outcome);
  const absl::Status written = WriteFiles(options, outcome);
  if (!sent.ok()) return sent;
  if (!written.ok()) return written;
  const uint64_t refused = CountRows(outcome.refused);
  const std::string refused_file = RefusedFile(options.file);
  session.out().Print(
      {{"agreement", verified->id()},
       {"flow", options.flow},
       {"rows", file->count},
       {"sent", outcome.sent},
       {"refused_rows", refused},
       {"refused_file", refused == 0 ? Value() : Value(refused_file)},
       {"batches", Describe(outcome.batches)},
       {"resumed", Describe(outcome.resumed)}});
  return SomeRefused(refused, outcome.sent, refused_file);
}

}  // namespace

void RegisterSend(Command& root) {
  auto options = std::make_shared<SendOptions>();
  SendOptions* o = options.get();
  root.Sub("send", "Sends rows to the recipients of a flow, sealed",
           "entente send --agreement isa-wessex --flow crimes "
           "--purpose crime-analysis crimes.csv")
      .Required("--agreement", "ID", "Under which agreement", &o->agreement)
      .Required("--flow", "ID", "In which flow", &o->flow)
      .Required("--purpose", "ID", "For which of its purposes", &o->purpose)
      .Option("--method", "METHOD", "push, subscribe or extract", &o->method)
      .Option("--to", "AGENCY", "To whom; to all of the flow if not said",
              &o->to)
      .Option("--case", "REF", "The case reference that goes with it",
              &o->case_reference)
      .Repeated("--carry", "NAME=VALUE", "What else goes with it", &o->carried)
      .Repeated("--map", "FIELD=COLUMN",
                "Where a field stands, if not in the column of its name",
                &o->maps)
      .Option("--journal", "FILE",
              "Writes which row became which record of which batch",
              &o->journal)
      .Positional("FILE", "CSV, JSON Lines, or - for CSV from standard input",
                  &o->file)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return RunSend(session, *options); });
}

}  // namespace entente::client
