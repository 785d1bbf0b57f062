// The key from which a system's shifts of days follow.
#ifndef ENTENTE_CLIENT_SHIFT_KEY_H_
#define ENTENTE_CLIENT_SHIFT_KEY_H_

#include <memory>

#include "absl/status/statusor.h"
#include "client/profile.h"
#include "policy/agreement.h"
#include "policy/day_shift.h"

namespace entente::client {

// The shifts of the profile's `shift.key`, if `flow` shifts days; else null, so
// that a profile without the key serves all other flows. NotFound, with the way
// out, if it has none; otherwise as ReadKeyFile.
//
// A new key would shift everyone anew, and who has both shifts can compare
// them: it is never made again, and all systems of an agency that send under
// one agreement have the same.
absl::StatusOr<std::shared_ptr<const policy::DayShift>> OpenDayShift(
    const Profile& profile, const policy::Flow& flow);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_SHIFT_KEY_H_
