// A pepper message that is read names its ciphertext and nobody twice; no byte
// of it can be another.
#include <cstdint>
#include <cstdlib>

#include "crypto/hex.h"
#include "crypto/pepper.h"
#include "crypto/sha.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::crypto;  // NOLINT
  static const auto& ciphertext = *new Bytes(kPepperCiphertextSize, 7);
  // The input ends where the hash of the ciphertext begins.
  Bytes message(data, data + size);
  const Hash hash = Sha256(absl::MakeConstSpan(ciphertext));
  message.insert(message.end(), hash.begin(), hash.end());
  const auto parsed = ParsePepperMessage(message, ciphertext);
  if (!parsed.ok()) return 0;
  const PepperAddress& address = parsed->address;
  if (address.agreement.empty() || address.from.empty() || address.to.empty() ||
      address.from == address.to || parsed->ciphertext_hash != hash) {
    std::abort();
  }
  for (size_t i = 0; i < message.size(); ++i) {
    message[i] ^= 1;
    const auto changed = ParsePepperMessage(message, ciphertext);
    if (changed.ok() && *changed == *parsed) std::abort();
    message[i] ^= 1;
  }
  message.push_back(0);
  if (ParsePepperMessage(message, ciphertext).ok()) std::abort();
  return 0;
}
