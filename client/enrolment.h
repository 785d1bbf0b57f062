// Turning an agency's identifiers into its pseudonyms, blindly (PROTOCOL 2).
#ifndef ENTENTE_CLIENT_ENROLMENT_H_
#define ENTENTE_CLIENT_ENROLMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/dealings.h"
#include "crypto/secret.h"

namespace entente::client {

// One row of the register.
struct Enrollee {
  std::string identifier;  // canonical, crypto::Canonicalise
  std::string reference;   // the agency's own
};

struct EnrolmentCounts {
  uint64_t identifiers = 0;  // distinct ones, all now known
  uint64_t fresh = 0;        // of them, not known before
};

// Finishes enrolments that an earlier run left unanswered: the broker gives the
// stored answer, and takes no quota. Those that it refuses for good are
// forgotten.
absl::Status ResumeEnrolments(const Dealings& dealings,
                              const crypto::Secret& pepper);

// Enrols what the local table does not know yet, in requests of up to 1,024,
// and adds every reference. Each request is stored before it is sent, and each
// answer is verified under the domain's key from the manifest, with the receipt
// of its entry. On an error what was answered before stays enrolled: a repeat
// goes on from there. As the broker refuses (QUOTA_EXCEEDED,
// SCHEME_NOT_IN_AGREEMENT …); DataLoss if anything does not verify; INTERRUPTED
// between two waves of requests (client/stop_signal.h). 230 us an identifier
// and core.
absl::StatusOr<EnrolmentCounts> Enrol(const Dealings& dealings,
                                      const crypto::Secret& pepper,
                                      const std::string& scheme,
                                      absl::Span<const Enrollee> rows);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ENROLMENT_H_
