#include "client/verified_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/signed_document.h"
#include "certs/test_agency.h"
#include "client/error.h"
#include "crypto/dsse.h"
#include "policy/agreement.h"

namespace entente::client {
namespace {

using certs::TestNow;
using testing::HasSubstr;

// Two parties with their own roots and a line each; the bytes stand for the
// canonical document, which VerifySignatures does not read.
class VerifySignaturesTest : public testing::Test {
 protected:
  VerifySignaturesTest() {
    agreement_.id = "isa-test";
    agreement_.parties["north"].root = north_.root_spki();
    agreement_.parties["west"].root = west_.root_spki();
    agreement_.signatories = {{"north", "Chief", "north-chief"},
                              {"west", "Chief", "west-chief"}};
  }

  static std::string Sign(const certs::TestHolder& holder,
                          absl::string_view bytes) {
    return crypto::PrintEnvelope(
        *certs::SignDocument(certs::kAgreementType, crypto::AsBytes(bytes),
                             holder.key, holder.chain));
  }
  absl::StatusOr<std::vector<SignedLine>> Verify(
      const std::vector<std::string>& envelopes, absl::Time at = TestNow(),
      bool skip_lapsed = false) {
    return VerifySignatures(agreement_, crypto::AsBytes(kBytes), envelopes, at,
                            skip_lapsed);
  }
  void ExpectAltered(const std::vector<std::string>& envelopes,
                     const std::string& why) {
    const auto lines = Verify(envelopes);
    ASSERT_FALSE(lines.ok());
    const Failure failure = FromStatus(lines.status());
    EXPECT_EQ(failure.exit, ExitCode::kVerificationFailed);
    EXPECT_THAT(failure.why, HasSubstr(why));
  }

  static constexpr absl::string_view kBytes = "the document";
  certs::TestAgency north_{"north"};
  certs::TestAgency west_{"west"};
  const certs::TestHolder chief_ =
      north_.Member(certs::Role::kSignatory, "north-chief");
  const certs::TestHolder other_ =
      west_.Member(certs::Role::kSignatory, "west-chief");
  policy::Agreement agreement_;
};

TEST_F(VerifySignaturesTest, FillsEachLineWithItsOwnSignature) {
  const auto lines = Verify({Sign(chief_, kBytes), Sign(other_, kBytes)});
  ASSERT_TRUE(lines.ok()) << lines.status();
  ASSERT_EQ(lines->size(), 2u);
  EXPECT_EQ(lines->at(0).party, "north");
  EXPECT_EQ(lines->at(0).role, "Chief");
  EXPECT_EQ(lines->at(0).fingerprint, chief_.chain[0].Fingerprint());
  EXPECT_EQ(lines->at(1).name, "west-chief");
}

TEST_F(VerifySignaturesTest, RefusesAnotherDocument) {
  ExpectAltered({Sign(chief_, "the document!")}, "another document");
}

TEST_F(VerifySignaturesTest, RefusesAnotherTypeOfDocument) {
  ExpectAltered({crypto::PrintEnvelope(*certs::SignDocument(
                    certs::kKeyBundleType, crypto::AsBytes(kBytes), chief_.key,
                    chief_.chain))},
                "another document");
}

TEST_F(VerifySignaturesTest, RefusesARootThatTheDocumentDoesNotName) {
  const certs::TestAgency impostor("north");
  ExpectAltered(
      {Sign(impostor.Member(certs::Role::kSignatory, "north-chief"), kBytes)},
      "");
}

TEST_F(VerifySignaturesTest, RefusesWhoIsNoSignatoryOrHasNoLine) {
  ExpectAltered(
      {Sign(north_.Member(certs::Role::kSystem, "north-chief"), kBytes)}, "");
  ExpectAltered({Sign(north_.Member(certs::Role::kSignatory, "clerk"), kBytes)},
                "no line");
  const certs::TestAgency stranger("east");
  ExpectAltered(
      {Sign(stranger.Member(certs::Role::kSignatory, "chief"), kBytes)},
      "no party");
}

TEST_F(VerifySignaturesTest, RefusesALineSignedTwice) {
  const certs::TestHolder again =
      north_.Member(certs::Role::kSignatory, "north-chief");
  ExpectAltered({Sign(chief_, kBytes), Sign(again, kBytes)}, "signed twice");
}

TEST_F(VerifySignaturesTest, RefusesOneKeyForTwoLines) {
  agreement_.signatories.push_back({"north", "Deputy", "deputy"});
  const auto leaf = north_.authority().Issue(
      {*certs::Identity::Parse(
           "spiffe://demo.example/agency/north/signatory/deputy"),
       {},
       {},
       TestNow() - absl::Hours(1),
       TestNow() + absl::Hours(1)},
      chief_.key);
  ASSERT_TRUE(leaf.ok()) << leaf.status();
  const certs::TestHolder deputy = {chief_.key,
                                    {*leaf, north_.authority().root()}};
  ExpectAltered({Sign(chief_, kBytes), Sign(deputy, kBytes)}, "one key");
}

TEST_F(VerifySignaturesTest, RefusesEverySignatureWithABitFlipped) {
  const auto good = certs::SignDocument(
      certs::kAgreementType, crypto::AsBytes(kBytes), chief_.key, chief_.chain);
  ASSERT_TRUE(good.ok());
  for (size_t bit = 0; bit < good->signatures[0].signature.size() * 8; ++bit) {
    crypto::Envelope bad = *good;
    bad.signatures[0].signature[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(Verify({crypto::PrintEnvelope(bad)}).ok()) << "bit " << bit;
    EXPECT_FALSE(Verify({crypto::PrintEnvelope(bad)}, TestNow(), true).ok());
  }
}

TEST_F(VerifySignaturesTest, PassesOverALapsedSignatureOnlyWhenToldTo) {
  const absl::Time later = TestNow() + absl::Hours(48);
  EXPECT_FALSE(Verify({Sign(chief_, kBytes)}, later).ok());
  const auto lines = Verify({Sign(chief_, kBytes)}, later, true);
  ASSERT_TRUE(lines.ok()) << lines.status();
  EXPECT_TRUE(lines->empty());
}

}  // namespace
}  // namespace entente::client
