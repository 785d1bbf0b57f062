#include "client/command_receive.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "client/jsonl_sink.h"
#include "client/receiver.h"

namespace entente::client {
namespace {

struct ReceiveOptions {
  std::string agreement;
  std::string out;
};

// What was neither delivered nor refused here. Nothing else tells a recipient
// of a batch whose time ran out at the broker. 0 if the broker does not say.
uint64_t HeldBack(Receiver& receiver, const ReceiveReport& report,
                  Output& out) {
  const absl::StatusOr<uint64_t> waiting = receiver.Waiting();
  if (!waiting.ok() || *waiting <= report.refused.size()) return 0;
  const uint64_t held = *waiting - report.refused.size();
  out.Say(absl::StrCat(
      held,
      " more at the broker, not delivered: past their last instant (7 "
      "days at most), or their sender is suspended; ask the sender to "
      "send the records again. What came just now, the next run "
      "receives"));
  return held;
}

Record Summary(const std::string& agreement, const ReceiveReport& report,
               uint64_t held_back) {
  std::vector<Value> batches;
  uint64_t received = 0;
  uint64_t matched = 0;
  for (const ReceivedSummary& batch : report.batches) {
    batches.emplace_back(
        Record{{"batch", batch.batch},
               {"sender", batch.sender},
               {"flow", batch.flow},
               {"records", batch.records},
               {"matched", batch.matched},
               {"withheld", batch.withheld},
               {"violations", policy::PrintViolations(batch.violations)},
               {"file", batch.file.empty() ? Value() : Value(batch.file)},
               {"entry", batch.entry},
               {"received_before", batch.before}});
    if (batch.before) continue;
    received += batch.records - batch.withheld;
    matched += batch.matched;
  }
  std::vector<Value> refused;
  for (const RefusedSummary& batch : report.refused) {
    const Failure failure = FromStatus(batch.why);
    refused.emplace_back(Record{{"batch", batch.batch},
                                {"sender", batch.sender},
                                {"what", failure.what},
                                {"why", failure.why},
                                {"code", failure.code}});
  }
  return {{"agreement", agreement},        {"batches", std::move(batches)},
          {"received", received},          {"matched", matched},
          {"refused", std::move(refused)}, {"held_back", held_back}};
}

// What the command ends with if all batches were received.
absl::Status Withheld(const ReceiveReport& report) {
  uint64_t withheld = 0;
  for (const ReceivedSummary& batch : report.batches) {
    if (!batch.before) withheld += batch.withheld;
  }
  if (withheld == 0) return absl::OkStatus();
  return ToStatus(
      {.what = absl::StrCat(withheld, " records were withheld"),
       .why = "they hold what the agreement does not promise; the ledger says "
              "which, and never what",
       .next = "tell the sender: its journal (send --journal) says of which "
               "rows they are",
       .code = "NOT_AS_AGREED",
       .exit = ExitCode::kPartial});
}

// The first refused batch as the command's error.
absl::Status Outcome(const ReceiveReport& report) {
  if (report.refused.empty()) return Withheld(report);
  const RefusedSummary& first = report.refused.front();
  return Annotate(
      first.why,
      absl::StrCat(report.refused.size(), " of ",
                   report.batches.size() + report.refused.size(),
                   " batches were refused here and stay at the broker; the "
                   "first is ",
                   first.batch.empty() ? "unreadable" : first.batch, " of ",
                   first.sender.empty() ? "nobody known" : first.sender));
}

absl::Status Receive(Session& session, const ReceiveOptions& options) {
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  if (profile->settings().role != ProfileRole::kSystem) {
    return UsageError("only an agency's system receives",
                      "use the system's profile: --profile");
  }
  const bool to_output = options.out == "-";
  std::unique_ptr<BatchSink> sink;
  if (to_output) {
    sink = std::make_unique<OutputSink>(&session.out());
  } else {
    auto folder = FolderSink::Open(options.out);
    if (!folder.ok()) return folder.status();
    sink = *std::move(folder);
  }
  const auto receiver = Receiver::Open(*profile, options.agreement);
  if (!receiver.ok()) return receiver.status();
  const absl::StatusOr<ReceiveReport> report = (*receiver)->Run(*sink);
  if (!report.ok()) return report.status();
  // Standard output holds either records or the summary.
  const uint64_t held_back = HeldBack(**receiver, *report, session.out());
  if (!to_output) {
    session.out().Print(Summary(options.agreement, *report, held_back));
  }
  // After what waits here: nobody's trouble with a pepper keeps data away.
  const absl::Status passed = (*receiver)->PassPepperOn(session.out());
  const absl::Status outcome = Outcome(*report);
  return outcome.ok() ? passed : outcome;
}

}  // namespace

void RegisterReceive(Command& root) {
  auto options = std::make_shared<ReceiveOptions>();
  root.Sub("receive", "Verifies, opens and acknowledges what waits",
           "entente receive --agreement ID --out inbox/")
      .Required("--agreement", "ID", "The agreement's id", &options->agreement)
      .Required("--out", "DIR", "One file a batch; `-`: standard output",
                &options->out)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return Receive(session, *options); });
}

}  // namespace entente::client
