#include "crypto/dleq.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/encoding.h"
#include "crypto/hash_to_group.h"
#include "crypto/sha.h"

namespace entente::crypto {
namespace {

absl::Status CheckShape(const DleqStatement& statement) {
  if (statement.c.size() != statement.d.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(statement.c.size(), " elements went in and ",
                     statement.d.size(), " came out"));
  }
  if (statement.c.empty() || statement.c.size() > kMaxDleqBatch) {
    return absl::InvalidArgumentError(
        absl::StrCat("a proof covers 1 to ", kMaxDleqBatch, " pairs, not ",
                     statement.c.size()));
  }
  return absl::OkStatus();
}

absl::StatusOr<Scalar> Rfc9497HashToScalar(absl::Span<const uint8_t> message) {
  static const std::string kLabel =
      absl::StrCat("HashToScalar-", kVoprfContext);
  return HashToScalar(kLabel, message);
}

// The weight of each pair.
absl::StatusOr<std::vector<Scalar>> Weights(const DleqStatement& statement) {
  const absl::StatusOr<Bytes> seed_input =
      ByteWriter()
          .Lp(statement.b.bytes())
          .Lp(absl::StrCat("Seed-", kVoprfContext))
          .Finish();
  if (!seed_input.ok()) return seed_input.status();
  const Hash512 seed = Sha512(*seed_input);

  std::vector<Scalar> weights;
  weights.reserve(statement.c.size());
  for (size_t i = 0; i < statement.c.size(); ++i) {
    const absl::StatusOr<Bytes> input = ByteWriter()
                                            .Lp(seed)
                                            .U8(static_cast<uint8_t>(i >> 8))
                                            .U8(static_cast<uint8_t>(i))
                                            .Lp(statement.c[i].bytes())
                                            .Lp(statement.d[i].bytes())
                                            .Raw("Composite")
                                            .Finish();
    if (!input.ok()) return input.status();
    const absl::StatusOr<Scalar> weight = Rfc9497HashToScalar(*input);
    if (!weight.ok()) return weight.status();
    weights.push_back(*weight);
  }
  return weights;
}

// `m` and `z` are the composites, `t2` and `t3` the commitments.
absl::StatusOr<Scalar> Challenge(const Point& b, const Point& m, const Point& z,
                                 const Point& t2, const Point& t3) {
  const absl::StatusOr<Bytes> message = ByteWriter()
                                            .Lp(b.bytes())
                                            .Lp(m.bytes())
                                            .Lp(z.bytes())
                                            .Lp(t2.bytes())
                                            .Lp(t3.bytes())
                                            .Raw("Challenge")
                                            .Finish();
  if (!message.ok()) return message.status();
  return Rfc9497HashToScalar(*message);
}

// s*p + c*q, as the verifier recovers a commitment.
absl::StatusOr<Point> Recover(const Scalar& s, const Point& p, const Scalar& c,
                              const Point& q) {
  const absl::StatusOr<Point> left = Mul(s, p);
  if (!left.ok()) return left.status();
  const absl::StatusOr<Point> right = Mul(c, q);
  if (!right.ok()) return right.status();
  return Add(*left, *right);
}

}  // namespace

absl::StatusOr<DleqProof> ProveDleq(const SecretScalar& k,
                                    const DleqStatement& statement) {
  const absl::StatusOr<SecretScalar> nonce = SecretScalar::Random();
  if (!nonce.ok()) return nonce.status();
  return ProveDleqWithNonce(k, statement, *nonce);
}

absl::StatusOr<DleqProof> ProveDleqWithNonce(const SecretScalar& k,
                                             const DleqStatement& statement,
                                             const SecretScalar& nonce) {
  const absl::Status shape = CheckShape(statement);
  if (!shape.ok()) return shape;
  const absl::StatusOr<std::vector<Scalar>> weights = Weights(statement);
  if (!weights.ok()) return weights.status();
  const absl::StatusOr<Point> m = WeightedSum(*weights, statement.c);
  if (!m.ok()) return m.status();
  const absl::StatusOr<Point> z = Mul(k, *m);
  if (!z.ok()) return z.status();
  const absl::StatusOr<Point> t2 = Mul(nonce, statement.a);
  if (!t2.ok()) return t2.status();
  const absl::StatusOr<Point> t3 = Mul(nonce, *m);
  if (!t3.ok()) return t3.status();
  const absl::StatusOr<Scalar> c = Challenge(statement.b, *m, *z, *t2, *t3);
  if (!c.ok()) return c.status();
  // The RFC answers r - c*k.
  const Scalar s = nonce.Answer(-*c, k);

  DleqProof proof;
  auto out = std::copy(c->bytes().begin(), c->bytes().end(), proof.begin());
  std::copy(s.bytes().begin(), s.bytes().end(), out);
  return proof;
}

absl::Status VerifyDleq(const DleqStatement& statement,
                        absl::Span<const uint8_t> proof) {
  const absl::Status shape = CheckShape(statement);
  if (!shape.ok()) return shape;
  if (proof.size() != kDleqProofBytes) {
    return absl::InvalidArgumentError("a proof of evaluation has 64 bytes");
  }
  const absl::StatusOr<Scalar> c = Scalar::Parse(proof.first(32));
  if (!c.ok()) return c.status();
  const absl::StatusOr<Scalar> s = Scalar::Parse(proof.subspan(32));
  if (!s.ok()) return s.status();

  const absl::Status refused =
      absl::DataLossError("the proof of evaluation does not verify");
  const absl::StatusOr<std::vector<Scalar>> weights = Weights(statement);
  if (!weights.ok()) return weights.status();
  const absl::StatusOr<Point> m = WeightedSum(*weights, statement.c);
  const absl::StatusOr<Point> z = WeightedSum(*weights, statement.d);
  if (!m.ok() || !z.ok()) return refused;
  const absl::StatusOr<Point> t2 = Recover(*s, statement.a, *c, statement.b);
  const absl::StatusOr<Point> t3 = Recover(*s, *m, *c, *z);
  if (!t2.ok() || !t3.ok()) return refused;
  const absl::StatusOr<Scalar> expected =
      Challenge(statement.b, *m, *z, *t2, *t3);
  if (!expected.ok()) return refused;
  return *expected == *c ? absl::OkStatus() : refused;
}

}  // namespace entente::crypto
