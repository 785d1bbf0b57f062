#include "crypto/conversion_proof.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

namespace entente::crypto {
namespace {

using absl::StatusCode;

const Domain kNorth = {"ag", "north", Role::kMatching, 1};
const Domain kSouth = {"ag", "south", Role::kMatching, 1};

class ConversionProofTest : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 4; ++i) sent_.push_back(*EncryptAbsence(target_));
    converted_ = *Convert(keys_, sent_);
    proof_ =
        *ProveConversion(keys_, public_.recipient, context_, sent_, converted_);
  }

  absl::Status Verify() const {
    return VerifyConversion(public_, context_, sent_, converted_, proof_);
  }

  // Proves what is now in sent_ and converted_, true or not.
  void ProveAgain() {
    proof_ =
        *ProveConversion(keys_, public_.recipient, context_, sent_, converted_);
  }

  const Secret master_ = *Secret::Random(32);
  const ConversionKeys keys_ = *ConversionKeys::Derive(master_, kNorth, kSouth);
  ConversionPublicKeys public_ = {keys_.source_key(), keys_.destination_key(),
                                  keys_.edge_key(), *Point::Random()};
  const Point target_ = *ConversionTarget(public_.recipient, public_.edge);
  Bytes context_ = ConversionContext(Sha256("batch head"), 0);
  std::vector<Ciphertext> sent_;
  std::vector<Converted> converted_;
  ConversionProof proof_;
};

TEST_F(ConversionProofTest, AcceptsAnHonestConversion) {
  EXPECT_TRUE(Verify().ok());
  sent_.resize(1, sent_[0]);
  converted_.resize(1, converted_[0]);
  ProveAgain();
  EXPECT_TRUE(Verify().ok());
}

TEST_F(ConversionProofTest, ProofsOfTheSameChunkDiffer) {
  const ConversionProof first = proof_;
  ProveAgain();
  EXPECT_NE(first, proof_);
}

TEST_F(ConversionProofTest, RefusesEveryFlippedBitOfTheProof) {
  for (size_t bit = 0; bit < 8 * proof_.size(); ++bit) {
    proof_[bit / 8] ^= 1 << (bit % 8);
    const StatusCode code = Verify().code();
    EXPECT_TRUE(code == StatusCode::kDataLoss ||
                code == StatusCode::kInvalidArgument)
        << bit;
    proof_[bit / 8] ^= 1 << (bit % 8);
  }
  EXPECT_TRUE(Verify().ok());
}

TEST_F(ConversionProofTest, RefusesEveryFlippedBitOfTheContext) {
  for (size_t bit = 0; bit < 8 * context_.size(); ++bit) {
    context_[bit / 8] ^= 1 << (bit % 8);
    EXPECT_EQ(Verify().code(), StatusCode::kDataLoss) << bit;
    context_[bit / 8] ^= 1 << (bit % 8);
  }
  context_.push_back(0);
  EXPECT_EQ(Verify().code(), StatusCode::kDataLoss);
}

TEST_F(ConversionProofTest, RefusesAProofOfAnotherChunkOrBatch) {
  context_ = ConversionContext(Sha256("batch head"), 1);
  EXPECT_EQ(Verify().code(), StatusCode::kDataLoss);
  context_ = ConversionContext(Sha256("another"), 0);
  EXPECT_EQ(Verify().code(), StatusCode::kDataLoss);
  context_ = ConversionContext(Sha256("batch head"), 0);
  EXPECT_TRUE(Verify().ok());
}

TEST_F(ConversionProofTest, RefusesEachKeyInAnothersPlace) {
  const ConversionPublicKeys right = public_;
  for (Point ConversionPublicKeys::*key :
       {&ConversionPublicKeys::source, &ConversionPublicKeys::destination,
        &ConversionPublicKeys::edge, &ConversionPublicKeys::recipient}) {
    public_.*key = *Point::Random();
    EXPECT_EQ(Verify().code(), StatusCode::kDataLoss);
    public_ = right;
  }
  std::swap(public_.source, public_.destination);
  EXPECT_EQ(Verify().code(), StatusCode::kDataLoss);
}

TEST_F(ConversionProofTest, RefusesEachElementReplaced) {
  for (size_t i = 0; i < sent_.size(); ++i) {
    for (Point* element :
         {&sent_[i].c1, &sent_[i].c2, &converted_[i].r1, &converted_[i].r2}) {
      const Point right = std::exchange(*element, *Point::Random());
      EXPECT_EQ(Verify().code(), StatusCode::kDataLoss);
      *element = right;
    }
  }
  EXPECT_TRUE(Verify().ok());
}

// What a broker could try, with a new proof each time.
struct Attack {
  std::string name;
  std::function<void(const ConversionKeys& keys, std::vector<Ciphertext>& sent,
                     std::vector<Converted>& converted)>
      alter;
};

class DishonestBrokerTest : public ConversionProofTest,
                            public testing::WithParamInterface<Attack> {};

