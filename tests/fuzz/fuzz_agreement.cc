// A document that passes its checks means one thing, however it is spelled: as
// canonical bytes, and as the YAML that is written from them.
#include <cstdint>
#include <cstdlib>

#include "crypto/hex.h"
#include "policy/canonical.h"
#include "policy/check.h"
#include "policy/plain_words.h"
#include "policy/yaml_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::policy;  // NOLINT
  const CheckResult checked = Check("f", entente::crypto::AsText({data, size}));
  if (checked.ok() == HasErrors(checked.diagnostics)) std::abort();
  if (!checked.ok()) return 0;
  if (Digest(checked.canonical) != checked.digest) std::abort();
  const auto parsed = ParseCanonical(checked.canonical);
  if (!parsed.ok() || !(*parsed == *checked.agreement)) std::abort();
  const auto yaml = YamlOfSigned(checked.canonical);
  if (!yaml.ok() && !absl::IsResourceExhausted(yaml.status())) std::abort();
  if (!PlainWordsOfSigned(checked.canonical).ok()) std::abort();
  return 0;
}
