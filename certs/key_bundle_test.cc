#include "certs/key_bundle.h"

#include <algorithm>

#include "certs/signed_document.h"
#include "certs/test_agency.h"
#include "crypto/hex.h"
#include "gtest/gtest.h"

namespace entente::certs {
namespace {

KeyBundle Sample(const std::string& agency) {
  const auto y = *crypto::SecretScalar::Random();
  return {agency,
          crypto::SigningKey::Generate()->public_key(),
          {1, 2, 3},
          *crypto::MulBase(y),
          *crypto::ProvePossession(y, *crypto::OwnerOfY(agency)),
          TestNow(),
          TestNow() + absl::Hours(24 * 365)};
}

TEST(KeyBundle, RoundTrips) {
  const KeyBundle bundle = Sample("northmere");
  const std::string text = *PrintKeyBundle(bundle);
  const auto read = ParseKeyBundle(crypto::AsBytes(text));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->agency, "northmere");
  EXPECT_EQ(read->y, bundle.y);
  EXPECT_EQ(read->kem_key, bundle.kem_key);
  EXPECT_EQ(read->not_after, bundle.not_after);
  EXPECT_EQ(*PrintKeyBundle(*read), text);
}

TEST(KeyBundle, NoChangedBitReadsAsTheSameBundle) {
  const std::string text = *PrintKeyBundle(Sample("northmere"));
  for (size_t i = 0; i < text.size() * 8; i += 3) {
    std::string changed = text;
    changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << (i % 8)));
    const auto read = ParseKeyBundle(crypto::AsBytes(changed));
    if (read.ok()) {
      EXPECT_EQ(*PrintKeyBundle(*read), changed);
      EXPECT_NE(KeyBundleDigest(crypto::AsBytes(changed)),
                KeyBundleDigest(crypto::AsBytes(text)));
    }
  }
}

TEST(KeyBundle, RefusesAPossessionProofOfAnotherAgencyAndBadValidity) {
  KeyBundle stolen = Sample("northmere");
  stolen.agency = "westvale";
  EXPECT_FALSE(ParseKeyBundle(crypto::AsBytes(*PrintKeyBundle(stolen))).ok());
  KeyBundle empty = Sample("northmere");
  empty.not_after = empty.not_before;
  EXPECT_FALSE(ParseKeyBundle(crypto::AsBytes(*PrintKeyBundle(empty))).ok());
  KeyBundle endless = Sample("northmere");
  endless.not_after =
      endless.not_before + kMaxBundleValidity + absl::Seconds(1);
  EXPECT_FALSE(ParseKeyBundle(crypto::AsBytes(*PrintKeyBundle(endless))).ok());
  KeyBundle fraction = Sample("northmere");
  fraction.not_after += absl::Milliseconds(1);
  EXPECT_FALSE(PrintKeyBundle(fraction).ok());
}

TEST(KeyBundle, CountsWithOneSignatureOfItsAgencysSignatory) {
  const TestAgency agency("northmere");
  const TestAgency other("westvale");
  const TestHolder siro = agency.Member(Role::kSignatory, "siro");
  const std::string text = *PrintKeyBundle(Sample("northmere"));
  crypto::Envelope envelope = *SignDocument(
      kKeyBundleType, crypto::AsBytes(text), siro.key, siro.chain);
  EXPECT_TRUE(VerifyKeyBundle(envelope, agency.root_spki()).ok());
  EXPECT_FALSE(VerifyKeyBundle(envelope, other.root_spki()).ok());
  crypto::Envelope twice = envelope;
  twice.signatures.push_back(twice.signatures[0]);
  EXPECT_FALSE(VerifyKeyBundle(twice, agency.root_spki()).ok());
  const TestHolder foreign = other.Member(Role::kSignatory, "siro");
  EXPECT_FALSE(
      VerifyKeyBundle(*SignDocument(kKeyBundleType, crypto::AsBytes(text),
                                    foreign.key, foreign.chain),
                      other.root_spki())
          .ok());
  crypto::Envelope retyped = *SignDocument(
      kAgreementType, crypto::AsBytes(text), siro.key, siro.chain);
  EXPECT_FALSE(VerifyKeyBundle(retyped, agency.root_spki()).ok());
}

}  // namespace
}  // namespace entente::certs
