// A break-glass act that is read is written back to the byte.
#include <cstdint>
#include <cstdlib>

#include "certs/break_glass_act.h"
#include "crypto/hex.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::certs;  // NOLINT
  const auto act = ParseBreakGlassAct({data, size});
  if (!act.ok()) return 0;
  const auto printed = PrintBreakGlassAct(*act);
  if (!printed.ok() || *printed != entente::crypto::AsText({data, size})) {
    std::abort();
  }
  return 0;
}
