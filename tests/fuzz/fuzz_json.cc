// JSON that is read has one canonical form, and no other bytes pass for it.
#include <cstdint>
#include <cstdlib>

#include "crypto/hex.h"
#include "crypto/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::crypto;  // NOLINT
  const absl::Span<const uint8_t> input(data, size);
  const absl::StatusOr<Json> value = ParseJson(AsText(input));
  const absl::StatusOr<Json> canonical_value = ParseCanonicalJson(input);
  if (!value.ok()) {
    if (canonical_value.ok()) std::abort();
    return 0;
  }
  const absl::StatusOr<std::string> canonical = CanonicalJson(*value);
  if (!canonical.ok()) std::abort();
  if (canonical_value.ok() != (*canonical == AsText(input))) std::abort();
  const absl::StatusOr<Json> again = ParseCanonicalJson(AsBytes(*canonical));
  if (!again.ok() || *again != *value) std::abort();
  return 0;
}
