// The life of one agreement, from a blank document to its end, step by step:
// as its people type it, with the installed programs and a clock that moves.
#ifndef ENTENTE_TESTS_LIFECYCLE_LIFE_H_
#define ENTENTE_TESTS_LIFECYCLE_LIFE_H_

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "tests/world/moved_clock.h"
#include "tests/world/own_world.h"

namespace entente::lifecycle {

using nlohmann::json;
using Changes = std::vector<std::pair<std::string, std::string>>;

// Exit codes of the command.
inline constexpr int kFailed = 1;
inline constexpr int kRefused = 3;
inline constexpr int kNotAuthenticated = 4;
inline constexpr int kConflict = 5;
inline constexpr int kNotProven = 6;
inline constexpr int kUnavailable = 7;
inline constexpr int kPartly = 8;

// Promised is that streams are cut within a second; a busy machine takes
// longer.
inline constexpr absl::Duration kCutWithin = absl::Seconds(5);

// Days from the first: the reviews, those of the version after them, the end.
inline constexpr int kReviewDay = 100;
inline constexpr int kUntilDay = 200;
inline constexpr int kNextReviewDay = kUntilDay;

// A sending that the agreement allows while it is in force.
struct Sample {
  std::string from;
  std::string to;
  std::string flow;
  std::string purpose;
  std::string dataset;
  std::vector<std::string> more;  // words of `send`: what goes with it
  std::string columns;
  std::function<std::string(int)> row;  // another one for each number
};

// The `code` of the error in what a command printed, or of the first reason of
// an answer that says no.
std::string CodeOf(const json& ran);

// `text` with each first part, which must be there, replaced by its second.
std::string Changed(std::string text, const Changes& changes);

class Life : public world::OwnWorld {
 protected:
  // Of one agreement of `kind`; the first of `parties` is world::kLeft. Those
  // that no world has are made.
  Life(std::string kind, std::vector<std::string> parties);
  void SetUp() override;

  const std::string& id() const { return id_; }
  std::string Siro(const std::string& agency) const;
  std::string System(const std::string& agency) const;
  // A file in the world's folder.
  std::string Write(const std::string& name, const std::string& content) const;
  std::string Day(int from_the_first) const;

  // `agreement ...` under a profile; empty for nobody's.
  json Agreement(const std::string& profile, std::vector<std::string> words,
                 int exit = 0);
  std::string State();
  // `explain` for what goes from `from` to `to`.
  json Explain(const std::string& from, const std::string& to,
               const std::string& purpose, const std::string& dataset,
               std::vector<std::string> more = {}, int exit = 0);
  // `enrol` of all of a file.
  void Enrol(const std::string& agency, const std::string& scheme,
             const std::vector<std::string>& columns, const std::string& ref,
             const std::string& file);
  json Send(const std::string& from, const std::string& flow,
            const std::string& purpose, std::vector<std::string> more,
            const std::string& rows, int exit = 0);
  // The values of the records that were waiting.
  std::vector<json> Receive(const std::string& agency);
  // Why the last sending refused rows.
  std::string RefusedRows() const;

  // The steps, each with what must hold on its way.

  // `agreement new`, and every blank filled that `check` names by its place.
  std::string Draft();
  // That `file` fails its check if `changed`, at a place, saying `what`.
  void ExpectMistake(const std::string& file, const Changes& changed,
                     const std::string& what);
  // Proposed, and signed by one party after the other: nothing moves before
  // the last line is signed, and then the sample does.
  void ComeIntoForce(const std::string& file);
  // `by` suspends, alone: the next sending is refused, what waits is kept, and
  // `other` cannot lift it. Then the sender suspends its own sending.
  void BeSuspended(const std::string& by, const std::string& other);
  // The next version, with `changes`, of which the signatories are told
  // `sentence`. The one before lives until the last line is signed.
  void BeAmended(const Changes& changes, const std::string& sentence);
  // That what is prepared under version 1 is refused on the wire, with the
  // number of the version in force. While the clock was not moved.
  void ExpectFirstSuperseded();
  // Warned of at 90, 30 and 7 days, suspended when overdue, and brought back
  // by a version with later days.
  void BeReviewed();
  // `agency` leaves, which leaves one party: it has ended.
  void EndByWithdrawal(const std::string& agency);
  // Its last day passes while somebody receives: half open, and no grace.
  void EndByExpiry();
  // Exported and verified without anybody, and its ledger too.
  void ProveIt();

  Sample sample_;
  world::MovedClock clock_;
  std::string digest_;  // of the version in force
  uint32_t version_ = 1;

 private:
  std::string ValueFor(const std::string& field) const;
  json SendSample(int exit = 0);
  // The code that refuses the sample.
  std::string Refusal() { return CodeOf(SendSample(kRefused)); }
  // Those that are in force, with their states.
  json Version(uint32_t version);
  // Signs `version` for `agency`; the answer.
  json Sign(const std::string& agency, uint32_t version,
            const std::string& digest);
  // The warnings of the agreement's reviews: code to `within`.
  std::map<std::string, int> ReviewWarnings();

  const std::string kind_;
  const std::string id_;
  const std::vector<std::string> parties_;
  std::map<std::string, std::string> roots_;
  std::string first_digest_;
  int sent_ = 0;
  int inboxes_ = 0;
};

}  // namespace entente::lifecycle

#endif  // ENTENTE_TESTS_LIFECYCLE_LIFE_H_
