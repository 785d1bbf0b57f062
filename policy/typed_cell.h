// One cell of an agency's record, read as the agreement types its field.
#ifndef ENTENTE_POLICY_TYPED_CELL_H_
#define ENTENTE_POLICY_TYPED_CELL_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/value.h"
#include "policy/agreement.h"

namespace entente::policy {

// The values of a closed list.
using Vocabulary = absl::flat_hash_set<std::string>;

struct TypedCell {
  // The value; of a field with many, all of them, joined by `;`, as text.
  crypto::Value value;
  // Of a field with many: each of them.
  std::vector<std::string> parts;

  bool null() const { return value.type == crypto::ValueType::kNull; }
};

// Reads `text`, which is UTF-8 in any normal form, by `field`. Empty text is
// null. `vocabulary` is that of the field's list, null without one.
//
// text, code: as it is, in NFC. integer: at most 15 digits, one `-` before
// them. decimal: `-12.50`, as many digits as there are. date: `YYYY-MM-DD`.
// time: RFC 3339 with any offset, made UTC, at most nanoseconds. boolean:
// `true` or `false`. bytes: base64 with padding. many: parted by `;`, blanks
// around the parts dropped.
//
// InvalidArgument says what is wrong without showing any of `text`.
absl::StatusOr<TypedCell> ReadCell(const Field& field,
                                   const Vocabulary* vocabulary,
                                   absl::string_view text);

// `text` in NFC. InvalidArgument if it is not UTF-8, ResourceExhausted if
// memory runs out.
absl::StatusOr<std::string> ToNfc(absl::string_view text);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_TYPED_CELL_H_
