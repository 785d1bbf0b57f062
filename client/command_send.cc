#include "client/command_send.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/csv_writer.h"
#include "client/dealings.h"
#include "client/error.h"
#include "client/expiry.h"
#include "client/line_file.h"
#include "client/outgoing_rows.h"
#include "client/pepper_exchange.h"
#include "client/progress.h"
#include "client/refused_rows.h"
#include "client/row_source.h"
#include "client/send_plan.h"
#include "client/sender.h"
#include "client/sending.h"
#include "client/stop_signal.h"
#include "client/verified_grant.h"
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
  bool again = false;
  std::string break_glass;
  std::string file;
};

using Pairs = std::map<std::string, std::string>;

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

absl::StatusOr<std::vector<std::string>> Recipients(
    const Dealings& dealings, const SendOptions& options) {
  if (!options.to.empty()) return std::vector<std::string>{options.to};
  const policy::Flow* flow = dealings.verified.FindFlow(options.flow);
  // Planning says what is wrong with an unknown flow.
  if (flow == nullptr) return std::vector<std::string>{""};
  const std::string& sender = dealings.profile.settings().agency;
  std::vector<std::string> recipients = RecipientsOf(*flow, sender);
  if (!recipients.empty()) return recipients;
  return ToStatus(
      {.what =
           absl::StrCat(sender, " does not send in the flow ", options.flow),
       .why = absl::StrCat("it goes from ", absl::StrJoin(flow->from, ", "),
                           " to ", absl::StrJoin(flow->to, ", ")),
       .next = "name a flow in which you send with --flow",
       .code = "NO_FLOW",
       .exit = ExitCode::kRefused});
}

// One for each recipient.
absl::StatusOr<std::vector<std::unique_ptr<Sending>>> BeginAll(
    const Dealings& dealings, const SendOptions& options,
    const std::optional<policy::Grant>& grant, const Pairs& accompanying,
    const ColumnMap& map, LineFile* journal, SendTotals* totals) {
  const auto recipients = Recipients(dealings, options);
  if (!recipients.ok()) return recipients.status();
  std::vector<std::unique_ptr<Sending>> sendings;
  for (const std::string& recipient : *recipients) {
    SendingOptions sending;
    sending.request = {dealings.profile.settings().agency,
                       recipient,
                       options.flow,
                       options.purpose,
                       options.method,
                       accompanying};
    sending.request.grant = grant;
    sending.map = map;
    sending.again = options.again;
    sending.journal = options.journal.empty() ? nullptr : journal;
    auto begun = Sending::Begin(dealings, sending, totals);
    if (!begun.ok()) return begun.status();
    sendings.push_back(*std::move(begun));
  }
  return sendings;
}

// What a run that ended early has done already.
absl::Status After(const absl::Status& ended, const SendTotals& totals,
                   const std::string& recipient) {
  if (ended.ok() || totals.batches.empty()) return ended;
  return Annotate(ended, absl::StrCat("after ", totals.batches.size(),
                                      " batches that are sent, one to ",
                                      recipient, " was not"));
}

absl::Status SendBlocks(RowSource& rows,
                        const std::vector<std::unique_ptr<Sending>>& sendings,
                        Progress& progress, RefusedRows* refused,
                        SendTotals* totals, uint64_t* count) {
  for (bool last = false; !last;) {
    auto block = rows.Next();
    if (!block.ok()) return block.status();
    last = block->last;
    std::vector<BadRow> bad = block->bad;
    absl::Status done;
    for (const auto& sending : sendings) {
      done = sending->Add(*block, &bad);
      if (done.ok() && last) done = sending->Finish();
      if (done.ok()) continue;
      done = After(done, *totals, sending->recipient());
      break;
    }
    // Also of a block that was not sent whole.
    if (absl::Status kept = refused->Add(bad); !kept.ok()) return kept;
    if (!done.ok()) return done;
    *count += block->count;
    progress.Show(*count, rows.share_read());
  }
  return absl::OkStatus();
}

std::vector<Value> Describe(const std::vector<SentBatch>& batches) {
  std::vector<Value> described;
  for (const SentBatch& batch : batches) {
    described.emplace_back(
        Record{{"batch", crypto::ToHex(batch.batch_id)},
               {"recipient", batch.recipient},
               {"records", batch.records},
               {"digest", crypto::ToHex(batch.digest)},
               {"ledger", batch.ledger},
               {"entry", batch.entry},
               {"good_until", batch.good_until.has_value()
                                  ? Value(InstantText(*batch.good_until))
                                  : Value()}});
  }
  return described;
}

std::vector<Value> Describe(const std::vector<DroppedBatch>& batches) {
  std::vector<Value> described;
  for (const DroppedBatch& batch : batches) {
    described.emplace_back(Record{{"batch", crypto::ToHex(batch.batch_id)},
                                  {"recipient", batch.recipient},
                                  {"records", batch.records},
                                  {"code", FromStatus(batch.why).code}});
  }
  return described;
}

