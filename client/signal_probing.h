// The signal of probing: refusals that are repeated with small changes.
#ifndef ENTENTE_CLIENT_SIGNAL_PROBING_H_
#define ENTENTE_CLIENT_SIGNAL_PROBING_H_

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/ledger_actor.h"
#include "client/misuse_signal.h"

namespace entente::client {

// kProbing: an actor was refused `rules.probes` different questions, for what
// it asked (policy::IsAboutRequest), each at most kProbeGap after the one
// before and at most kSmallChange names away from one of them. The same
// question again is a retry, and does not count. Memory: kMaxChains for each
// actor.
class ProbingSignals final : public SignalDetector {
 public:
  explicit ProbingSignals(const SignalRules& rules) : rules_(rules) {}

  void See(const FoundEntry& found) override;
  void Report(SignalReport* report) const override;

 private:
  // The names that a question consists of, in a fixed order.
  using Question = std::vector<std::string>;
  // Questions that grew out of one another.
  struct Chain {
    std::deque<Question> questions;  // the latest, at most kMaxCompared
    size_t variants = 0;
    Evidence evidence;
    std::optional<Place> allowed;  // what was let through in the end
  };

  static Question QuestionOf(const policy::LedgerEntry& entry);
  // How near `question` is to one of `chain`.
  static size_t Distance(const Chain& chain, const Question& question);
  // The chain that `question` grew out of at `time`, or null.
  static Chain* Find(std::vector<Chain>& chains, const Question& question,
                     absl::Time time);
  void Keep(const LedgerActor& actor, Chain chain);

  const SignalRules rules_;
  std::map<LedgerActor, std::vector<Chain>> open_;
  std::vector<std::pair<LedgerActor, Chain>> closed_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_SIGNAL_PROBING_H_
