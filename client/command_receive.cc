#include "client/command_receive.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cancellation.h"
#include "client/error.h"
#include "client/follower.h"
#include "client/jsonl_sink.h"
#include "client/progress.h"
#include "client/receiver.h"
#include "client/stop_signal.h"

namespace entente::client {
namespace {

struct ReceiveOptions {
  std::string agreement;
  std::string out;
  bool follow = false;
};

// What was neither delivered nor refused here, by why.
struct HeldBatches {
  uint64_t all = 0;
  uint64_t kept = 0;             // by the agreement, as it is now
  std::vector<std::string> why;  // `SUSPENDED_BY_SENDER: north-police`
};

// Nothing else tells a recipient of them. None if the broker does not say.
HeldBatches HeldBack(Receiver& receiver, const ReceiveReport& report,
                     Output& out) {
  HeldBatches held;
  const auto waiting = receiver.Waiting();
  const uint64_t known = report.refused.size() + report.with_others;
  if (!waiting.ok() || waiting->all <= known) return held;
  held.all = waiting->all - known;
  held.kept = std::min(waiting->kept, held.all);
  if (held.kept > 0) {
    held.why = waiting->because;
    if (waiting->grant_over > 0) {
      held.why.push_back(absl::StrCat("GRANT_OVER: ", waiting->grant_over));
    }
    out.Say(absl::StrCat(held.kept, " more are kept at the broker and not ",
                         "delivered (", absl::StrJoin(held.why, ", "), ")"));
  }
  if (held.all > held.kept) {
    out.Say(absl::StrCat(
        held.all - held.kept,
        " more at the broker, not delivered: past their last instant (7 days "
        "at most); ask the sender to send the records again. What came just "
        "now, the next run receives"));
  }
  return held;
}

Record BatchRecord(const ReceivedSummary& batch) {
  return {{"batch", batch.batch},
          {"sender", batch.sender},
          {"flow", batch.flow},
          {"records", batch.records},
          {"matched", batch.matched},
          {"withheld", batch.withheld},
          {"violations", policy::PrintViolations(batch.violations)},
          {"file", batch.file.empty() ? Value() : Value(batch.file)},
          {"entry", batch.entry},
          {"received_before", batch.before}};
}

Record Summary(const std::string& agreement, const ReceiveReport& report,
               const HeldBatches& held) {
  std::vector<Value> batches;
  uint64_t received = 0;
  uint64_t matched = 0;
  for (const ReceivedSummary& batch : report.batches) {
    batches.emplace_back(BatchRecord(batch));
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
  return {{"agreement", agreement},
          {"batches", std::move(batches)},
          {"received", received},
          {"matched", matched},
          {"refused", std::move(refused)},
          {"held_back", held.all},
          {"kept", held.kept},
          {"kept_because", ListOf(held.why)},
          {"with_others", report.with_others}};
}

// What the command ends with if `records` were withheld.
absl::Status Withheld(uint64_t records) {
  if (records == 0) return absl::OkStatus();
  return ToStatus(
      {.what = absl::StrCat(records, " records were withheld"),
       .why = "they hold what the agreement does not promise; the ledger says "
              "which, and never what",
       .next = "tell the sender: its journal (send --journal) says of which "
               "rows they are",
       .code = "NOT_AS_AGREED",
       .exit = ExitCode::kPartial});
}

absl::Status Withheld(const ReceiveReport& report) {
  uint64_t withheld = 0;
  for (const ReceivedSummary& batch : report.batches) {
    if (!batch.before) withheld += batch.withheld;
  }
  return Withheld(withheld);
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

absl::StatusOr<std::unique_ptr<BatchSink>> OpenSink(
    Session& session, const ReceiveOptions& options) {
  if (options.out == "-") {
    return std::unique_ptr<BatchSink>(
        std::make_unique<OutputSink>(&session.out()));
  }
  auto folder = FolderSink::Open(options.out);
  if (!folder.ok()) return folder.status();
  return std::unique_ptr<BatchSink>(*std::move(folder));
}

// Shows a person how many records were taken over, and how long it takes if all
// of the `batches` that wait come; 0 if that is not known.
class ShowingSink : public BatchSink {
 public:
  ShowingSink(BatchSink* sink, std::ostream* to, uint64_t batches)
      : sink_(*sink), batches_(batches), progress_(to, "received") {}

  absl::StatusOr<std::string> Take(const std::string& batch,
                                   const std::string& sender,
                                   const OpenedBatch& opened) override {
    absl::StatusOr<std::string> taken = sink_.Take(batch, sender, opened);
    if (!taken.ok()) return taken;
    records_ += opened.records.size();
    ++taken_;
    progress_.Show(records_, Share());
    return taken;
  }

 private:
  std::optional<double> Share() const {
    if (taken_ > batches_) return std::nullopt;
    return static_cast<double>(taken_) / static_cast<double>(batches_);
  }

  BatchSink& sink_;
  const uint64_t batches_;
  uint64_t taken_ = 0;
  Progress progress_;
  uint64_t records_ = 0;
};

// What the broker would deliver, for a person who watches: `to` is not null. 0
// if it does not say.
uint64_t BatchesToCome(Receiver& receiver, std::ostream* to) {
  if (to == nullptr) return 0;
  const auto waiting = receiver.Waiting();
  return waiting.ok() ? waiting->all - std::min(waiting->kept, waiting->all)
                      : 0;
}

absl::Status ReceiveOnce(Session& session, const Profile& profile,
                         const ReceiveOptions& options, BatchSink& sink) {
  const Cancellation asked;
  const StopSignal stop(&asked);
  const auto receiver = Receiver::Open(profile, options.agreement);
  if (!receiver.ok()) return receiver.status();
  Output& out = session.out();
  std::ostream* to = options.out == "-" ? nullptr : out.watched();
  auto watched =
      std::make_unique<ShowingSink>(&sink, to, BatchesToCome(**receiver, to));
  const absl::StatusOr<ReceiveReport> report =
      (*receiver)->Run(*watched, &asked);
  watched.reset();  // clears the line
  if (!report.ok()) return report.status();
  if (report->with_others > 0) {
    out.Say(absl::StrCat(report->with_others,
                         " more are with other receivers of this agency just "
                         "now"));
  }
  // Standard output holds either records or the summary.
  const HeldBatches held =
      report->stopped ? HeldBatches() : HeldBack(**receiver, *report, out);
  if (options.out != "-") {
    out.Print(Summary(options.agreement, *report, held));
  }
  if (report->stopped) return StopSignal::Check();
  // After what waits here: nobody's trouble with a pepper keeps data away.
  const absl::Status passed = (*receiver)->PassPepperOn(out);
  const absl::Status outcome = Outcome(*report);
  return outcome.ok() ? passed : outcome;
}

// What a command that follows has seen so far.
struct Followed {
  FollowTotals totals;
  uint64_t breaks = 0;
  bool is_open = false;  // or has been
  bool is_broken = false;
  absl::Status first_refused;
};

std::string Line(const ReceivedSummary& batch) {
  if (batch.before) {
    return absl::StrCat("batch ", batch.batch, " of ", batch.sender,
                        ": received before, acknowledged now");
  }
  return absl::StrCat("batch ", batch.batch, " of ", batch.sender, ": ",
                      batch.records - batch.withheld, " records, ",
                      batch.matched, " matched", batch.file.empty() ? "" : ", ",
                      batch.file);
}

// Tells `out` of what happens, batch by batch, and keeps count in `followed`.
void Listen(const ReceiveOptions& options, Output& out, Followed* followed,
            Following* following) {
  const bool rows = options.out != "-" && !OnlyOne(out).ok();
  following->listener.received = [=, &out](const ReceivedSummary& batch) {
    followed->totals.Add(batch);
    if (!rows) {
      if (options.out != "-") out.Say(Line(batch));
      return;
    }
    out.StreamRow(BatchRecord(batch));
    // What cannot be written is told when the command ends.
    out.Flush().IgnoreError();
  };
  following->listener.refused = [=, &out](const RefusedSummary& batch) {
    ++followed->totals.refused;
    if (followed->first_refused.ok()) followed->first_refused = batch.why;
    const Failure failure = FromStatus(batch.why);
    out.Say(absl::StrCat("batch ", batch.batch, " of ", batch.sender,
                         " is refused here and stays at the broker: ",
                         failure.what, " (", failure.code, ")"));
  };
  following->broken = [=, &out](const absl::Status& why) {
    ++followed->breaks;
    followed->is_broken = true;
    const Failure failure = FromStatus(why);
    out.Say(absl::StrCat("interrupted: ", failure.what, " (", failure.code,
                         "); trying again until it works"));
  };
  following->opened = [=, &out](Receiver& receiver) {
    if (!std::exchange(followed->is_open, true)) {
      out.Say("receiving what comes");
    } else if (std::exchange(followed->is_broken, false)) {
      out.Say("receiving again");
    }
    // Nobody's trouble with a pepper keeps data away.
    if (absl::Status passed = receiver.PassPepperOn(out); !passed.ok()) {
      out.Say(absl::StrCat("the pepper was not passed on: ",
                           FromStatus(passed).what));
    }
  };
}

absl::Status ReceiveOn(Session& session, const Profile& profile,
                       const ReceiveOptions& options, BatchSink& sink) {
  Output& out = session.out();
  const Cancellation asked;
  const StopSignal stop(&asked);
  Followed followed;
  Following following = FollowingOf(profile, options.agreement);
  Listen(options, out, &followed, &following);
  const absl::Status ended = Follow(following, sink, asked);
  const FollowTotals& totals = followed.totals;
  if (options.out != "-" && OnlyOne(out).ok()) {
    out.Print({{"agreement", options.agreement},
               {"batches", totals.batches},
               {"received", totals.records},
               {"matched", totals.matched},
               {"withheld", totals.withheld},
               {"refused", totals.refused},
               {"breaks", followed.breaks}});
  } else {
    out.Say(absl::StrCat("received ", totals.records, " records in ",
                         totals.batches, " batches"));
  }
  if (!ended.ok()) return ended;
  if (!followed.first_refused.ok()) {
    return Annotate(followed.first_refused,
                    absl::StrCat(totals.refused,
                                 " batches were refused here and stay at the "
                                 "broker; this is about the first"));
  }
  return Withheld(totals.withheld);
}

absl::Status Receive(Session& session, const ReceiveOptions& options) {
  if (!options.follow) {
    if (absl::Status fits = OnlyOne(session.out()); !fits.ok()) return fits;
  }
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  if (profile->settings().role != ProfileRole::kSystem) {
    return UsageError("only an agency's system receives",
                      "use the system's profile: --profile");
  }
  const auto sink = OpenSink(session, options);
  if (!sink.ok()) return sink.status();
  return options.follow ? ReceiveOn(session, *profile, options, **sink)
                        : ReceiveOnce(session, *profile, options, **sink);
}

}  // namespace

void RegisterReceive(Command& root) {
  auto options = std::make_shared<ReceiveOptions>();
  root.Sub("receive", "Verifies, opens and acknowledges what waits",
           "entente receive --agreement ID --out inbox/")
      .Required("--agreement", "ID", "The agreement's id", &options->agreement)
      .Required("--out", "DIR", "One file a batch; `-`: standard output",
                &options->out)
      .Flag("--follow",
            "Go on with what comes, also over breaks, until Ctrl-C; -o ndjson "
            "prints a line a batch",
            &options->follow)
      .Does(Effect::kMutates, Prints::kEither,
            [options](Session& session) { return Receive(session, *options); });
}

}  // namespace entente::client