struct Outcome {
  uint64_t rows = 0;
  SendTotals totals;
  UnfinishedBatches unfinished;
};

absl::Status SendAll(const Dealings& dealings, const SendOptions& options,
                     const std::optional<policy::Grant>& grant,
                     const Pairs& accompanying, const ColumnMap& map,
                     RowSource& rows, LineFile* journal, RefusedRows* refused,
                     Outcome* outcome) {
  if (absl::Status s = PassPepperOn(dealings); !s.ok()) return s;
  auto unfinished = SendUnfinished(dealings);
  if (!unfinished.ok()) return unfinished.status();
  outcome->unfinished = *std::move(unfinished);
  const auto sendings = BeginAll(dealings, options, grant, accompanying, map,
                                 journal, &outcome->totals);
  if (!sendings.ok()) return sendings.status();
  Progress progress(dealings.out.watched(), "sent");
  return SendBlocks(rows, *sendings, progress, refused, &outcome->totals,
                    &outcome->rows);
}

// What is on disk tells the truth also when the sending stopped half way.
absl::Status KeepFiles(const SendOptions& options, LineFile* journal,
                       RefusedRows* refused) {
  const absl::Status kept = refused->Keep();
  if (!kept.ok() || options.journal.empty()) return kept;
  return journal->Keep();
}

// A grant is for one recipient and one case: both need not be said again.
SendOptions WithGrant(SendOptions options,
                      const std::optional<policy::Grant>& grant) {
  if (!grant.has_value()) return options;
  if (options.to.empty()) options.to = grant->recipient;
  if (options.case_reference.empty()) {
    options.case_reference = grant->case_reference;
  }
  return options;
}

absl::Status RunSend(Session& session, const SendOptions& given) {
  SendOptions options = given;
  const auto map = ReadPairs(options.maps, "--map");
  if (!map.ok()) return map.status();
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  if (profile->settings().role != ProfileRole::kSystem) {
    return UsageError("only an agency's system sends",
                      "use the system's profile: --profile");
  }
  const auto rows = RowSource::Open(options.file, &session.in());
  if (!rows.ok()) return rows.status();
  const auto store = LocalStore::Open(*profile);
  if (!store.ok()) return store.status();
  const auto link = BrokerLink::Open(*profile);
  if (!link.ok()) return link.status();
  const auto verified = FetchVerified(**link, *profile, &(*store)->knowledge(),
                                      options.agreement, 0);
  if (!verified.ok()) return verified.status();
  std::optional<policy::Grant> grant;
  if (!options.break_glass.empty()) {
    auto named = GrantToSendUnder(**link, *profile, &(*store)->knowledge(),
                                  *verified, options.break_glass);
    if (!named.ok()) return named.status();
    grant = *std::move(named);
  }
  options = WithGrant(std::move(options), grant);
  const auto accompanying = Accompanying(options);
  if (!accompanying.ok()) return accompanying.status();
  const auto key = LedgerKey(*profile, verified->id());
  if (!key.ok()) return key.status();
  LedgerView view(&(*store)->knowledge(), verified->id(), *key);
  const StopSignal stop;
  RefusedRows refused(options.file);
  LineFile journal(options.journal);
  if (!options.journal.empty()) {
    const absl::Status begun =
        journal.Append(CsvLine({"row", "recipient", "batch", "index"}));
    if (!begun.ok()) return begun;
  }
  Outcome outcome;
  const absl::Status sent = SendAll(
      {*profile, **link, **store, *verified, view, session.out()}, options,
      grant, *accompanying, *map, **rows, &journal, &refused, &outcome);
  const absl::Status kept = KeepFiles(options, &journal, &refused);
  if (!sent.ok()) return sent;
  if (!kept.ok()) return kept;
  session.out().Print(
      {{"agreement", verified->id()},
       {"flow", options.flow},
       {"rows", outcome.rows},
       {"sent", outcome.totals.sent},
       {"sent_before", outcome.totals.sent_before},
       {"refused_rows", refused.count()},
       {"refused_file", refused.count() == 0 ? Value() : Value(refused.path())},
       {"batches", Describe(outcome.totals.batches)},
       {"resumed", Describe(outcome.unfinished.sent)},
       {"dropped", Describe(outcome.unfinished.dropped)}});
  const absl::Status rows_good =
      refused.Verdict(outcome.totals.sent + outcome.totals.sent_before);
  return rows_good.ok() ? VerdictOn(outcome.unfinished.dropped) : rows_good;
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
      .Option("--break-glass", "GRANT",
              "Under this grant: with the fields that it opens, to its "
              "recipient, for its case",
              &o->break_glass)
      .Flag("--again", "Also sends what was sent before", &o->again)
      .Positional("FILE", "CSV, JSON Lines, or - for CSV from standard input",
                  &o->file)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return RunSend(session, *options); });
}

}  // namespace entente::client
