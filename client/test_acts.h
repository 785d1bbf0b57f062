// For tests: what agencies did, as entries of a ledger.
#ifndef ENTENTE_CLIENT_TEST_ACTS_H_
#define ENTENTE_CLIENT_TEST_ACTS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "client/misuse_signal.h"
#include "policy/ledger_entry.h"

namespace entente::client {

// A Monday.
inline const absl::Time kMonday =
    absl::FromCivil(absl::CivilHour(2027, 3, 1, 12), absl::UTCTimeZone());

inline absl::Time DaysOn(int days, int hours = 0) {
  return kMonday + absl::Hours(24 * days + hours);
}

inline std::string SystemOf(const std::string& agency,
                            const std::string& name = "records") {
  return absl::StrCat("spiffe://x/agency/", agency, "/system/", name);
}

// An allowed batch of north's to west.
inline policy::LedgerEntry SentBatch(absl::Time time, uint64_t records = 1) {
  policy::LedgerEntry entry;
  entry.time = time;
  entry.kind = policy::EntryKind::kBatch;
  entry.operation = policy::Operation::kDisclosure;
  entry.outcome = policy::Outcome::kAllow;
  entry.agreement = "isa-small";
  entry.version = 1;
  entry.flow = "crimes-west";
  entry.purpose = "find-series";
  entry.method = "push";
  entry.dataset = "crimes";
  entry.sender = "north";
  entry.recipient = "west";
  entry.actor = SystemOf("north");
  entry.accompanying["case_reference"] = "OP/1";
  entry.fields = {"name", "person"};
  entry.records = records;
  return entry;
}

inline policy::LedgerEntry RefusedBatch(absl::Time time,
                                        const std::string& code) {
  policy::LedgerEntry entry = SentBatch(time);
  entry.outcome = policy::Outcome::kDeny;
  entry.reasons = {{code, ""}};
  return entry;
}

// North enrols `count` under version 1, whose digest is `digest`.
inline policy::LedgerEntry EnrolledPeople(absl::Time time, uint64_t count,
                                          const std::string& digest) {
  policy::LedgerEntry entry;
  entry.time = time;
  entry.kind = policy::EntryKind::kEnrolment;
  entry.operation = policy::Operation::kCollection;
  entry.outcome = policy::Outcome::kAllow;
  entry.version = 1;
  entry.digest = digest;
  entry.actor = SystemOf("north");
  entry.records = count;
  return entry;
}

// Shows `detector` entries, each at the next place.
class ShownEntries {
 public:
  explicit ShownEntries(SignalDetector* detector) : detector_(*detector) {}

  void Show(policy::LedgerEntry entry) {
    detector_.See({{0, next_++}, "", std::move(entry)});
  }
  std::vector<Signal> Signals() const { return Report().signals; }
  SignalReport Report() const {
    SignalReport report;
    detector_.Report(&report);
    return report;
  }

 private:
  SignalDetector& detector_;
  uint64_t next_ = 0;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TEST_ACTS_H_
