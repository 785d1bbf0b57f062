#include "client/command_audit_accept.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/continuation.h"
#include "client/error.h"
#include "client/ledger_at_broker.h"
#include "client/ledger_view.h"
#include "policy/ledger_part.h"

namespace entente::client {
namespace {

struct AcceptOptions {
  std::string agreement;
  std::string digest;
};

// What a person has to know before saying yes.
std::vector<std::string> Words(const ContinuedLedger& continued) {
  const Failure loss = FromStatus(CheckWhole(continued));
  return {loss.what, loss.why,
          absl::StrCat("What was lost was recorded once, and the broker cannot "
                       "show it any more. Receipts and mirrors that you hold "
                       "are the evidence; what this profile verified is kept."),
          absl::StrCat("The first entry of ", continued.newest(),
                       " has the digest ", continued.digest())};
}

absl::Status Agree(Session& session, const ContinuedLedger& continued,
                   const AcceptOptions& options) {
  if (!options.digest.empty()) {
    if (options.digest == continued.digest()) return absl::OkStatus();
    return ToStatus(
        {.what = "not accepted: the ledger goes on otherwise than the digest "
                 "says",
         .why = absl::StrCat("the first entry of ", continued.newest(),
                             " has the digest ", continued.digest()),
         .next = "ask the operator which one is right",
         .code = "DIGEST_DIFFERS",
         .exit = ExitCode::kVerificationFailed});
  }
  for (const std::string& line : Words(continued)) session.out().Say(line);
  return session.Confirm(
      absl::StrCat("Do you go on with ", continued.newest(), "?"), "yes",
      absl::StrCat("entente audit accept",
                   options.agreement.empty()
                       ? std::string()
                       : absl::StrCat(" --agreement ", options.agreement),
                   " --digest ", continued.digest()));
}

void PrintResult(Session& session, const ContinuedLedger& continued) {
  Record record = {
      {"ledger", continued.newest()},
      {"digest", continued.digest()},
      {"seen", policy::PartName(continued.ledger, continued.known.part)},
      {"lost", continued.lost_end - continued.lost_begin}};
  if (!continued.is_whole()) {
    record.emplace_back("from", continued.lost_begin);
    record.emplace_back("to", continued.lost_end - 1);
  }
  session.out().Print(record);
}

absl::Status Accept(Session& session, const AcceptOptions& options) {
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  const auto ledger =
      LedgerAtBroker::Open(*profile, LedgerIdOf(options.agreement));
  if (!ledger.ok()) return ledger.status();
  LedgerAtBroker& at = **ledger;
  if (at.knowledge() == nullptr) {
    return UsageError("only a system's profile keeps what it saw of a ledger",
                      "use the system's profile: --profile; a mirror goes on "
                      "with: entente audit mirror DIR --accept DIGEST");
  }
  LedgerView view(at.knowledge(), at.ledger(), at.key());
  const auto known = view.Known();
  if (!known.ok()) return known.status();
  const auto newest = at.ClaimedNewest();
  if (!newest.ok()) return newest.status();
  if (*newest == policy::PartName(at.ledger(), known->part)) {
    return ToStatus(
        {.what = absl::StrCat("there is nothing to accept: ", *newest,
                              " is known here and goes on"),
         .next = "entente audit list",
         .code = "NOTHING_TO_ACCEPT"});
  }
  const auto continued =
      FollowParts(at.parts(), at.key(), at.ledger(), *known, *newest);
  if (!continued.ok()) return continued.status();
  absl::Status kept;
  if (continued->is_whole()) {
    kept =
        at.knowledge()->KeepContinuation(at.ledger(), *known, continued->parts);
  } else {
    const absl::Status agreed = Agree(session, *continued, options);
    if (!agreed.ok()) return agreed;
    kept = at.knowledge()->AcceptContinuation(
        at.ledger(), *known, continued->parts, continued->first_entry,
        absl::Now());
  }
  if (!kept.ok()) return kept;
  PrintResult(session, *continued);
  return absl::OkStatus();
}

}  // namespace

void RegisterAuditAccept(Command& audit) {
  auto options = std::make_shared<AcceptOptions>();
  audit
      .Sub("accept",
           "Goes on with a ledger that lost entries: shows which, and asks",
           "entente audit accept --agreement ID")
      .Option("--agreement", "ID", "Whose ledger; the broker's own without it",
              &options->agreement)
      .Option("--digest", "HEX",
              "Accept without a question, if the first entry of the new part "
              "has this digest",
              &options->digest)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return Accept(session, *options); });
}

}  // namespace entente::client
