// How many identifiers an agency may enrol.
#ifndef ENTENTE_POLICY_ENROLMENT_QUOTA_H_
#define ENTENTE_POLICY_ENROLMENT_QUOTA_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "policy/agreement.h"

namespace entente::policy {

// In a UTC day: the largest `enrolments_per_day` of the flows that name
// `agency`, on either side; nothing if none of them has one. Pure.
std::optional<int64_t> EnrolmentsPerDay(const Agreement& agreement,
                                        absl::string_view agency);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_ENROLMENT_QUOTA_H_
