// All signals of misuse of one ledger.
#ifndef ENTENTE_CLIENT_MISUSE_SIGNALS_H_
#define ENTENTE_CLIENT_MISUSE_SIGNALS_H_

#include <cstdint>
#include <map>
#include <string>

#include "client/misuse_signal.h"
#include "client/signal_enrolment.h"
#include "client/signal_habits.h"
#include "client/signal_probing.h"
#include "client/signal_volume.h"

namespace entente::client {

// Give it every entry from the ledger's beginning on, then ask. Memory for each
// act, some 100 bytes. Not thread-safe.
class MisuseSignals {
 public:
  explicit MisuseSignals(const SignalRules& rules);

  void See(const FoundEntry& found);

  // As EnrolmentSignals.
  const std::map<std::string, uint32_t>& versions() const {
    return enrolment_.versions();
  }
  void Know(DocumentsByDigest documents) {
    enrolment_.Know(std::move(documents));
  }

  SignalReport Report() const;
  uint64_t entries() const { return entries_; }

 private:
  const SignalRules rules_;
  VolumeSignals volume_;
  HabitSignals habits_;
  ProbingSignals probing_;
  EnrolmentSignals enrolment_;
  uint64_t entries_ = 0;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_MISUSE_SIGNALS_H_
