#include "crypto/faulty_delivery.h"

#include <gtest/gtest.h>

#include "crypto/chunk.h"
#include "crypto/encoding.h"

namespace entente::crypto {
namespace {

SigningKey FilledKey(uint8_t fill) {
  Bytes seed(32, fill);
  return *SigningKey::TakeSeed(absl::MakeSpan(seed));
}

class FaultyDeliveryTest : public testing::Test {
 protected:
  absl::StatusCode Verify(const SigningKey& key) const {
    return VerifyFaultyDelivery(key.public_key(), head_, digest_, converted_,
                                violations_, signature_)
        .code();
  }

  const SigningKey key_ = FilledKey(1);
  Hash head_ = Sha256("head");
  Hash digest_ = Sha256("digest");
  Hash converted_ = Sha256("converted");
  std::string violations_ = "1 0:place";
  Signature signature_ =
      SignFaultyDelivery(key_, head_, digest_, converted_, violations_);
};

TEST_F(FaultyDeliveryTest, IsOverTheTextToTheByte) {
  const Bytes message = *ByteWriter()
                             .Raw(head_)
                             .Raw(digest_)
                             .Raw(converted_)
                             .Raw(Sha256(violations_))
                             .Finish();
  EXPECT_EQ(signature_, key_.Sign("entente faulty-delivery v1", message));
  EXPECT_EQ(Verify(key_), absl::StatusCode::kOk);
  EXPECT_EQ(Verify(FilledKey(2)), absl::StatusCode::kDataLoss);
}

TEST_F(FaultyDeliveryTest, CoversEveryBit) {
  for (absl::Span<uint8_t> part :
       {absl::MakeSpan(head_), absl::MakeSpan(digest_),
        absl::MakeSpan(converted_), absl::MakeSpan(signature_)}) {
    for (size_t bit = 0; bit < 8 * part.size(); ++bit) {
      part[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      EXPECT_EQ(Verify(key_), absl::StatusCode::kDataLoss) << bit;
      part[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    }
  }
  for (size_t bit = 0; bit < 8 * violations_.size(); ++bit) {
    violations_[bit / 8] =
        static_cast<char>(violations_[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(Verify(key_), absl::StatusCode::kDataLoss) << bit;
    violations_[bit / 8] =
        static_cast<char>(violations_[bit / 8] ^ (1 << bit % 8));
  }
  violations_.clear();
  EXPECT_EQ(Verify(key_), absl::StatusCode::kDataLoss);
}

TEST_F(FaultyDeliveryTest, IsNoPlainDeliveryNorTheOtherWayRound) {
  EXPECT_FALSE(
      VerifyDelivery(key_.public_key(), head_, digest_, converted_, signature_)
          .ok());
  signature_ = SignDelivery(key_, head_, digest_, converted_);
  EXPECT_EQ(Verify(key_), absl::StatusCode::kDataLoss);
  violations_.clear();
  EXPECT_EQ(Verify(key_), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace entente::crypto
