// What a field is after its treatment: what the sender seals and the recipient
// may expect.
#ifndef ENTENTE_POLICY_RELEASED_FIELD_H_
#define ENTENTE_POLICY_RELEASED_FIELD_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/value.h"
#include "policy/agreement.h"
#include "policy/typed_cell.h"

namespace entente::policy {

struct ReleasedField {
  std::string name;
  Treatment treatment;
  Field source;  // the field's type at the sender
  // The type of every value that is not null.
  crypto::ValueType type = crypto::ValueType::kNull;
  // Bytes of the longest value of a closed vocabulary, 0 for an open one: what
  // crypto::EncodePlaintext pads to.
  size_t longest = 0;
  // The values that there can be, if the list is closed; null otherwise.
  std::shared_ptr<const Vocabulary> vocabulary;
  // Of age_band and band: the bands, as BandNames.
  std::vector<std::string> bands;
  // Of category: the group of each value.
  std::shared_ptr<const absl::flat_hash_map<std::string, std::string>> groups;
};

// Field `name` as `flow` of `agreement` releases it as a value:
//
// as_is: the type of the field; with many, text. flag: boolean. year, grid,
// count: integer. date_to_month: text, `2027-03`. postcode_sector, _district,
// _area, initials, reviewed_text: text. age_band, band, category: code, of a
// closed vocabulary. round_time: time. shift_days: date. small_count: text, a
// number or `fewer than 5`.
//
// NotFound if the flow does not release the field, or as a pseudonym.
absl::StatusOr<ReleasedField> DescribeReleased(const Agreement& agreement,
                                               const Flow& flow,
                                               absl::string_view name);

// What a small_count says instead of 1 to below - 1.
std::string FewerThan(int64_t below);

// Whether a received `value` is what the agreement promises: null, or of the
// type, and in the vocabulary. InvalidArgument says what it is not, without
// showing it.
absl::Status CheckReceived(const ReleasedField& field,
                           const crypto::Value& value);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_RELEASED_FIELD_H_
