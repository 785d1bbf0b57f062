#include "crypto/hpke.h"

#include <fstream>
#include <string>

#include "crypto/hex.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace entente::crypto {
namespace {

using nlohmann::json;

Bytes Hex(const json& value) { return *FromHex(value.get<std::string>()); }

KemKey Key(Bytes bytes) { return *KemKey::TakeFrom(absl::MakeSpan(bytes)); }

// Runs one vector at both ends.
void CheckVector(const json& vector) {
  const Aead aead = static_cast<Aead>(vector["aead_id"].get<uint16_t>());
  const Bytes info = Hex(vector["info"]);
  const KemKey recipient_key = Key(Hex(vector["skRm"]));
  EXPECT_EQ(recipient_key.public_key().bytes(), Hex(vector["pkRm"]));
  HpkeSender sender = *HpkeSender::SetupForVector(
      aead, recipient_key.public_key(), info, Key(Hex(vector["skEm"])));
  EXPECT_EQ(absl::MakeSpan(sender.enc()), Hex(vector["enc"]));
  HpkeRecipient recipient =
      *HpkeRecipient::Setup(aead, sender.enc(), recipient_key, info);

  int sequence = 0;
  for (const json& message : vector["encryptions"]) {
    for (; sequence < message["seq"].get<int>(); ++sequence) {
      ASSERT_TRUE(recipient.Open({}, *sender.Seal({}, {})).ok());
    }
    const Bytes aad = Hex(message["aad"]);
    const Bytes sealed = *sender.Seal(aad, Hex(message["pt"]));
    EXPECT_EQ(sealed, Hex(message["ct"]));
    EXPECT_EQ(*recipient.Open(aad, sealed), Hex(message["pt"]));
    ++sequence;
  }
  EXPECT_EQ(sequence, 257);
  for (const json& exported : vector["exports"]) {
    const Bytes context = Hex(exported["exporter_context"]);
    const Bytes want = Hex(exported["exported_value"]);
    Bytes ours(want.size());
    Bytes theirs(want.size());
    ASSERT_TRUE(sender.Export(context, absl::MakeSpan(ours)).ok());
    ASSERT_TRUE(recipient.Export(context, absl::MakeSpan(theirs)).ok());
    EXPECT_EQ(ours, want);
    EXPECT_EQ(theirs, want);
  }
}

// RFC 9180 appendix A.1.1, A.2.1 and AES-256-GCM of the same file.
TEST(Hpke, MatchesPublishedVectors) {
  std::ifstream file(std::string(ENTENTE_VECTORS) +
                     "/rfc9180_hpke_x25519_hkdfsha256.json");
  ASSERT_TRUE(file.is_open());
  int checked = 0;
  const json document = json::parse(file);
  for (const json& vector : document["vectors"]) {
    if (vector["mode"] != 0) continue;
    SCOPED_TRACE(vector["aead_id"].dump());
    CheckVector(vector);
    ++checked;
  }
  EXPECT_EQ(checked, 3);
}

class HpkeEnds : public testing::Test {
 protected:
  const Bytes info_ = {1, 2, 3};
  const Bytes aad_ = {4};
  const Bytes plaintext_ = {5, 6, 7};
  const KemKey key_ = *KemKey::Generate();
  HpkeSender sender_ =
      *HpkeSender::Setup(Aead::kAes256Gcm, key_.public_key(), info_);
  const Bytes sealed_ = *sender_.Seal(aad_, plaintext_);

  absl::StatusOr<Bytes> Open(const KemKey& key, absl::Span<const uint8_t> enc,
                             const Bytes& info) const {
    absl::StatusOr<HpkeRecipient> recipient =
        HpkeRecipient::Setup(Aead::kAes256Gcm, enc, key, info);
    if (!recipient.ok()) return recipient.status();
    return recipient->Open(aad_, sealed_);
  }
};

TEST_F(HpkeEnds, OpenWithTheRightKeyAndInfoOnly) {
  EXPECT_EQ(*Open(key_, sender_.enc(), info_), plaintext_);
  EXPECT_EQ(Open(*KemKey::Generate(), sender_.enc(), info_).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(Open(key_, sender_.enc(), {1, 2}).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(HpkeEnds, RefuseEveryFlippedBitOfEnc) {
  for (size_t bit = 0; bit < 8 * kHpkeEncSize; ++bit) {
    HpkeEnc enc = sender_.enc();
    enc[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(Open(key_, enc, info_).ok()) << bit;
  }
}

TEST_F(HpkeEnds, RefuseEncOfWrongSizeOrSmallOrder) {
  for (const Bytes& enc : {Bytes(), Bytes(31), Bytes(33), Bytes(32)}) {
    EXPECT_EQ(Open(key_, enc, info_).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(HpkeEnds, KeepTheOrderOfMessages) {
  const Bytes second = *sender_.Seal(aad_, plaintext_);
  EXPECT_NE(second, sealed_);
  HpkeRecipient recipient =
      *HpkeRecipient::Setup(Aead::kAes256Gcm, sender_.enc(), key_, info_);
  EXPECT_EQ(recipient.Open(aad_, second).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_TRUE(recipient.Open(aad_, sealed_).ok());
  EXPECT_TRUE(recipient.Open(aad_, second).ok());
  EXPECT_EQ(recipient.Open(aad_, second).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(HpkeEnds, ExportUpToTheLimit) {
  Bytes out(kMaxHpkeExport);
  EXPECT_TRUE(sender_.Export({}, absl::MakeSpan(out)).ok());
  out.push_back(0);
  EXPECT_EQ(sender_.Export({}, absl::MakeSpan(out)).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(HpkeEnds, NeverUseAnEphemeralKeyTwice) {
  const HpkeSender again =
      *HpkeSender::Setup(Aead::kAes256Gcm, key_.public_key(), info_);
  EXPECT_NE(again.enc(), sender_.enc());
}

TEST(KemKey, IsExactly32BytesAndWipesItsSource) {
  Bytes bytes(32, 9);
  const KemKey key = *KemKey::TakeFrom(absl::MakeSpan(bytes));
  EXPECT_EQ(bytes, Bytes(32));
  EXPECT_EQ(key.Expose(), Bytes(32, 9));
  EXPECT_EQ(*KemPublicKey::Parse(key.public_key().bytes()), key.public_key());
  for (const size_t size : {0, 31, 33}) {
    Bytes wrong(size, 9);
    EXPECT_EQ(KemKey::TakeFrom(absl::MakeSpan(wrong)).status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(wrong, Bytes(size));
    EXPECT_EQ(KemPublicKey::Parse(wrong).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(KemPublicKey, OfSmallOrderIsRefusedWhenUsed) {
  const KemPublicKey zero = *KemPublicKey::Parse(Bytes(32));
  EXPECT_EQ(HpkeSender::Setup(Aead::kAes256Gcm, zero, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::crypto
