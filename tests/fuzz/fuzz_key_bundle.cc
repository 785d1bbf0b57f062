// A key bundle that is read is written back to the byte.
#include <cstdint>
#include <cstdlib>

#include "certs/key_bundle.h"
#include "crypto/hex.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::certs;  // NOLINT
  const auto bundle = ParseKeyBundle({data, size});
  if (!bundle.ok()) return 0;
  const auto printed = PrintKeyBundle(*bundle);
  if (!printed.ok() || *printed != entente::crypto::AsText({data, size})) {
    std::abort();
  }
  return 0;
}
