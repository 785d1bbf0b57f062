#include "crypto/aead.h"

#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

constexpr Aead kAll[] = {Aead::kAes128Gcm, Aead::kAes256Gcm,
                         Aead::kChaCha20Poly1305};

const Bytes kNonce(kAeadNonceSize, 7);
const Bytes kAad = {1, 2, 3};
const Bytes kPlaintext = {9, 8, 7, 6, 5};

AeadKey Key(Aead aead) {
  return *AeadKey::Create(aead, Bytes(AeadKeySize(aead), 3));
}

TEST(Aead, OpensWhatItSealed) {
  for (const Aead aead : kAll) {
    AeadKey key = Key(aead);
    for (const Bytes& plaintext : {kPlaintext, Bytes(), Bytes(100000, 1)}) {
      const Bytes sealed = *key.Seal(kNonce, kAad, plaintext);
      EXPECT_EQ(sealed.size(), plaintext.size() + kAeadTagSize);
      EXPECT_EQ(*Key(aead).Open(kNonce, kAad, sealed), plaintext);
      EXPECT_EQ(*key.Open(kNonce, kAad, sealed), plaintext);
    }
    const Bytes sealed = *key.Seal(kNonce, {}, kPlaintext);
    EXPECT_EQ(*key.Open(kNonce, {}, sealed), kPlaintext);
    EXPECT_FALSE(key.Open(kNonce, kAad, sealed).ok());
  }
}

TEST(Aead, RefusesEveryFlippedBit) {
  for (const Aead aead : kAll) {
    AeadKey key = Key(aead);
    const Bytes sealed = *key.Seal(kNonce, kAad, kPlaintext);
    const auto flip = [](Bytes bytes, size_t bit) {
      bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      return bytes;
    };
    for (size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
      EXPECT_EQ(key.Open(kNonce, kAad, flip(sealed, bit)).status().code(),
                absl::StatusCode::kDataLoss);
    }
    for (size_t bit = 0; bit < 8 * kAad.size(); ++bit) {
      EXPECT_FALSE(key.Open(kNonce, flip(kAad, bit), sealed).ok());
    }
    for (size_t bit = 0; bit < 8 * kNonce.size(); ++bit) {
      EXPECT_FALSE(key.Open(flip(kNonce, bit), kAad, sealed).ok());
    }
    EXPECT_EQ(*key.Open(kNonce, kAad, sealed), kPlaintext);
  }
}

TEST(Aead, RefusesEveryTruncation) {
  AeadKey key = Key(Aead::kAes256Gcm);
  const Bytes sealed = *key.Seal(kNonce, kAad, kPlaintext);
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_EQ(key.Open(kNonce, kAad, absl::MakeSpan(sealed).first(size))
                  .status()
                  .code(),
              size < kAeadTagSize ? absl::StatusCode::kInvalidArgument
                                  : absl::StatusCode::kDataLoss);
  }
}

TEST(Aead, RefusesAnotherKey) {
  AeadKey key = Key(Aead::kAes256Gcm);
  AeadKey other = *AeadKey::Create(Aead::kAes256Gcm, Bytes(32, 4));
  EXPECT_FALSE(
      other.Open(kNonce, kAad, *key.Seal(kNonce, kAad, kPlaintext)).ok());
}

TEST(Aead, RefusesWrongSizes) {
  for (const Aead aead : kAll) {
    for (const size_t size : {0, 15, 17, 24, 31, 33}) {
      EXPECT_EQ(AeadKey::Create(aead, Bytes(size)).status().code(),
                absl::StatusCode::kInvalidArgument);
    }
    AeadKey key = Key(aead);
    for (const size_t size : {0, 11, 13}) {
      EXPECT_EQ(key.Seal(Bytes(size), {}, kPlaintext).status().code(),
                absl::StatusCode::kInvalidArgument);
      EXPECT_EQ(key.Open(Bytes(size), {}, Bytes(20)).status().code(),
                absl::StatusCode::kInvalidArgument);
    }
  }
  EXPECT_FALSE(AeadKey::Create(static_cast<Aead>(9), Bytes(32)).ok());
  // The length alone is looked at: the span is never read.
  const uint8_t byte = 0;
  const absl::Span<const uint8_t> huge(&byte, kMaxAeadInput + 1);
  AeadKey key = Key(Aead::kAes256Gcm);
  EXPECT_EQ(key.Seal(kNonce, huge, kPlaintext).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(key.Seal(kNonce, {}, huge).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::crypto