TEST_P(DishonestBrokerTest, IsCaught) {
  GetParam().alter(keys_, sent_, converted_);
  EXPECT_EQ(Verify().code(), StatusCode::kDataLoss);
  ProveAgain();
  EXPECT_EQ(Verify().code(), StatusCode::kDataLoss);
}

INSTANTIATE_TEST_SUITE_P(
    ConversionProof, DishonestBrokerTest,
    testing::Values(
        Attack{"SwapsRecords",
               [](auto&, auto&, auto& converted) {
                 std::swap(converted[0], converted[1]);
               }},
        Attack{"SwapsOneHalf",
               [](auto&, auto&, auto& converted) {
                 std::swap(converted[0].r2, converted[1].r2);
               }},
        Attack{
            "RepeatsARecord",
            [](auto&, auto&, auto& converted) { converted[2] = converted[3]; }},
        Attack{"TagsOneRecordWithAnotherKey",
               [](auto&, auto& sent, auto& converted) {
                 const auto other = *ConversionKeys::Derive(*Secret::Random(32),
                                                            kNorth, kSouth);
                 converted[0] = (*Convert(other, sent))[0];
               }},
        Attack{"TagsTheRecipientWithAnotherKey",
               [](auto&, auto& sent, auto& converted) {
                 const auto other = *ConversionKeys::Derive(*Secret::Random(32),
                                                            kNorth, kSouth);
                 converted = *Convert(other, sent);
               }},
        Attack{"MovesOnePseudonym",
               [](auto&, auto&, auto& converted) {
                 converted[1].r2 = *Add(converted[1].r2, Point::Base());
               }},
        // Cancels in an unweighted sum.
        Attack{"MovesTwoAgainstEachOther",
               [](auto&, auto&, auto& converted) {
                 converted[1].r2 = *Add(converted[1].r2, Point::Base());
                 converted[2].r2 = *Sub(converted[2].r2, Point::Base());
               }},
        Attack{"InjectsAPerson",
               [](auto& keys, auto&, auto& converted) {
                 const Ciphertext made = {*Point::Random(), *Point::Random()};
                 converted[0] = (*Convert(keys, {made}))[0];
               }}),
    [](const auto& test) { return test.param.name; });

// A broker that owns every key of another edge still cannot pass one for this.
TEST_F(ConversionProofTest, RefusesTheProofOfAnotherEdge) {
  const ConversionKeys other = *ConversionKeys::Derive(
      master_, kNorth, {"ag", "east", Role::kMatching, 1});
  converted_ = *Convert(other, sent_);
  proof_ =
      *ProveConversion(other, public_.recipient, context_, sent_, converted_);
  EXPECT_EQ(Verify().code(), StatusCode::kDataLoss);
  public_.destination = other.destination_key();
  EXPECT_EQ(Verify().code(), StatusCode::kDataLoss);
  public_.edge = other.edge_key();
  EXPECT_TRUE(Verify().ok());
}

TEST_F(ConversionProofTest, RefusesCountsThatDifferOrHaveNoProof) {
  converted_.pop_back();
  EXPECT_EQ(Verify().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(
      ProveConversion(keys_, public_.recipient, context_, sent_, converted_)
          .status()
          .code(),
      StatusCode::kInvalidArgument);
  for (const size_t count : {size_t{0}, kMaxProvedCiphertexts + 1}) {
    sent_.resize(count, sent_[0]);
    converted_.resize(count, Converted{target_, target_});
    EXPECT_EQ(Verify().code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(
        ProveConversion(keys_, public_.recipient, context_, sent_, converted_)
            .status()
            .code(),
        StatusCode::kInvalidArgument);
    sent_.resize(1, Ciphertext{target_, target_});
  }
}

TEST_F(ConversionProofTest, RefusesAContextThatCannotBeEncoded) {
  context_.resize(65536);
  EXPECT_EQ(Verify().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(
      ProveConversion(keys_, public_.recipient, context_, sent_, converted_)
          .status()
          .code(),
      StatusCode::kInvalidArgument);
}

TEST_F(ConversionProofTest, RefusesAProofOfAnotherForm) {
  const auto verify = [&](absl::Span<const uint8_t> proof) {
    return VerifyConversion(public_, context_, sent_, converted_, proof).code();
  };
  Bytes longer(proof_.begin(), proof_.end());
  longer.push_back(0);
  EXPECT_EQ(verify({}), StatusCode::kInvalidArgument);
  EXPECT_EQ(verify(absl::MakeConstSpan(proof_).first(95)),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(verify(longer), StatusCode::kInvalidArgument);
  EXPECT_EQ(verify(Bytes(96, 0)), StatusCode::kDataLoss);
  // Point 2 of section 7: a scalar plus l is the same number, and refused.
  const Bytes order = *FromHex(
      "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  for (const size_t part : {0, 32, 64}) {
    ConversionProof raised = proof_;
    sodium_add(raised.data() + part, order.data(), order.size());
    EXPECT_EQ(verify(raised), StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace entente::crypto
