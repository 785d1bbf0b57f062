// The group that pseudonyms live in: ristretto255 (RFC 9496), of prime order l,
// from libsodium. Written additively; B is the base point. A scalar is 32
// little-endian bytes. Every function here is thread-safe.
#ifndef ENTENTE_CRYPTO_GROUP_H_
#define ENTENTE_CRYPTO_GROUP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/hex.h"
#include "crypto/secret.h"

namespace entente::crypto {

inline constexpr size_t kPointBytes = 32;
inline constexpr size_t kScalarBytes = 32;

// A number mod l that anybody may see. Zero is allowed here, and refused by
// Mul.
class Scalar {
 public:
  // Reads the canonical encoding, which is the only one accepted.
  // InvalidArgument for another length or a number of l or more.
  static absl::StatusOr<Scalar> Parse(absl::Span<const uint8_t> bytes);

  // 64 little-endian bytes, mod l. InvalidArgument for another length, or if
  // the result is 0.
  static absl::StatusOr<Scalar> Reduce64(absl::Span<const uint8_t> wide);

  // The number whose little-endian encoding is `bytes`: below 2^128, so always
  // canonical.
  static Scalar FromU128(const std::array<uint8_t, 16>& bytes);

  Scalar operator-() const;

  absl::Span<const uint8_t> bytes() const { return bytes_; }

  friend bool operator==(const Scalar& a, const Scalar& b) {
    return a.bytes_ == b.bytes_;
  }

 private:
  friend class SecretScalar;
  Scalar() : bytes_{} {}

  std::array<uint8_t, kScalarBytes> bytes_;
};

// A number mod l, never 0, that is wiped after use and only goes through
// constant-time calls.
class SecretScalar {
 public:
  // Uniform. Internal if libsodium cannot start.
  static absl::StatusOr<SecretScalar> Random();

  // Reads what Expose gave. InvalidArgument for another length, a number of l
  // or more, or 0.
  static absl::StatusOr<SecretScalar> Parse(absl::Span<const uint8_t> bytes);

  // As Scalar::Reduce64.
  static absl::StatusOr<SecretScalar> FromReduce64(
      absl::Span<const uint8_t> wide);

  // The product, which cannot be 0. 0.1 us.
  SecretScalar operator*(const SecretScalar& other) const;

  // 1 / this, mod l. 22 us.
  SecretScalar Inverse() const;

  // this + challenge * witness: the answer in a proof, with this as the nonce.
  // Public, so the nonce must be fresh and used once.
  Scalar Answer(const Scalar& challenge, const SecretScalar& witness) const;

  // The 32 bytes, valid while this lives. Reviewers look at every call.
  absl::Span<const uint8_t> Expose() const {
    return {bytes_.data(), kScalarBytes};
  }

 private:
  SecretScalar() = default;

  WipedArray<kScalarBytes> bytes_;
};

// A group element other than the identity, in its one encoding.
class Point {
 public:
  // Reads an element that came from elsewhere. InvalidArgument unless it is 32
  // bytes, bit 255 clear, not all zero (the identity), and the encoding of an
  // element. 4 us.
  static absl::StatusOr<Point> Parse(absl::Span<const uint8_t> bytes);

  // Uniform. Internal if libsodium cannot start.
  static absl::StatusOr<Point> Random();

  // The element for 64 uniform bytes, by RFC 9496 section 4.3.4.
  // InvalidArgument if it is the identity.
  static absl::StatusOr<Point> FromUniform(const std::array<uint8_t, 64>& wide);

  // B.
  static const Point& Base();

  absl::Span<const uint8_t> bytes() const { return bytes_; }

  friend bool operator==(const Point& a, const Point& b) {
    return a.bytes_ == b.bytes_;
  }
  friend bool operator!=(const Point& a, const Point& b) { return !(a == b); }
  template <typename H>
  friend H AbslHashValue(H state, const Point& point) {
    return H::combine(std::move(state), point.bytes_);
  }

 private:
  using Encoding = std::array<uint8_t, kPointBytes>;
  explicit Point(const Encoding& bytes) : bytes_(bytes) {}
  // Checks what a libsodium call returned and wrote.
  static absl::StatusOr<Point> FromResult(int code, const Encoding& bytes);

  friend absl::StatusOr<Point> Add(const Point& p, const Point& q);
  friend absl::StatusOr<Point> Sub(const Point& p, const Point& q);
  friend absl::StatusOr<Point> Mul(const Scalar& n, const Point& p);
  friend absl::StatusOr<Point> Mul(const SecretScalar& n, const Point& p);
  friend absl::StatusOr<Point> MulBase(const Scalar& n);
  friend absl::StatusOr<Point> MulBase(const SecretScalar& n);

  Encoding bytes_;
};

// p + q, p - q. InvalidArgument if the result is the identity. 12 us.
absl::StatusOr<Point> Add(const Point& p, const Point& q);
absl::StatusOr<Point> Sub(const Point& p, const Point& q);
// n * p, in time that does not depend on n. InvalidArgument if the result is
// the identity, which only n = 0 gives. 46 us.
absl::StatusOr<Point> Mul(const Scalar& n, const Point& p);
absl::StatusOr<Point> Mul(const SecretScalar& n, const Point& p);
// n * B, likewise. 15 us.
absl::StatusOr<Point> MulBase(const Scalar& n);
absl::StatusOr<Point> MulBase(const SecretScalar& n);

// The sum of weights[i] * points[i]. InvalidArgument if the counts differ or
// are 0, or if a weight, a term or a partial sum gives the identity: for
// weights that nobody could choose that happens once in 2^128. 58 us a point.
absl::StatusOr<Point> WeightedSum(absl::Span<const Scalar> weights,
                                  absl::Span<const Point> points);

// Elements as they travel: 32 bytes each, one after the other.
Bytes PackPoints(absl::Span<const Point> points);
// Takes them apart. InvalidArgument if the length is not a multiple of 32, or,
// naming the first bad index counted from 0, if Point::Parse refuses one.
absl::StatusOr<std::vector<Point>> ParsePoints(
    absl::Span<const uint8_t> packed);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_GROUP_H_
