// What a recipient found in a batch that the agreement does not promise: which
// field of which record, and never the value.
#ifndef ENTENTE_POLICY_VIOLATIONS_H_
#define ENTENTE_POLICY_VIOLATIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::policy {

// More are counted and not listed, so that a ledger's entry has room.
inline constexpr size_t kMaxListedViolations = 40;

struct Violation {
  uint32_t record = 0;  // its index in the batch, from 0
  std::string field;    // a name, [a-z][a-z0-9_]{1,60}

  bool operator==(const Violation&) const = default;
};

// Of one batch. By record, then by the field's name; none twice.
struct Violations {
  uint64_t total = 0;  // 0: the batch is as agreed
  // The first of them: all, up to kMaxListedViolations.
  std::vector<Violation> listed;

  bool operator==(const Violations&) const = default;
};

// `3 12:place 17:offence 17:place`: the total, then the listed ones. This text
// is what a recipient signs and the ledger keeps. Empty if there are none.
std::string PrintViolations(const Violations& violations);

// Reads exactly what PrintViolations writes; InvalidArgument for any other
// spelling, order, repetition or number of listed ones. Safe on hostile input.
absl::StatusOr<Violations> ParseViolations(absl::string_view text);

// InvalidArgument, naming it, unless every violation is of one of the `records`
// of a batch and of one of its `fields`, and there are not more than both make.
absl::Status CheckViolations(const Violations& violations, uint64_t records,
                             const std::vector<std::string>& fields);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_VIOLATIONS_H_
