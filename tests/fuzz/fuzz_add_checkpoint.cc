// A request to a witness that is read is written back to the byte.
#include <cstdint>
#include <cstdlib>

#include "crypto/add_checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::crypto;  // NOLINT
  const absl::string_view input = AsText({data, size});
  const absl::StatusOr<AddCheckpoint> request = ParseAddCheckpoint(input);
  if (!request.ok()) return 0;
  if (FormatAddCheckpoint(*request) != input) std::abort();
  return 0;
}
