// A bundle that is read is read again as it was written, and checking it ends
// with a report or an error.
#include <cstdint>
#include <cstdlib>

#include "absl/time/time.h"
#include "client/agreement_bundle.h"
#include "client/verified_bundle.h"
#include "crypto/hex.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::client;  // NOLINT
  const auto bundle = ParseBundle(entente::crypto::AsText({data, size}));
  if (!bundle.ok()) return 0;
  const auto again = ParseBundle(PrintBundle(*bundle));
  if (!again.ok() || *again != *bundle) std::abort();
  const auto report = VerifyBundle(*bundle, absl::FromUnixSeconds(1795000000));
  // Nothing in a corpus is signed.
  if (report.ok() && report->activation.has_value()) std::abort();
  return 0;
}
