// Signals of volume: who gives or asks for far more than before or than others,
// and cases that stand for very much.
#ifndef ENTENTE_CLIENT_SIGNAL_VOLUME_H_
#define ENTENTE_CLIENT_SIGNAL_VOLUME_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "client/ledger_actor.h"
#include "client/misuse_signal.h"

namespace entente::client {

// Counts the records of allowed batches and queries.
//
// - kAboveOwnPast: on one day an actor had `rules.least` records or more, and
//   more than `rules.times` the median of its earlier days with acts, of which
//   there are kFewestDays.
// - kAbovePeers: from `rules.since` on an actor had that much against the
//   median of the sums of the others, of whom there are kFewestPeers. People
//   are compared with people, certificates with certificates.
// - kManyUnderCase: more than `rules.per_case` records went under one case.
//
// Of two in the middle the median is the larger.
class VolumeSignals final : public SignalDetector {
 public:
  explicit VolumeSignals(const SignalRules& rules) : rules_(rules) {}

  void See(const FoundEntry& found) override;
  void Report(SignalReport* report) const override;

 private:
  void ReportPast(SignalReport* report) const;
  void ReportPeers(bool people, SignalReport* report) const;
  void ReportCases(SignalReport* report) const;
  bool IsFarAbove(uint64_t records, uint64_t median) const {
    return records >= rules_.least && records > rules_.times * median;
  }

  const SignalRules rules_;
  std::map<LedgerActor, std::map<absl::CivilDay, Evidence>> days_;
  std::map<LedgerActor, Evidence> sums_;
  std::map<std::string, Evidence> cases_;
  uint64_t without_person_ = 0;
  uint64_t without_case_ = 0;
  uint64_t acts_ = 0;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_SIGNAL_VOLUME_H_
