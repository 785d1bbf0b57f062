// `entente doctor`: why a profile does not work, and what to do.
#ifndef ENTENTE_CLIENT_DOCTOR_H_
#define ENTENTE_CLIENT_DOCTOR_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/doctor_check.h"
#include "client/doctor_local.h"
#include "client/tls_probe.h"
#include "entente/v1/directory.pb.h"

namespace entente::client {

// The clock may differ from the broker's by so much. The broker refuses a
// bundle that begins in its future at once, a batch from five minutes on.
inline constexpr absl::Duration kMaxClockDifference = absl::Minutes(1);

// What the doctor meets outside the profile's folder; tests have their own.
class Outside {
 public:
  virtual ~Outside() = default;
  // This machine's clock.
  virtual absl::Time Now() = 0;
  virtual TlsFinding Probe(const TlsTarget& target) = 0;
  // Directory.GetStatus with the profile in `folder`.
  virtual absl::StatusOr<v1::GetStatusResponse> AskStatus(
      const std::string& folder) = 0;
};

// Asks all twelve, in CheckId's order. One that failed keeps those that stand
// on it from being asked, and no others. Changes nothing, unless a renewal of
// the certificate was cut short: it is completed. At most half a minute.
std::vector<Check> Examine(const std::string& folder, Outside& outside);

// `network`, `tls` and `broker`, from what the probe found at `now`.
std::vector<Check> ExamineConnection(const OwnFiles& files,
                                     const TlsFinding& finding, absl::Time now);

// Whether `chain` (leaf first) is the broker's of `files` at `now`, with the
// code, the reason and the way out if not.
Check JudgeBroker(const OwnFiles& files,
                  absl::Span<const certs::Certificate> chain, absl::Time now);

// The broker's answer, and when it was asked and it answered by this machine's
// clock.
struct StatusAnswer {
  v1::GetStatusResponse response;
  absl::Time asked;
  absl::Time answered;
};

// `registered`, from the probe or, if it was served, from the call's error;
// `clock`; `agreements`; and whether the pinned ledger key is the broker's.
Check ExplainHangUp(const OwnFiles& files, const TlsFinding& finding);
Check ExplainRefusal(const OwnFiles& files, const absl::Status& refusal);
Check ExamineCaller(const OwnFiles& files, const StatusAnswer& answer);
Check ExaminePin(const OwnFiles& files, const StatusAnswer& answer);
Check ExamineClock(const StatusAnswer& answer);
Check ExamineAgreements(const OwnFiles& files, const StatusAnswer& answer);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_DOCTOR_H_
