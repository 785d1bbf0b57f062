#include "crypto/convert.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::crypto {
namespace {

void AppendPoint(Bytes* out, const Point& point) {
  out->insert(out->end(), point.bytes().begin(), point.bytes().end());
}

// Pair is Ciphertext or Converted.
template <typename Pair>
absl::StatusOr<std::vector<Pair>> ParsePairs(absl::Span<const uint8_t> packed) {
  if (packed.size() % kCiphertextBytes != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        packed.size(), " bytes are not a whole number of ciphertexts"));
  }
  const absl::StatusOr<std::vector<Point>> points = ParsePoints(packed);
  if (!points.ok()) return points.status();
  std::vector<Pair> pairs;
  pairs.reserve(points->size() / 2);
  for (size_t i = 0; i < points->size(); i += 2) {
    pairs.push_back({(*points)[i], (*points)[i + 1]});
  }
  return pairs;
}

absl::StatusOr<Converted> ConvertOne(const ConversionKeys& keys,
                                     const Ciphertext& ciphertext) {
  const absl::StatusOr<Point> r1 = Mul(keys.s(), ciphertext.c1);
  if (!r1.ok()) return r1.status();
  const absl::StatusOr<Point> moved = Mul(keys.s(), ciphertext.c2);
  if (!moved.ok()) return moved.status();
  const absl::StatusOr<Point> mask = Mul(keys.w(), ciphertext.c1);
  if (!mask.ok()) return mask.status();
  const absl::StatusOr<Point> r2 = Sub(*moved, *mask);
  if (!r2.ok()) return r2.status();
  return Converted{*r1, *r2};
}

}  // namespace

Bytes PackCiphertexts(absl::Span<const Ciphertext> ciphertexts) {
  Bytes packed;
  packed.reserve(ciphertexts.size() * kCiphertextBytes);
  for (const Ciphertext& ciphertext : ciphertexts) {
    AppendPoint(&packed, ciphertext.c1);
    AppendPoint(&packed, ciphertext.c2);
  }
  return packed;
}

Bytes PackConverted(absl::Span<const Converted> converted) {
  Bytes packed;
  packed.reserve(converted.size() * kCiphertextBytes);
  for (const Converted& one : converted) {
    AppendPoint(&packed, one.r1);
    AppendPoint(&packed, one.r2);
  }
  return packed;
}

absl::StatusOr<std::vector<Ciphertext>> ParseCiphertexts(
    absl::Span<const uint8_t> packed) {
  return ParsePairs<Ciphertext>(packed);
}

absl::StatusOr<std::vector<Converted>> ParseConverted(
    absl::Span<const uint8_t> packed) {
  return ParsePairs<Converted>(packed);
}

absl::StatusOr<Point> ConversionTarget(const Point& recipient_key,
                                       const Point& edge_key) {
  return Add(recipient_key, edge_key);
}

absl::StatusOr<Ciphertext> EncryptPseudonym(const Point& pseudonym,
                                            const Point& target) {
  const absl::StatusOr<SecretScalar> r = SecretScalar::Random();
  if (!r.ok()) return r.status();
  const absl::StatusOr<Point> c1 = MulBase(*r);
  if (!c1.ok()) return c1.status();
  const absl::StatusOr<Point> mask = Mul(*r, target);
  if (!mask.ok()) return mask.status();
  const absl::StatusOr<Point> c2 = Add(pseudonym, *mask);
  if (!c2.ok()) return c2.status();
  return Ciphertext{*c1, *c2};
}

absl::StatusOr<Ciphertext> EncryptAbsence(const Point& target) {
  const absl::StatusOr<Point> nobody = Point::Random();
  if (!nobody.ok()) return nobody.status();
  return EncryptPseudonym(*nobody, target);
}

absl::StatusOr<ConversionKeys> ConversionKeys::Derive(
    const Secret& master, const Domain& source, const Domain& destination) {
  const absl::StatusOr<Edge> edge = EdgeBetween(source, destination);
  if (!edge.ok()) return edge.status();
  const absl::StatusOr<SecretScalar> k_src = DeriveDomainKey(master, source);
  if (!k_src.ok()) return k_src.status();
  const absl::StatusOr<SecretScalar> k_dst =
      DeriveDomainKey(master, destination);
  if (!k_dst.ok()) return k_dst.status();
  const absl::StatusOr<SecretScalar> x = DeriveEdgeKey(master, *edge);
  if (!x.ok()) return x.status();

  const absl::StatusOr<Point> source_key = MulBase(*k_src);
  if (!source_key.ok()) return source_key.status();
  const absl::StatusOr<Point> destination_key = MulBase(*k_dst);
  if (!destination_key.ok()) return destination_key.status();
  const absl::StatusOr<Point> edge_key = MulBase(*x);
  if (!edge_key.ok()) return edge_key.status();
  const SecretScalar s = *k_dst * k_src->Inverse();
  return ConversionKeys(s, s * *x, *source_key, *destination_key, *edge_key);
}

absl::StatusOr<std::vector<Converted>> Convert(
    const ConversionKeys& keys, absl::Span<const Ciphertext> ciphertexts) {
  std::vector<Converted> converted;
  converted.reserve(ciphertexts.size());
  for (size_t i = 0; i < ciphertexts.size(); ++i) {
    const absl::StatusOr<Converted> one = ConvertOne(keys, ciphertexts[i]);
    if (!one.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "ciphertext ", i, " cannot be converted: ", one.status().message()));
    }
    converted.push_back(*one);
  }
  return converted;
}

absl::StatusOr<Point> OpenPseudonym(const SecretScalar& y,
                                    const Converted& converted) {
  const absl::StatusOr<Point> mask = Mul(y, converted.r1);
  if (!mask.ok()) return mask.status();
  return Sub(converted.r2, *mask);
}

absl::Status RepeatedC1Check::Add(absl::Span<const Ciphertext> chunk) {
  for (size_t i = 0; i < chunk.size(); ++i) {
    if (!seen_.insert(chunk[i].c1).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("ciphertext ", i, " repeats a C1 of its batch"));
    }
  }
  return absl::OkStatus();
}

}  // namespace entente::crypto
