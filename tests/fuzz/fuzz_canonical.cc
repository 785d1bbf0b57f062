// Canonical bytes that are read are read by everything that reads them.
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "crypto/hex.h"
#include "policy/canonical.h"
#include "policy/compiled_agreement.h"
#include "policy/needed_keys.h"
#include "policy/plain_words.h"
#include "policy/yaml_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::policy;  // NOLINT
  const absl::string_view input = entente::crypto::AsText({data, size});
  Node root;
  auto agreement = ReadCanonical(input, &root);
  const bool ok = agreement.ok();
  if (PlainWordsOfSigned(input).ok() != ok) std::abort();
  if (!ok) return 0;
  if (CanonicalBytes(root) != input) std::abort();
  const auto yaml = YamlOfSigned(input);
  if (!yaml.ok() && !absl::IsResourceExhausted(yaml.status())) std::abort();
  static_cast<void>(NeededKeysOf(*agreement));
  if (!CompiledAgreement::Create(*std::move(agreement), {}).ok()) std::abort();
  return 0;
}
