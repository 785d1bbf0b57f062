#include "crypto/conversion_proof.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/encoding.h"
#include "crypto/hash_to_group.h"

namespace entente::crypto {
namespace {

// What prover and verifier both hash: `digest` is the transcript's own hash,
// `weights` one number a ciphertext that neither could choose.
struct Transcript {
  Hash512 digest;
  std::vector<Scalar> weights;
};

// The weighted sums M1, M2 of what was sent, N1, N2 of what came out, and the
// commitments T0 to T3.
struct Sums {
  Point m1, m2, n1, n2;
};
struct Commitments {
  Point t0, t1, t2, t3;
};

std::vector<Scalar> Weights(const Hash512& seed, size_t count) {
  std::vector<Scalar> weights;
  weights.reserve(count);
  Bytes input;
  for (size_t i = 0; i < count; ++i) {
    input.assign(seed.begin(), seed.end());
    AppendU32(&input, static_cast<uint32_t>(i));
    const Hash512 hash = Sha512(input);
    std::array<uint8_t, 16> low;
    std::copy(hash.begin(), hash.begin() + low.size(), low.begin());
    weights.push_back(Scalar::FromU128(low));
  }
  return weights;
}

absl::StatusOr<Transcript> Transcribe(const ConversionPublicKeys& keys,
                                      absl::Span<const uint8_t> context,
                                      absl::Span<const Ciphertext> sent,
                                      absl::Span<const Converted> converted) {
  if (sent.size() != converted.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(sent.size(), " ciphertexts went in and ", converted.size(),
                     " came out"));
  }
  if (sent.empty() || sent.size() > kMaxProvedCiphertexts) {
    return absl::InvalidArgumentError(
        absl::StrCat("a proof covers 1 to ", kMaxProvedCiphertexts,
                     " ciphertexts, not ", sent.size()));
  }
  Bytes transcript;
  transcript.reserve(context.size() + 130 + sent.size() * 2 * kCiphertextBytes);
  const absl::Status encoded = AppendLp(&transcript, context);
  if (!encoded.ok()) return encoded;
  for (const Point* key :
       {&keys.source, &keys.destination, &keys.edge, &keys.recipient}) {
    AppendRaw(&transcript, key->bytes());
  }
  for (size_t i = 0; i < sent.size(); ++i) {
    for (const Point* element :
         {&sent[i].c1, &sent[i].c2, &converted[i].r1, &converted[i].r2}) {
      AppendRaw(&transcript, element->bytes());
    }
  }
  const Hash512 seed =
      Sha512Hasher().Update("entente conv-w v1").Update(transcript).Finish();
  return Transcript{Sha512(transcript), Weights(seed, sent.size())};
}

// The weighted sums of the two halves of each pair.
template <typename Pair>
absl::StatusOr<std::pair<Point, Point>> SumHalves(
    absl::Span<const Scalar> weights, absl::Span<const Pair> pairs,
    Point Pair::*first, Point Pair::*second) {
  std::vector<Point> firsts, seconds;
  firsts.reserve(pairs.size());
  seconds.reserve(pairs.size());
  for (const Pair& pair : pairs) {
    firsts.push_back(pair.*first);
    seconds.push_back(pair.*second);
  }
  const absl::StatusOr<Point> first_sum = WeightedSum(weights, firsts);
  if (!first_sum.ok()) return first_sum.status();
  const absl::StatusOr<Point> second_sum = WeightedSum(weights, seconds);
  if (!second_sum.ok()) return second_sum.status();
  return std::make_pair(*first_sum, *second_sum);
}

// a*p - b*q.
template <typename Number>
absl::StatusOr<Point> Difference(const Number& a, const Point& p,
                                 const Number& b, const Point& q) {
  const absl::StatusOr<Point> left = Mul(a, p);
  if (!left.ok()) return left.status();
  const absl::StatusOr<Point> right = Mul(b, q);
  if (!right.ok()) return right.status();
  return Sub(*left, *right);
}

absl::StatusOr<Scalar> Challenge(const Hash512& digest, const Sums& sums,
                                 const Commitments& commitments) {
  Bytes message(digest.begin(), digest.end());
  for (const Point* point :
       {&sums.m1, &sums.m2, &sums.n1, &sums.n2, &commitments.t0,
        &commitments.t1, &commitments.t2, &commitments.t3}) {
    AppendRaw(&message, point->bytes());
  }
  return HashToScalar("entente conv-c v1", message);
}

// The sums, and the commitments for the nonces u and v.
absl::StatusOr<std::pair<Sums, Commitments>> Commit(const ConversionKeys& keys,
                                                    const Point& m1,
                                                    const Point& m2,
                                                    const SecretScalar& u,
                                                    const SecretScalar& v) {
  const absl::StatusOr<Point> n1 = Mul(keys.s(), m1);
  if (!n1.ok()) return n1.status();
  const absl::StatusOr<Point> n2 = Difference(keys.s(), m2, keys.w(), m1);
  if (!n2.ok()) return n2.status();
  const absl::StatusOr<Point> t0 = Mul(u, keys.source_key());
  if (!t0.ok()) return t0.status();
  const absl::StatusOr<Point> t1 =
      Difference(u, keys.edge_key(), v, Point::Base());
  if (!t1.ok()) return t1.status();
  const absl::StatusOr<Point> t2 = Mul(u, m1);
  if (!t2.ok()) return t2.status();
  const absl::StatusOr<Point> t3 = Difference(u, m2, v, m1);
  if (!t3.ok()) return t3.status();
  return std::make_pair(Sums{m1, m2, *n1, *n2},
                        Commitments{*t0, *t1, *t2, *t3});
}

// The commitments that challenge and answers point to.
absl::StatusOr<Commitments> Recover(const ConversionPublicKeys& keys,
                                    const Sums& sums, const Scalar& c,
                                    const Scalar& z_s, const Scalar& z_w) {
  const absl::StatusOr<Point> t0 =
      Difference(z_s, keys.source, c, keys.destination);
  if (!t0.ok()) return t0.status();
  const absl::StatusOr<Point> t1 =
      Difference(z_s, keys.edge, z_w, Point::Base());
  if (!t1.ok()) return t1.status();
  const absl::StatusOr<Point> t2 = Difference(z_s, sums.m1, c, sums.n1);
  if (!t2.ok()) return t2.status();
  const absl::StatusOr<Point> partial = Difference(z_s, sums.m2, z_w, sums.m1);
  if (!partial.ok()) return partial.status();
  const absl::StatusOr<Point> last = Mul(c, sums.n2);
  if (!last.ok()) return last.status();
  const absl::StatusOr<Point> t3 = Sub(*partial, *last);
  if (!t3.ok()) return t3.status();
  return Commitments{*t0, *t1, *t2, *t3};
}

}  // namespace

