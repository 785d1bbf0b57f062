// Signals of habit: acts at unusual hours, and purposes that are new.
#ifndef ENTENTE_CLIENT_SIGNAL_HABITS_H_
#define ENTENTE_CLIENT_SIGNAL_HABITS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/ledger_actor.h"
#include "client/misuse_signal.h"

namespace entente::client {

// - kOutsideHours: an actor of an agency sent, asked or enrolled, allowed or
//   not, outside `rules.hours`.
// - kFirstPurpose: an agency used a purpose for the first time, kSettledAfter
//   or longer after its first act of use.
class HabitSignals final : public SignalDetector {
 public:
  explicit HabitSignals(const SignalRules& rules) : rules_(rules) {}

  void See(const FoundEntry& found) override;
  void Report(SignalReport* report) const override;

 private:
  struct Hours {
    uint64_t acts = 0;
    Evidence outside;
  };
  struct Purposes {
    absl::Time began;
    std::set<std::string> used;
  };

  void SeePurpose(const FoundEntry& found);

  const SignalRules rules_;
  std::map<LedgerActor, Hours> hours_;
  std::map<std::string, Purposes> purposes_;  // by agency
  std::vector<Signal> new_purposes_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_SIGNAL_HABITS_H_
