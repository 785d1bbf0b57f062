// The secret number of days by which a person's dates are shifted.
#ifndef ENTENTE_POLICY_DAY_SHIFT_H_
#define ENTENTE_POLICY_DAY_SHIFT_H_

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/secret.h"

namespace entente::policy {

// One sender's shifts. They follow from a key that never leaves the sender, so
// nobody else can undo them, and one person keeps the same shift in every flow,
// version and sending of an agreement. Another agreement has other shifts.
// Thread-safe; 1 us a shift.
class DayShift {
 public:
  // InvalidArgument unless `key` has 32 bytes. It serves for nothing else.
  static absl::StatusOr<DayShift> Create(crypto::Secret key);

  // Never 0: between -within and within, each as likely as any other.
  //
  //   HMAC-SHA256(key, "entente shift v1" || lp(agreement) || lp(register) ||
  //               lp(subject)),
  //
  // its first 8 bytes, big-endian, modulo 2·within: 0 is -within, 1 the day
  // after. `subject` is whose dates they are, in the one spelling that it has
  // in `subject_register`: a canonical identifier in its scheme, or a field's
  // value in `field:<name>`. InvalidArgument if one is longer than 65,535
  // bytes, or `within` is not above 0.
  absl::StatusOr<int64_t> Days(absl::string_view agreement,
                               absl::string_view subject_register,
                               absl::string_view subject, int64_t within) const;

 private:
  explicit DayShift(crypto::Secret key) : key_(std::move(key)) {}

  crypto::Secret key_;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_DAY_SHIFT_H_
