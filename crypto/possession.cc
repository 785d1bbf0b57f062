#include "crypto/possession.h"

#include <algorithm>

#include "crypto/encoding.h"
#include "crypto/hash_to_group.h"

namespace entente::crypto {
namespace {

absl::StatusOr<Scalar> Challenge(const KeyOwner& owner, const Point& key,
                                 const Point& commitment) {
  const absl::StatusOr<Bytes> message = ByteWriter()
                                            .Lp(owner.agreement)
                                            .Lp(owner.owner)
                                            .Lp(owner.kind)
                                            .Raw(key.bytes())
                                            .Raw(commitment.bytes())
                                            .Finish();
  if (!message.ok()) return message.status();
  return HashToScalar("entente pop v1", *message);
}

}  // namespace

absl::StatusOr<KeyOwner> OwnerOfY(absl::string_view agency) {
  if (agency.empty()) {
    return absl::InvalidArgumentError("a key needs an agency that owns it");
  }
  const absl::Span<const uint8_t> name = AsBytes(agency);
  return KeyOwner{"", Bytes(name.begin(), name.end()), "Y"};
}

absl::StatusOr<KeyOwner> OwnerOfK(const Domain& domain) {
  absl::StatusOr<Bytes> bytes = DomainBytes(domain);
  if (!bytes.ok()) return bytes.status();
  return KeyOwner{domain.agreement, *std::move(bytes), "K"};
}

absl::StatusOr<KeyOwner> OwnerOfX(const Edge& edge) {
  absl::StatusOr<Bytes> bytes = EdgeBytes(edge);
  if (!bytes.ok()) return bytes.status();
  return KeyOwner{edge.agreement, *std::move(bytes), "X"};
}

absl::StatusOr<PossessionProof> ProvePossession(const SecretScalar& key,
                                                const KeyOwner& owner) {
  const absl::StatusOr<SecretScalar> nonce = SecretScalar::Random();
  if (!nonce.ok()) return nonce.status();
  const absl::StatusOr<Point> public_key = MulBase(key);
  if (!public_key.ok()) return public_key.status();
  const absl::StatusOr<Point> commitment = MulBase(*nonce);
  if (!commitment.ok()) return commitment.status();
  const absl::StatusOr<Scalar> challenge =
      Challenge(owner, *public_key, *commitment);
  if (!challenge.ok()) return challenge.status();
  const Scalar answer = nonce->Answer(*challenge, key);

  PossessionProof proof;
  auto out = std::copy(challenge->bytes().begin(), challenge->bytes().end(),
                       proof.begin());
  std::copy(answer.bytes().begin(), answer.bytes().end(), out);
  return proof;
}

absl::Status VerifyPossession(const Point& key, const KeyOwner& owner,
                              absl::Span<const uint8_t> proof) {
  ByteReader reader(proof);
  if (proof.size() != kPossessionProofBytes) {
    return absl::InvalidArgumentError("a proof of possession has 64 bytes");
  }
  const absl::StatusOr<Scalar> challenge = Scalar::Parse(*reader.Raw(32));
  if (!challenge.ok()) return challenge.status();
  const absl::StatusOr<Scalar> answer = Scalar::Parse(*reader.Raw(32));
  if (!answer.ok()) return answer.status();

  const absl::Status refused =
      absl::DataLossError("the proof of possession does not verify");
  const absl::StatusOr<Point> from_answer = MulBase(*answer);
  const absl::StatusOr<Point> from_key = Mul(*challenge, key);
  if (!from_answer.ok() || !from_key.ok()) return refused;
  const absl::StatusOr<Point> commitment = Sub(*from_answer, *from_key);
  if (!commitment.ok()) return refused;
  const absl::StatusOr<Scalar> expected = Challenge(owner, key, *commitment);
  if (!expected.ok()) return expected.status();
  return *expected == *challenge ? absl::OkStatus() : refused;
}

}  // namespace entente::crypto
