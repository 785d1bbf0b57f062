#include "certs/signed_document.h"

#include "certs/test_agency.h"
#include "gtest/gtest.h"

namespace entente::certs {
namespace {

const std::vector<uint8_t> kPayload = {'{', '}'};

absl::Status Verify(const crypto::Envelope& envelope, const TestAgency& agency,
                    absl::Time at = TestNow()) {
  return VerifySignatory(envelope, 0, agency.agency(), agency.root_spki(), at)
      .status();
}

TEST(SignedDocument, VerifiesToItsSigner) {
  const TestAgency agency("northmere");
  const TestHolder siro = agency.Member(Role::kSignatory, "siro");
  const auto envelope =
      SignDocument(kAgreementType, kPayload, siro.key, siro.chain);
  ASSERT_TRUE(envelope.ok()) << envelope.status();
  const auto signer =
      VerifySignatory(*envelope, 0, "northmere", agency.root_spki(), TestNow());
  ASSERT_TRUE(signer.ok()) << signer.status();
  EXPECT_EQ(signer->identity.name, "siro");
  EXPECT_EQ(signer->fingerprint, siro.chain[0].Fingerprint());
  EXPECT_EQ(*ClaimedAgency(*envelope, 0), "northmere");
}

TEST(SignedDocument, NoSignatureAndBadSignatureAreToldApart) {
  const TestAgency agency("northmere");
  const TestHolder siro = agency.Member(Role::kSignatory, "siro");
  crypto::Envelope envelope =
      *SignDocument(kAgreementType, kPayload, siro.key, siro.chain);
  crypto::Envelope none = envelope;
  none.signatures.clear();
  EXPECT_TRUE(absl::IsNotFound(Verify(none, agency)));
  envelope.signatures[0].signature.back() ^= 1;
  EXPECT_TRUE(absl::IsInvalidArgument(Verify(envelope, agency)));
  envelope.signatures[0].chain.clear();
  EXPECT_TRUE(absl::IsUnauthenticated(Verify(envelope, agency)));
}

TEST(SignedDocument, EveryBitOfPayloadAndTypeIsSigned) {
  const TestAgency agency("northmere");
  const TestHolder siro = agency.Member(Role::kSignatory, "siro");
  const crypto::Envelope envelope =
      *SignDocument(kAgreementType, kPayload, siro.key, siro.chain);
  for (size_t i = 0; i < kPayload.size() * 8; ++i) {
    crypto::Envelope changed = envelope;
    changed.payload[i / 8] ^= static_cast<uint8_t>(1 << (i % 8));
    EXPECT_FALSE(Verify(changed, agency).ok());
  }
  crypto::Envelope retyped = envelope;
  retyped.payload_type = std::string(kKeyBundleType);
  EXPECT_FALSE(Verify(retyped, agency).ok());
}

TEST(SignedDocument, OnlySignatoriesOfTheAgencySign) {
  const TestAgency agency("northmere");
  const TestAgency other("westvale");
  for (const Role role : {Role::kSystem, Role::kAuditor}) {
    const TestHolder holder = agency.Member(role, "x");
    EXPECT_TRUE(absl::IsUnauthenticated(Verify(
        *SignDocument(kAgreementType, kPayload, holder.key, holder.chain),
        agency)));
  }
  const TestHolder stranger =
      other.Holder("spiffe://demo.example/agency/northmere/signatory/siro");
  EXPECT_TRUE(absl::IsUnauthenticated(Verify(
      *SignDocument(kAgreementType, kPayload, stranger.key, stranger.chain),
      agency)));
  const TestHolder siro = agency.Member(Role::kSignatory, "siro");
  EXPECT_TRUE(absl::IsUnauthenticated(
      Verify(*SignDocument(kAgreementType, kPayload, siro.key, siro.chain),
             agency, TestNow() + absl::Hours(72))));
  EXPECT_FALSE(
      SignDocument(kAgreementType, kPayload, stranger.key, siro.chain).ok());
}

}  // namespace
}  // namespace entente::certs
