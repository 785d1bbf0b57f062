// A certificate that is read has one form in each coding, and one name or none.
#include <cstdint>
#include <cstdlib>

#include "certs/certificate.h"
#include "crypto/hex.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::certs;  // NOLINT
  const absl::Span<const uint8_t> input(data, size);
  // Fails or not as it likes: it must only not crash.
  static_cast<void>(
      Certificate::ChainFromPem(entente::crypto::AsText(input)).ok());
  const auto certificate = Certificate::FromDer(input);
  if (!certificate.ok()) return 0;
  const auto again = Certificate::FromPem(certificate->ToPem());
  if (!again.ok() || again->ToDer() != certificate->ToDer()) std::abort();
  const auto identity = certificate->Identity();
  if (!identity.ok()) return 0;
  const auto parsed = Identity::Parse(identity->ToUri());
  if (!parsed.ok() || !(*parsed == *identity)) std::abort();
  return 0;
}
