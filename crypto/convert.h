// Sending a pseudonym from agency A to agency B through the broker, who turns
// it from A's domain to B's without seeing either.
//
//   A       EncryptPseudonym     C1 = r*B, C2 = N_src + r*J
//   broker  Convert              R1 = s*C1, R2 = s*C2 - w*C1
//   B       OpenPseudonym        N_dst = R2 - y*R1
//
// J = Y_B + X_e, s = k_dst / k_src, w = s*x_e. Only broker and B together can
// open a C, so it tells nothing to B before conversion, and nothing to the
// broker. All functions are thread-safe, and a chunk may be split over threads.
#ifndef ENTENTE_CRYPTO_CONVERT_H_
#define ENTENTE_CRYPTO_CONVERT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/batch_limits.h"
#include "crypto/domain.h"
#include "crypto/group.h"
#include "crypto/hex.h"
#include "crypto/secret.h"

namespace entente::crypto {

// Bytes of one ciphertext, before as after conversion: two elements.
inline constexpr size_t kCiphertextBytes = kElementPairSize;
static_assert(kCiphertextBytes == 2 * kPointBytes);

// A pseudonym on its way to the broker.
struct Ciphertext {
  Point c1;
  Point c2;
};

// A pseudonym on its way from the broker to the recipient. The sender must
// never see one: it would learn the recipient's pseudonyms.
struct Converted {
  Point r1;
  Point r2;
};

// As they travel: 64 bytes each, in order.
Bytes PackCiphertexts(absl::Span<const Ciphertext> ciphertexts);
Bytes PackConverted(absl::Span<const Converted> converted);
// Take them apart. InvalidArgument if the length is not a multiple of 64, or,
// naming the first bad element, if Point::Parse refuses one.
absl::StatusOr<std::vector<Ciphertext>> ParseCiphertexts(
    absl::Span<const uint8_t> packed);
absl::StatusOr<std::vector<Converted>> ParseConverted(
    absl::Span<const uint8_t> packed);

// J for recipient key Y_B and edge key X_e, whose proofs of possession the
// caller has checked. InvalidArgument if it is the identity.
absl::StatusOr<Point> ConversionTarget(const Point& recipient_key,
                                       const Point& edge_key);

// One pseudonym for `target`, with fresh randomness. 73 us.
absl::StatusOr<Ciphertext> EncryptPseudonym(const Point& pseudonym,
                                            const Point& target);

// What stands for a missing identifier: a random element, encrypted. Nobody can
// tell it from a pseudonym; the recipient will not find it in its table.
absl::StatusOr<Ciphertext> EncryptAbsence(const Point& target);

// What the broker converts with on one edge, and its public side. Wiped on
// destruction. Const methods may run concurrently.
class ConversionKeys {
 public:
  // Derives them from the master of the domains' agreement and epoch.
  // PermissionDenied and InvalidArgument as EdgeBetween; InvalidArgument as
  // DeriveDomainKey. 80 us.
  static absl::StatusOr<ConversionKeys> Derive(const Secret& master,
                                               const Domain& source,
                                               const Domain& destination);

  const SecretScalar& s() const { return s_; }
  const SecretScalar& w() const { return w_; }
  const Point& source_key() const { return source_key_; }            // K_src
  const Point& destination_key() const { return destination_key_; }  // K_dst
  const Point& edge_key() const { return edge_key_; }                // X_e

 private:
  ConversionKeys(const SecretScalar& s, const SecretScalar& w,
                 const Point& source_key, const Point& destination_key,
                 const Point& edge_key)
      : s_(s),
        w_(w),
        source_key_(source_key),
        destination_key_(destination_key),
        edge_key_(edge_key) {}

  SecretScalar s_, w_;
  Point source_key_, destination_key_, edge_key_;
};

// Converts each ciphertext, in order. InvalidArgument, naming the first such
// index counted from 0, if one converts to the identity: the sender made it so,
// and the whole chunk is refused. 150 us each.
absl::StatusOr<std::vector<Converted>> Convert(
    const ConversionKeys& keys, absl::Span<const Ciphertext> ciphertexts);

// The recipient's pseudonym. InvalidArgument if it is the identity. 58 us.
absl::StatusOr<Point> OpenPseudonym(const SecretScalar& y,
                                    const Converted& converted);

// Refuses a C1 that occurs twice in a batch: two ciphertexts under one r would
// show the broker how two identifiers of a person relate. One object a batch,
// which remembers 32 bytes a ciphertext.
class RepeatedC1Check {
 public:
  // Adds a chunk. InvalidArgument, naming the index within `chunk`, for the
  // first C1 that this batch had before.
  absl::Status Add(absl::Span<const Ciphertext> chunk);

 private:
  absl::flat_hash_set<Point> seen_;
};

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_CONVERT_H_
