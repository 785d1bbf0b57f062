#include "crypto/rotation.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "crypto/voprf.h"

namespace entente::crypto {
namespace {

using absl::StatusCode;

const Domain kRotated = {"ag", "north", Role::kMatching, 4};

class RotationTest : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 3; ++i) people_.push_back(*Point::Random());
    table_ = *BlindEvaluate(*DeriveDomainKey(old_master_, kRotated), people_);
    batch_ = *BlindedBatch::Create(table_);
    moved_ = *BlindEvaluate(keys_.delta, batch_->blinded());
    proof_ = *ProveRotation(keys_, batch_->blinded(), moved_);
  }

  absl::StatusOr<std::vector<Point>> Finish() const {
    return batch_->FinishRotation(keys_.old_key, keys_.new_key, moved_, proof_);
  }

  const Secret old_master_ = *Secret::Random(32);
  const Secret new_master_ = *Secret::Random(32);
  RotationKeys keys_ = *DeriveRotationKeys(old_master_, new_master_, kRotated);
  std::vector<Point> people_, table_;
  absl::optional<BlindedBatch> batch_;
  std::vector<Point> moved_;
  DleqProof proof_;
};

TEST_F(RotationTest, GivesTheNextEpochsPseudonymsOfTheSamePeople) {
  Domain next = kRotated;
  next.epoch = 5;
  const SecretScalar key = *DeriveDomainKey(new_master_, next);
  EXPECT_EQ(keys_.new_key, *MulBase(key));
  EXPECT_EQ(*Finish(), *BlindEvaluate(key, people_));
}

TEST_F(RotationTest, TheBrokerSeesNoPseudonym) {
  for (size_t i = 0; i < table_.size(); ++i) {
    EXPECT_NE(batch_->blinded()[i], table_[i]);
  }
}

TEST_F(RotationTest, RefusesEveryFlippedBitOfTheProof) {
  for (size_t bit = 0; bit < 8 * proof_.size(); ++bit) {
    proof_[bit / 8] ^= 1 << (bit % 8);
    EXPECT_FALSE(Finish().ok()) << bit;
    proof_[bit / 8] ^= 1 << (bit % 8);
  }
  EXPECT_TRUE(Finish().ok());
}

TEST_F(RotationTest, RefusesOtherKeysAndSwappedOrMissingAnswers) {
  const RotationKeys right = keys_;
  keys_.old_key = *Point::Random();
  EXPECT_EQ(Finish().status().code(), StatusCode::kDataLoss);
  keys_ = right;
  keys_.new_key = *Point::Random();
  EXPECT_EQ(Finish().status().code(), StatusCode::kDataLoss);
  keys_ = right;
  std::swap(moved_[0], moved_[1]);
  EXPECT_EQ(Finish().status().code(), StatusCode::kDataLoss);
  moved_.pop_back();
  EXPECT_EQ(Finish().status().code(), StatusCode::kInvalidArgument);
}

TEST_F(RotationTest, RefusesAMoveByAnotherNumber) {
  keys_.delta = *SecretScalar::Random();
  moved_ = *BlindEvaluate(keys_.delta, batch_->blinded());
  proof_ = *ProveRotation(keys_, batch_->blinded(), moved_);
  EXPECT_EQ(Finish().status().code(), StatusCode::kDataLoss);
}

TEST_F(RotationTest, NeedsANextEpochAndWholeMasters) {
  Domain last = kRotated;
  last.epoch = 0xffffffff;
  EXPECT_EQ(DeriveRotationKeys(old_master_, new_master_, last).status().code(),
            StatusCode::kInvalidArgument);
  const Secret short_master = *Secret::Random(31);
  EXPECT_EQ(
      DeriveRotationKeys(short_master, new_master_, kRotated).status().code(),
      StatusCode::kInvalidArgument);
  EXPECT_EQ(
      DeriveRotationKeys(old_master_, short_master, kRotated).status().code(),
      StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::crypto
