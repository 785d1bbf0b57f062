#include "crypto/printed_pseudonym.h"

#include "absl/strings/string_view.h"
#include "crypto/encoding.h"
#include "crypto/sha.h"

namespace entente::crypto {
namespace {

constexpr size_t kPrintKeyBytes = 32;
constexpr int kDigits = 16;  // of 5 bits
constexpr int kDigitsInGroup = 4;
constexpr absl::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

absl::StatusOr<std::string> PrintPseudonym(const Secret& print_key,
                                           const Domain& domain,
                                           const Point& pseudonym) {
  if (print_key.size() != kPrintKeyBytes) {
    return absl::InvalidArgumentError("a print key that is not 32 bytes");
  }
  const absl::StatusOr<Bytes> name = DomainBytes(domain);
  if (!name.ok()) return name.status();
  Bytes message;
  AppendRaw(&message, "entente print v1");
  AppendRaw(&message, *name);
  AppendRaw(&message, pseudonym.bytes());
  const Hash mac = HmacSha256(print_key.Expose(), message);

  std::string printed;
  for (int digit = 0; digit < kDigits; ++digit) {
    if (digit > 0 && digit % kDigitsInGroup == 0) printed += '-';
    const int bit = 5 * digit;
    const unsigned two_bytes = (mac[bit / 8] << 8) | mac[bit / 8 + 1];
    printed += kCrockford[(two_bytes >> (11 - bit % 8)) & 31];
  }
  return printed;
}

}  // namespace entente::crypto
