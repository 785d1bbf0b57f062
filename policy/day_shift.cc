#include "policy/day_shift.h"

#include <sodium.h>

#include "absl/status/status.h"
#include "crypto/encoding.h"
#include "crypto/sha.h"

namespace entente::policy {

absl::StatusOr<DayShift> DayShift::Create(crypto::Secret key) {
  if (key.size() != 32) {
    return absl::InvalidArgumentError("a shift key has 32 bytes");
  }
  return DayShift(std::move(key));
}

absl::StatusOr<int64_t> DayShift::Days(absl::string_view agreement,
                                       absl::string_view subject_register,
                                       absl::string_view subject,
                                       int64_t within) const {
  if (within <= 0) {
    return absl::InvalidArgumentError("a shift is within one day or more");
  }
  const absl::StatusOr<crypto::Bytes> message = crypto::ByteWriter()
                                                    .Raw("entente shift v1")
                                                    .Lp(agreement)
                                                    .Lp(subject_register)
                                                    .Lp(subject)
                                                    .Finish();
  if (!message.ok()) return message.status();
  crypto::Hash hash = crypto::HmacSha256(key_.Expose(), *message);
  uint64_t drawn = 0;
  for (size_t i = 0; i < 8; ++i) drawn = drawn << 8 | hash[i];
  sodium_memzero(hash.data(), hash.size());
  const int64_t shift =
      int64_t(drawn % (2 * static_cast<uint64_t>(within))) - within;
  return shift < 0 ? shift : shift + 1;
}

}  // namespace entente::policy
