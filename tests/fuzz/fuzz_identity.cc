// A name that is read is written back to the byte.
#include <cstdint>
#include <cstdlib>

#include "certs/identity.h"
#include "crypto/hex.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view uri = entente::crypto::AsText({data, size});
  const auto identity = entente::certs::Identity::Parse(uri);
  if (identity.ok() && identity->ToUri() != uri) std::abort();
  return 0;
}
