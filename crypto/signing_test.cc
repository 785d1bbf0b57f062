#include "crypto/signing.h"

#include <algorithm>
#include <vector>

#include "crypto/hex.h"
#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

SigningKey SeededKey(uint8_t fill) {
  Bytes seed(32, fill);
  return *SigningKey::TakeSeed(absl::MakeSpan(seed));
}

// RFC 8032 section 7.1, test 3.
TEST(SigningKey, MatchesPublishedVector) {
  Bytes seed = *FromHex(
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
  const SigningKey key = *SigningKey::TakeSeed(absl::MakeSpan(seed));
  EXPECT_EQ(ToHex(key.public_key().bytes()),
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  EXPECT_EQ(ToHex(key.Sign("", Bytes{0xaf, 0x82})),
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
}

TEST(SigningKey, WipesTheSeedItTakes) {
  Bytes seed(32, 5);
  const SigningKey key = *SigningKey::TakeSeed(absl::MakeSpan(seed));
  EXPECT_EQ(seed, Bytes(32));
  EXPECT_TRUE(std::all_of(key.ExposeSeed().begin(), key.ExposeSeed().end(),
                          [](uint8_t b) { return b == 5; }));
  Bytes wrong(31, 5);
  EXPECT_EQ(SigningKey::TakeSeed(absl::MakeSpan(wrong)).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(wrong, Bytes(31));
}

TEST(SigningKey, GeneratesDifferentKeys) {
  EXPECT_FALSE(SigningKey::Generate()->public_key() ==
               SigningKey::Generate()->public_key());
}

TEST(Signature, VerifiesUnderItsLabelAndKeyOnly) {
  const SigningKey key = SeededKey(1);
  const Bytes message = {1, 2, 3, 4};
  const Signature signature = key.Sign("entente a v1", message);
  EXPECT_TRUE(key.public_key().Verify("entente a v1", message, signature).ok());
  for (const char* label : {"entente b v1", "", "entente a v"}) {
    EXPECT_EQ(key.public_key().Verify(label, message, signature).code(),
              absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(SeededKey(2)
                .public_key()
                .Verify("entente a v1", message, signature)
                .code(),
            absl::StatusCode::kDataLoss);
}

TEST(Signature, RefusesEveryFlippedBit) {
  const SigningKey key = SeededKey(1);
  Bytes message = {1, 2, 3, 4};
  Signature signature = key.Sign("entente a v1", message);
  const auto verifies = [&] {
    return key.public_key().Verify("entente a v1", message, signature).ok();
  };
  for (size_t bit = 0; bit < 8 * signature.size(); ++bit) {
    signature[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(verifies()) << bit;
    signature[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
  }
  for (size_t bit = 0; bit < 8 * message.size(); ++bit) {
    message[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(verifies()) << bit;
    message[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
  }
  message.pop_back();
  EXPECT_FALSE(verifies());
}

TEST(Signature, IsExactly64Bytes) {
  EXPECT_TRUE(ParseSignature(Bytes(64)).ok());
  for (const size_t size : {0, 63, 65}) {
    EXPECT_EQ(ParseSignature(Bytes(size)).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(Ed25519PublicKey, RefusesWhatIsNoKey) {
  const Ed25519PublicKey good = SeededKey(1).public_key();
  EXPECT_EQ(*Ed25519PublicKey::Parse(good.bytes()), good);
  // Wrong sizes; small order: y = 0, 1, and p - 1; y = p + 1, not reduced; not
  // on the curve.
  std::vector<Bytes> bad = {Bytes(), Bytes(31), Bytes(33), Bytes(32)};
  for (const char* hex :
       {"0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0200000000000000000000000000000000000000000000000000000000000000"}) {
    bad.push_back(*FromHex(hex));
  }
  for (const Bytes& bytes : bad) {
    EXPECT_EQ(Ed25519PublicKey::Parse(bytes).status().code(),
              absl::StatusCode::kInvalidArgument)
        << ToHex(bytes);
  }
}

}  // namespace
}  // namespace entente::crypto
