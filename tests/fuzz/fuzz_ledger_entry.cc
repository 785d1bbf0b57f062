// An entry that is read is written back to the byte.
#include <cstdint>
#include <cstdlib>

#include "crypto/hex.h"
#include "policy/ledger_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::policy;  // NOLINT
  const absl::string_view line = entente::crypto::AsText({data, size});
  const auto entry = ParseEntry(line);
  if (!entry.ok()) return 0;
  const auto written = SerialiseEntry(*entry);
  if (!written.ok() || *written != line) std::abort();
  return 0;
}
