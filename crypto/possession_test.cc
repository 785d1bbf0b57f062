#include "crypto/possession.h"

#include <gtest/gtest.h>

#include <vector>

namespace entente::crypto {
namespace {

using absl::StatusCode;

const Domain kDomain = {"ag", "north", Role::kMatching, 1};
const Edge kEdge = {"ag", "north", "south", 1};

class PossessionTest : public testing::Test {
 protected:
  const SecretScalar key_ = *SecretScalar::Random();
  const Point public_key_ = *MulBase(key_);
  const KeyOwner owner_ = *OwnerOfX(kEdge);
  PossessionProof proof_ = *ProvePossession(key_, owner_);
};

TEST_F(PossessionTest, AcceptsTheHolderOfAnyKind) {
  for (const KeyOwner& owner :
       {*OwnerOfY("north"), *OwnerOfK(kDomain), *OwnerOfX(kEdge)}) {
    const PossessionProof proof = *ProvePossession(key_, owner);
    EXPECT_TRUE(VerifyPossession(public_key_, owner, proof).ok());
  }
}

TEST_F(PossessionTest, OwnersAreAsSpecified) {
  EXPECT_EQ(OwnerOfY("north")->agreement, "");
  EXPECT_EQ(AsText(OwnerOfY("north")->owner), "north");
  EXPECT_EQ(OwnerOfY("north")->kind, "Y");
  EXPECT_EQ(OwnerOfK(kDomain)->agreement, "ag");
  EXPECT_EQ(OwnerOfK(kDomain)->owner, *DomainBytes(kDomain));
  EXPECT_EQ(OwnerOfK(kDomain)->kind, "K");
  EXPECT_EQ(owner_.agreement, "ag");
  EXPECT_EQ(owner_.owner, *EdgeBytes(kEdge));
  EXPECT_EQ(owner_.kind, "X");
}

TEST_F(PossessionTest, RefusesEveryFlippedBit) {
  for (size_t bit = 0; bit < 8 * proof_.size(); ++bit) {
    proof_[bit / 8] ^= 1 << (bit % 8);
    const StatusCode code =
        VerifyPossession(public_key_, owner_, proof_).code();
    EXPECT_TRUE(code == StatusCode::kDataLoss ||
                code == StatusCode::kInvalidArgument)
        << bit;
    proof_[bit / 8] ^= 1 << (bit % 8);
  }
  EXPECT_TRUE(VerifyPossession(public_key_, owner_, proof_).ok());
}

TEST_F(PossessionTest, RefusesAnotherKeyOrOwner) {
  EXPECT_EQ(VerifyPossession(*Point::Random(), owner_, proof_).code(),
            StatusCode::kDataLoss);
  Edge other = kEdge;
  other.epoch = 2;
  KeyOwner agreement = owner_, kind = owner_;
  agreement.agreement = "another";
  kind.kind = "K";
  for (const KeyOwner& owner : {*OwnerOfX(other), agreement, kind,
                                *OwnerOfY("north"), *OwnerOfK(kDomain)}) {
    EXPECT_EQ(VerifyPossession(public_key_, owner, proof_).code(),
              StatusCode::kDataLoss);
  }
}

// Point 5 of section 7: without proofs, the broker would publish this edge key
// and open everything that is encrypted to both.
TEST_F(PossessionTest, NobodyProvesAKeyThatCancelsAnother) {
  const SecretScalar y = *SecretScalar::Random(), x = *SecretScalar::Random();
  const Point rogue = *Sub(*MulBase(x), *MulBase(y));
  EXPECT_EQ(*Add(*MulBase(y), rogue), *MulBase(x));
  const PossessionProof proof = *ProvePossession(x, owner_);
  EXPECT_EQ(VerifyPossession(rogue, owner_, proof).code(),
            StatusCode::kDataLoss);
}

TEST_F(PossessionTest, RefusesAProofOfAnotherForm) {
  const absl::Span<const uint8_t> proof = proof_;
  Bytes longer(proof_.begin(), proof_.end());
  longer.push_back(0);
  Bytes unreduced_challenge(64, 0xff), unreduced_answer(64, 0xff);
  std::copy(proof_.begin() + 32, proof_.end(),
            unreduced_challenge.begin() + 32);
  std::copy(proof_.begin(), proof_.begin() + 32, unreduced_answer.begin());
  for (const absl::Span<const uint8_t> bad :
       {proof.first(0), proof.first(63), absl::MakeConstSpan(longer),
        absl::MakeConstSpan(unreduced_challenge),
        absl::MakeConstSpan(unreduced_answer)}) {
    EXPECT_EQ(VerifyPossession(public_key_, owner_, bad).code(),
              StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(VerifyPossession(public_key_, owner_, Bytes(64, 0)).code(),
            StatusCode::kDataLoss);
}

TEST_F(PossessionTest, RefusesOwnersThatCannotBeEncoded) {
  EXPECT_EQ(OwnerOfY("").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(OwnerOfK({"", "north", Role::kMatching, 1}).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(OwnerOfX({"", "north", "south", 1}).status().code(),
            StatusCode::kInvalidArgument);
  KeyOwner longer = owner_;
  longer.agreement.assign(65536, 'x');
  EXPECT_EQ(ProvePossession(key_, longer).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(VerifyPossession(public_key_, longer, proof_).code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::crypto
