#include "crypto/group.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace entente::crypto {
namespace {

static_assert(kPointBytes == crypto_core_ristretto255_BYTES);
static_assert(kScalarBytes == crypto_core_ristretto255_SCALARBYTES);
constexpr size_t kWideBytes = crypto_core_ristretto255_NONREDUCEDSCALARBYTES;

// Copies a canonical scalar to `out`. The comparison is constant-time, because
// secret scalars come here too.
absl::Status ReadCanonical(absl::Span<const uint8_t> bytes, uint8_t* out) {
  if (bytes.size() != kScalarBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a scalar of ", bytes.size(), " bytes, not 32"));
  }
  WipedArray<kWideBytes> wide;
  std::copy(bytes.begin(), bytes.end(), wide.data());
  crypto_core_ristretto255_scalar_reduce(out, wide.data());
  if (sodium_memcmp(out, bytes.data(), kScalarBytes) != 0) {
    return absl::InvalidArgumentError("a scalar that is not reduced");
  }
  return absl::OkStatus();
}

absl::Status ReduceWide(absl::Span<const uint8_t> wide, uint8_t* out) {
  if (wide.size() != kWideBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(wide.size(), " bytes to reduce to a scalar, not 64"));
  }
  crypto_core_ristretto255_scalar_reduce(out, wide.data());
  if (sodium_is_zero(out, kScalarBytes) != 0) {
    return absl::InvalidArgumentError("a scalar that is 0");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Scalar> Scalar::Parse(absl::Span<const uint8_t> bytes) {
  Scalar scalar;
  absl::Status read = ReadCanonical(bytes, scalar.bytes_.data());
  if (!read.ok()) return read;
  return scalar;
}

absl::StatusOr<Scalar> Scalar::Reduce64(absl::Span<const uint8_t> wide) {
  Scalar scalar;
  absl::Status reduced = ReduceWide(wide, scalar.bytes_.data());
  if (!reduced.ok()) return reduced;
  return scalar;
}

Scalar Scalar::FromU128(const std::array<uint8_t, 16>& bytes) {
  Scalar scalar;
  std::copy(bytes.begin(), bytes.end(), scalar.bytes_.begin());
  return scalar;
}

Scalar Scalar::operator-() const {
  Scalar negated;
  crypto_core_ristretto255_scalar_negate(negated.bytes_.data(), bytes_.data());
  return negated;
}

absl::StatusOr<SecretScalar> SecretScalar::Random() {
  if (sodium_init() < 0) return absl::InternalError("libsodium cannot start");
  SecretScalar scalar;
  crypto_core_ristretto255_scalar_random(scalar.bytes_.data());
  return scalar;
}

absl::StatusOr<SecretScalar> SecretScalar::Parse(
    absl::Span<const uint8_t> bytes) {
  SecretScalar scalar;
  absl::Status read = ReadCanonical(bytes, scalar.bytes_.data());
  if (!read.ok()) return read;
  if (sodium_is_zero(scalar.bytes_.data(), kScalarBytes) != 0) {
    return absl::InvalidArgumentError("a secret scalar that is 0");
  }
  return scalar;
}

absl::StatusOr<SecretScalar> SecretScalar::FromReduce64(
    absl::Span<const uint8_t> wide) {
  SecretScalar scalar;
  absl::Status reduced = ReduceWide(wide, scalar.bytes_.data());
  if (!reduced.ok()) return reduced;
  return scalar;
}

SecretScalar SecretScalar::operator*(const SecretScalar& other) const {
  SecretScalar product;
  crypto_core_ristretto255_scalar_mul(product.bytes_.data(), bytes_.data(),
                                      other.bytes_.data());
  return product;
}

SecretScalar SecretScalar::Inverse() const {
  SecretScalar inverse;
  // Refuses only 0, which a SecretScalar never is.
  static_cast<void>(crypto_core_ristretto255_scalar_invert(
      inverse.bytes_.data(), bytes_.data()));
  return inverse;
}

Scalar SecretScalar::Answer(const Scalar& challenge,
                            const SecretScalar& witness) const {
  WipedArray<kScalarBytes> product;
  crypto_core_ristretto255_scalar_mul(product.data(), challenge.bytes_.data(),
                                      witness.bytes_.data());
  Scalar answer;
  crypto_core_ristretto255_scalar_add(answer.bytes_.data(), bytes_.data(),
                                      product.data());
  return answer;
}

absl::StatusOr<Point> Point::FromResult(int code, const Encoding& bytes) {
  // Of libsodium's calls, sub(p, p) returns 0 and writes the identity.
  if (code != 0 || sodium_is_zero(bytes.data(), bytes.size()) != 0) {
    return absl::InvalidArgumentError("the result is the identity");
  }
  return Point(bytes);
}

absl::StatusOr<Point> Point::Parse(absl::Span<const uint8_t> bytes) {
  if (bytes.size() != kPointBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("an element of ", bytes.size(), " bytes, not 32"));
  }
  Encoding encoding;
  std::copy(bytes.begin(), bytes.end(), encoding.begin());
  // libsodium 1.0.18 accepts both of these.
  if ((encoding[31] & 0x80) != 0) {
    return absl::InvalidArgumentError("an element with bit 255 set");
  }
  if (sodium_is_zero(encoding.data(), encoding.size()) != 0) {
    return absl::InvalidArgumentError("an element that is the identity");
  }
  if (crypto_core_ristretto255_is_valid_point(encoding.data()) != 1) {
    return absl::InvalidArgumentError("not the encoding of an element");
  }
  return Point(encoding);
}

absl::StatusOr<Point> Point::Random() {
  if (sodium_init() < 0) return absl::InternalError("libsodium cannot start");
  Encoding bytes;
  crypto_core_ristretto255_random(bytes.data());
  return FromResult(0, bytes);
}

absl::StatusOr<Point> Point::FromUniform(const std::array<uint8_t, 64>& wide) {
  Encoding bytes;
  const int code =
      crypto_core_ristretto255_from_hash(bytes.data(), wide.data());
  return FromResult(code, bytes);
}

const Point& Point::Base() {
  static const Point kBase = [] {
    constexpr std::array<uint8_t, kScalarBytes> kOne = {1};
    Encoding bytes{};
    static_cast<void>(
        crypto_scalarmult_ristretto255_base(bytes.data(), kOne.data()));
    return Point(bytes);
  }();
  return kBase;
}

absl::StatusOr<Point> Add(const Point& p, const Point& q) {
  Point::Encoding sum{};
  const int code = crypto_core_ristretto255_add(sum.data(), p.bytes_.data(),
                                                q.bytes_.data());
  return Point::FromResult(code, sum);
}

absl::StatusOr<Point> Sub(const Point& p, const Point& q) {
  Point::Encoding difference{};
  const int code = crypto_core_ristretto255_sub(
      difference.data(), p.bytes_.data(), q.bytes_.data());
  return Point::FromResult(code, difference);
}

absl::StatusOr<Point> Mul(const Scalar& n, const Point& p) {
  Point::Encoding product{};
  const int code = crypto_scalarmult_ristretto255(
      product.data(), n.bytes().data(), p.bytes_.data());
  return Point::FromResult(code, product);
}

absl::StatusOr<Point> Mul(const SecretScalar& n, const Point& p) {
  Point::Encoding product{};
  const int code = crypto_scalarmult_ristretto255(
      product.data(), n.Expose().data(), p.bytes_.data());
  return Point::FromResult(code, product);
}

absl::StatusOr<Point> MulBase(const Scalar& n) {
  Point::Encoding product{};
  const int code =
      crypto_scalarmult_ristretto255_base(product.data(), n.bytes().data());
  return Point::FromResult(code, product);
}

absl::StatusOr<Point> MulBase(const SecretScalar& n) {
  Point::Encoding product{};
  const int code =
      crypto_scalarmult_ristretto255_base(product.data(), n.Expose().data());
  return Point::FromResult(code, product);
}

absl::StatusOr<Point> WeightedSum(absl::Span<const Scalar> weights,
                                  absl::Span<const Point> points) {
  if (weights.size() != points.size() || points.empty()) {
    return absl::InvalidArgumentError("a sum needs a weight for every point");
  }
  absl::StatusOr<Point> sum = Mul(weights[0], points[0]);
  for (size_t i = 1; i < points.size() && sum.ok(); ++i) {
    const absl::StatusOr<Point> term = Mul(weights[i], points[i]);
    if (!term.ok()) return term.status();
    sum = Add(*sum, *term);
  }
  return sum;
}

Bytes PackPoints(absl::Span<const Point> points) {
  Bytes packed;
  packed.reserve(points.size() * kPointBytes);
  for (const Point& point : points) {
    packed.insert(packed.end(), point.bytes().begin(), point.bytes().end());
  }
  return packed;
}

absl::StatusOr<std::vector<Point>> ParsePoints(
    absl::Span<const uint8_t> packed) {
  if (packed.size() % kPointBytes != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        packed.size(), " bytes are not a whole number of elements"));
  }
  std::vector<Point> points;
  points.reserve(packed.size() / kPointBytes);
  for (size_t at = 0; at < packed.size(); at += kPointBytes) {
    absl::StatusOr<Point> point = Point::Parse(packed.subspan(at, kPointBytes));
    if (!point.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "element ", at / kPointBytes, ": ", point.status().message()));
    }
    points.push_back(*point);
  }
  return points;
}

}  // namespace entente::crypto
