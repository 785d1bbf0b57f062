// A key manifest that is read is written back to the byte.
#include <cstdint>
#include <cstdlib>

#include "certs/key_manifest.h"
#include "crypto/hex.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::certs;  // NOLINT
  const auto manifest = ParseKeyManifest({data, size});
  if (!manifest.ok()) return 0;
  const auto printed = PrintKeyManifest(*manifest);
  if (!printed.ok() || *printed != entente::crypto::AsText({data, size})) {
    std::abort();
  }
  return 0;
}
