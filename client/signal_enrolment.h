// The signal of enrolment near its quota: whoever enrols very many identifiers
// may be testing who is known.
#ifndef ENTENTE_CLIENT_SIGNAL_ENROLMENT_H_
#define ENTENTE_CLIENT_SIGNAL_ENROLMENT_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/time/civil_time.h"
#include "client/ledger_actor.h"
#include "client/misuse_signal.h"
#include "policy/agreement.h"

namespace entente::client {

// Documents by the SHA-256 of their canonical form, hex: as entries name them.
using DocumentsByDigest = std::map<std::string, policy::Agreement>;

// kNearQuota: in a UTC day, which is how quotas count, an agency enrolled
// `rules.quota_percent` of `enrolments_per_day` or more, or was refused for it.
// The quota stands in the document, not in the ledger.
class EnrolmentSignals final : public SignalDetector {
 public:
  explicit EnrolmentSignals(const SignalRules& rules) : rules_(rules) {}

  void See(const FoundEntry& found) override;
  void Report(SignalReport* report) const override;

  // The versions that people were enrolled under: digest and number.
  const std::map<std::string, uint32_t>& versions() const { return versions_; }
  // What the quotas are read from. Only what entries name by its digest counts.
  void Know(DocumentsByDigest documents) { documents_ = std::move(documents); }

 private:
  struct Day {
    Evidence evidence;
    uint64_t refused = 0;
    std::string digest;  // of the version last enrolled under
  };

  const SignalRules rules_;
  std::map<std::pair<std::string, absl::CivilDay>, Day> days_;  // by agency
  std::map<std::string, uint32_t> versions_;
  DocumentsByDigest documents_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_SIGNAL_ENROLMENT_H_
