// One field's treatment at the sender.
#ifndef ENTENTE_POLICY_TREAT_H_
#define ENTENTE_POLICY_TREAT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "crypto/value.h"
#include "policy/released_field.h"
#include "policy/typed_cell.h"

namespace entente::policy {

// What a treatment needs beside the cell.
struct Circumstances {
  // The UTC day of the release: age_band, count.
  absl::CivilDay today;
  // shift_days: the shift of this person; nothing if the row does not say whose
  // days they are.
  std::optional<int64_t> shift;
  // reviewed_text: what stands in the field ReviewMark.
  absl::string_view reviewed_by;
};

// The column that says who reviewed a field's text: `<field>_reviewed_by`. It
// is never released on that account.
std::string ReviewMark(absl::string_view field);

// The value to seal for `cell`. Null stays null, with two exceptions, in which
// nothing means none: a flag is false (that of a boolean is the boolean, or
// null), a count is 0. Days, months, years and times are those of UTC.
//
// age_band: the age on the day of release (AgeOn), or as given, 0 to kMaxAge.
// band: as BandOf. grid: the lower edge of the cell, 0 to kMaxMetres.
// round_time: the beginning of the step of the UTC day. shift_days: `shift`
// days later. category: the value's group. count: how many of the dates are
// today or at most window_days before; later ones do not count. small_count:
// FewerThan for 1 to below - 1, else the number. reviewed_text: the text, if
// `reviewed_by` is the agreement's reviewer to the letter.
//
// InvalidArgument, without showing the value, for what a treatment cannot be
// applied to, with the remedy where there is one.
absl::StatusOr<crypto::Value> Treat(const ReleasedField& field,
                                    const TypedCell& cell,
                                    const Circumstances& circumstances);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_TREAT_H_