Bytes ConversionContext(const Hash& batch_head, uint32_t chunk) {
  Bytes context(batch_head.begin(), batch_head.end());
  AppendU32(&context, chunk);
  return context;
}

absl::StatusOr<ConversionProof> ProveConversion(
    const ConversionKeys& keys, const Point& recipient,
    absl::Span<const uint8_t> context, absl::Span<const Ciphertext> sent,
    absl::Span<const Converted> converted) {
  const absl::StatusOr<Transcript> transcript = Transcribe(
      {keys.source_key(), keys.destination_key(), keys.edge_key(), recipient},
      context, sent, converted);
  if (!transcript.ok()) return transcript.status();
  const absl::StatusOr<std::pair<Point, Point>> m =
      SumHalves(transcript->weights, sent, &Ciphertext::c1, &Ciphertext::c2);
  if (!m.ok()) return m.status();
  const absl::StatusOr<SecretScalar> u = SecretScalar::Random();
  if (!u.ok()) return u.status();
  const absl::StatusOr<SecretScalar> v = SecretScalar::Random();
  if (!v.ok()) return v.status();
  const absl::StatusOr<std::pair<Sums, Commitments>> committed =
      Commit(keys, m->first, m->second, *u, *v);
  if (!committed.ok()) return committed.status();
  const absl::StatusOr<Scalar> c =
      Challenge(transcript->digest, committed->first, committed->second);
  if (!c.ok()) return c.status();
  const Scalar z_s = u->Answer(*c, keys.s());
  const Scalar z_w = v->Answer(*c, keys.w());

  ConversionProof proof;
  auto out = proof.begin();
  for (const Scalar* part : {&*c, &z_s, &z_w}) {
    out = std::copy(part->bytes().begin(), part->bytes().end(), out);
  }
  return proof;
}

absl::Status VerifyConversion(const ConversionPublicKeys& keys,
                              absl::Span<const uint8_t> context,
                              absl::Span<const Ciphertext> sent,
                              absl::Span<const Converted> converted,
                              absl::Span<const uint8_t> proof) {
  if (proof.size() != kConversionProofBytes) {
    return absl::InvalidArgumentError("a proof of conversion has 96 bytes");
  }
  const absl::StatusOr<Scalar> c = Scalar::Parse(proof.first(32));
  if (!c.ok()) return c.status();
  const absl::StatusOr<Scalar> z_s = Scalar::Parse(proof.subspan(32, 32));
  if (!z_s.ok()) return z_s.status();
  const absl::StatusOr<Scalar> z_w = Scalar::Parse(proof.subspan(64));
  if (!z_w.ok()) return z_w.status();
  const absl::StatusOr<Transcript> transcript =
      Transcribe(keys, context, sent, converted);
  if (!transcript.ok()) return transcript.status();

  const absl::Status refused =
      absl::DataLossError("the proof of conversion does not verify");
  const absl::StatusOr<std::pair<Point, Point>> m =
      SumHalves(transcript->weights, sent, &Ciphertext::c1, &Ciphertext::c2);
  const absl::StatusOr<std::pair<Point, Point>> n =
      SumHalves(transcript->weights, converted, &Converted::r1, &Converted::r2);
  if (!m.ok() || !n.ok()) return refused;
  const Sums sums{m->first, m->second, n->first, n->second};
  const absl::StatusOr<Commitments> commitments =
      Recover(keys, sums, *c, *z_s, *z_w);
  if (!commitments.ok()) return refused;
  const absl::StatusOr<Scalar> expected =
      Challenge(transcript->digest, sums, *commitments);
  if (!expected.ok()) return refused;
  return *expected == *c ? absl::OkStatus() : refused;
}

}  // namespace entente::crypto
