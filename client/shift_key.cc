#include "client/shift_key.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/key_file.h"

namespace entente::client {

absl::StatusOr<std::shared_ptr<const policy::DayShift>> OpenDayShift(
    const Profile& profile, const policy::Flow& flow) {
  const bool shifts = std::any_of(
      flow.release.begin(), flow.release.end(), [](const auto& field) {
        return field.second.transform == policy::Transform::kShiftDays;
      });
  if (!shifts) return nullptr;
  absl::StatusOr<crypto::Secret> key =
      ReadKeyFile(profile.Path("shift.key"), "shift");
  if (absl::IsNotFound(key.status())) {
    return absl::NotFoundError(absl::StrCat(
        "flow ", flow.id, " shifts days, and the profile ", profile.name(),
        " has no shift.key: put it back from the profile's backup, or copy "
        "that of the agency's other system"));
  }
  if (!key.ok()) return key.status();
  absl::StatusOr<policy::DayShift> shift =
      policy::DayShift::Create(*std::move(key));
  if (!shift.ok()) return shift.status();
  return std::make_shared<const policy::DayShift>(*std::move(shift));
}

}  // namespace entente::client
