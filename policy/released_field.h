// What a field is after its treatment: what the sender seals and the recipient
// may expect.
#ifndef ENTENTE_POLICY_RELEASED_FIELD_H_
#define ENTENTE_POLICY_RELEASED_FIELD_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "crypto/value.h"
#include "policy/agreement.h"
#include "policy/typed_cell.h"

namespace entente::policy {

struct ReleasedField {
  std::string name;
  Transform transform = Transform::kWithhold;
  Field source;  // the field's type at the sender
  // The type of every value that is not null.
  crypto::ValueType type = crypto::ValueType::kNull;
  // Bytes of the longest value of a closed vocabulary, 0 for an open one: what
  // crypto::EncodePlaintext pads to.
  size_t longest = 0;
  // The values that there can be, if the list is closed; null otherwise.
  std::shared_ptr<const Vocabulary> vocabulary;
};

// Field `name` as `flow` of `agreement` releases it as a value:
//
// as_is: the type of the field; with many, text. flag: boolean. year: integer.
// date_to_month: text, `2027-03`. postcode_sector, _district, _area: text.
//
// NotFound if the flow does not release the field, or as a pseudonym.
// Unimplemented if its treatment is not built yet.
absl::StatusOr<ReleasedField> DescribeReleased(const Agreement& agreement,
                                               const Flow& flow,
                                               absl::string_view name);

// The value to seal for `cell`. Null stays null, except that a flag says false
// where there is no value; the flag of a boolean is the boolean. Months and
// years are those of UTC. InvalidArgument, without showing the value, for a
// text with no postcode in it.
absl::StatusOr<crypto::Value> Treat(const ReleasedField& field,
                                    const TypedCell& cell);

// Whether a received `value` is what the agreement promises: null, or of the
// type, and in the vocabulary. InvalidArgument says what it is not, without
// showing it.
absl::Status CheckReceived(const ReleasedField& field,
                           const crypto::Value& value);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_RELEASED_FIELD_H_
