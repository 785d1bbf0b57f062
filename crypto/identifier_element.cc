#include "crypto/identifier_element.h"

#include "crypto/encoding.h"
#include "crypto/hash_to_group.h"
#include "crypto/sha.h"

namespace entente::crypto {
namespace {

constexpr size_t kPepperBytes = 32;

}  // namespace

absl::StatusOr<Point> IdentifierElement(const Secret& pepper,
                                        absl::string_view agreement,
                                        absl::string_view scheme,
                                        absl::string_view canon) {
  if (pepper.size() != kPepperBytes) {
    return absl::InvalidArgumentError("a pepper that is not 32 bytes");
  }
  if (agreement.empty() || scheme.empty() || canon.empty()) {
    return absl::InvalidArgumentError(
        "an identifier needs an agreement, a scheme and a canonical form");
  }
  absl::StatusOr<Bytes> message = ByteWriter()
                                      .Raw("entente id v1")
                                      .Lp(agreement)
                                      .Lp(scheme)
                                      .Lp(canon)
                                      .Finish();
  if (!message.ok()) return message.status();
  const Hash peppered = HmacSha256(pepper.Expose(), *message);
  const absl::StatusOr<Bytes> element = ByteWriter()
                                            .Raw("entente id v1")
                                            .Lp(agreement)
                                            .Lp(scheme)
                                            .Raw(peppered)
                                            .Finish();
  if (!element.ok()) return element.status();
  return HashToGroup(*element);
}

}  // namespace entente::crypto
