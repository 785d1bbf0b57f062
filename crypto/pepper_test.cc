#include "crypto/pepper.h"

#include <functional>
#include <string>
#include <vector>

#include "crypto/encoding.h"
#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

Secret PepperOf(uint8_t fill) {
  Bytes bytes(kPepperSize, fill);
  return *Secret::TakeFrom(absl::MakeSpan(bytes));
}

class Pepper : public testing::Test {
 protected:
  static PepperAddress Address() {
    return {"isa-1", 7, "northmere", "westvale", Sha256("bundle")};
  }

  absl::StatusCode Open(const Bytes& message, const Bytes& ciphertext) const {
    return OpenPepper(Address(), message, ciphertext, key_).status().code();
  }

  const KemKey key_ = *KemKey::Generate();
  const Secret pepper_ = PepperOf(9);
  const SealedPepper sealed_ =
      *SealPepper(Address(), pepper_, key_.public_key());
};

TEST_F(Pepper, ReachesItsRecipient) {
  const Secret opened =
      *OpenPepper(Address(), sealed_.message, sealed_.ciphertext, key_);
  EXPECT_EQ(opened.Expose(), pepper_.Expose());
}

TEST_F(Pepper, MessageIsLaidOutAsDocumented) {
  const Hash commitment =
      Sha256(*ByteWriter().Raw("entente pepper v1").Raw(Bytes(32, 9)).Finish());
  EXPECT_EQ(PepperCommitment(pepper_), commitment);
  const Bytes info = *ByteWriter()
                          .Raw("entente pepper-msg v1")
                          .Lp("isa-1")
                          .U32(7)
                          .Lp("northmere")
                          .Lp("westvale")
                          .Raw(Sha256("bundle"))
                          .Raw(commitment)
                          .Finish();
  EXPECT_EQ(sealed_.message,
            *ByteWriter().Raw(info).Raw(Sha256(sealed_.ciphertext)).Finish());
  ASSERT_EQ(sealed_.ciphertext.size(), kPepperCiphertextSize);
  const absl::Span<const uint8_t> ciphertext = sealed_.ciphertext;
  HpkeRecipient hpke =
      *HpkeRecipient::Setup(Aead::kAes256Gcm, ciphertext.first(32), key_, info);
  EXPECT_EQ(*hpke.Open({}, ciphertext.subspan(32)), Bytes(32, 9));
}

TEST_F(Pepper, MessageParsesBack) {
  const PepperMessage parsed =
      *ParsePepperMessage(sealed_.message, sealed_.ciphertext);
  EXPECT_EQ(parsed.address, Address());
  EXPECT_EQ(parsed.commitment, PepperCommitment(pepper_));
  EXPECT_EQ(parsed.ciphertext_hash, Sha256(sealed_.ciphertext));
}

TEST_F(Pepper, RefusesEveryFlippedBit) {
  for (size_t bit = 0; bit < 8 * sealed_.message.size(); ++bit) {
    Bytes message = sealed_.message;
    message[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_NE(Open(message, sealed_.ciphertext), absl::StatusCode::kOk) << bit;
  }
  for (size_t bit = 0; bit < 8 * sealed_.ciphertext.size(); ++bit) {
    Bytes ciphertext = sealed_.ciphertext;
    ciphertext[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_EQ(Open(sealed_.message, ciphertext),
              absl::StatusCode::kInvalidArgument);
    // The hash alone does not save it: someone may sign what they cannot read.
    Bytes message = sealed_.message;
    const Hash hash = Sha256(ciphertext);
    std::copy(hash.begin(), hash.end(), message.end() - 32);
    EXPECT_NE(Open(message, ciphertext), absl::StatusCode::kOk);
  }
}

TEST_F(Pepper, RefusesEveryTruncationAndAnyTail) {
  for (size_t size = 0; size < sealed_.message.size(); ++size) {
    const Bytes cut(sealed_.message.begin(),
                    sealed_.message.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_EQ(Open(cut, sealed_.ciphertext),
              absl::StatusCode::kInvalidArgument);
  }
  Bytes longer = sealed_.message;
  longer.push_back(0);
  EXPECT_EQ(Open(longer, sealed_.ciphertext),
            absl::StatusCode::kInvalidArgument);
  longer = sealed_.ciphertext;
  longer.pop_back();
  EXPECT_EQ(Open(sealed_.message, longer), absl::StatusCode::kInvalidArgument);
}

TEST_F(Pepper, IsForOneUseOnly) {
  const std::function<void(PepperAddress*)> cases[] = {
      [](PepperAddress* a) { a->agreement = "isa-2"; },
      [](PepperAddress* a) { a->generation = 8; },
      [](PepperAddress* a) { a->from = "estmarch"; },
      [](PepperAddress* a) { a->to = "estmarch"; },
      [](PepperAddress* a) { a->recipient_bundle[0] ^= 1; }};
  for (const auto& change : cases) {
    PepperAddress other = Address();
    change(&other);
    EXPECT_EQ(OpenPepper(other, sealed_.message, sealed_.ciphertext, key_)
                  .status()
                  .code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(OpenPepper(Address(), sealed_.message, sealed_.ciphertext,
                       *KemKey::Generate())
                .status()
                .code(),
            absl::StatusCode::kDataLoss);
}

// A sender that commits to one pepper and hands over another.
TEST_F(Pepper, RefusesAnotherThanTheOneCommittedTo) {
  const Bytes head(sealed_.message.begin(), sealed_.message.end() - 32);
  HpkeSender hpke =
      *HpkeSender::Setup(Aead::kAes256Gcm, key_.public_key(), head);
  Bytes ciphertext(hpke.enc().begin(), hpke.enc().end());
  AppendRaw(&ciphertext, *hpke.Seal({}, Bytes(32, 8)));
  Bytes message = head;
  AppendRaw(&message, Sha256(ciphertext));
  EXPECT_EQ(Open(message, ciphertext), absl::StatusCode::kDataLoss);
}

TEST_F(Pepper, RefusesBadAddressesAndSizes) {
  const std::function<void(PepperAddress*)> cases[] = {
      [](PepperAddress* a) { a->agreement.clear(); },
      [](PepperAddress* a) { a->from.clear(); },
      [](PepperAddress* a) { a->to.clear(); },
      [](PepperAddress* a) { a->to = a->from; },
      [](PepperAddress* a) { a->agreement.assign(kMaxPepperName + 1, 'a'); }};
  for (const auto& spoil : cases) {
    PepperAddress address = Address();
    spoil(&address);
    EXPECT_EQ(SealPepper(address, pepper_, key_.public_key()).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  Bytes small(31, 9);
  EXPECT_EQ(SealPepper(Address(), *Secret::TakeFrom(absl::MakeSpan(small)),
                       key_.public_key())
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ParsePepperMessage(*ByteWriter()
                                    .Raw("entente pepper-msg v1")
                                    .Lp("isa-1")
                                    .U32(1)
                                    .Lp("same")
                                    .Lp("same")
                                    .Raw(Bytes(64))
                                    .Raw(Sha256(sealed_.ciphertext))
                                    .Finish(),
                               sealed_.ciphertext)
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(MakePepper, MakesADifferentOneEachTime) {
  const Secret a = *MakePepper();
  const Secret b = *MakePepper();
  EXPECT_EQ(a.size(), kPepperSize);
  EXPECT_NE(PepperCommitment(a), PepperCommitment(b));
}

}  // namespace
}  // namespace entente::crypto
