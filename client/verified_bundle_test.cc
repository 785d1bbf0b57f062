#include "client/verified_bundle.h"

#include <gmock/gmock.h>

#include <functional>

#include "absl/strings/str_replace.h"
#include "certs/signed_document.h"
#include "client/bundle_at_broker.h"
#include "client/fake_system.h"
#include "crypto/dsse.h"
#include "crypto/tlog_proof.h"

namespace entente::client {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// An honest broker's agreement, exported.
class VerifyBundleTest : public testing::Test {
 protected:
  VerifyBundleTest() : north_(&broker_, kNorth) {
    const auto bundle = Export();
    EXPECT_TRUE(bundle.ok()) << Told(bundle.status());
    bundle_ = *bundle;
  }

  absl::StatusOr<AgreementBundle> Export() {
    const auto document =
        FetchDocument(north_.link(), north_.profile(), nullptr, kPact, 0);
    if (!document.ok()) return document.status();
    return FetchBundle(north_.link(), *document);
  }
  absl::StatusOr<BundleReport> Verify(const AgreementBundle& bundle) {
    return VerifyBundle(bundle, broker_.now);
  }
  // That `bundle` does not hold, and that `part` is named for it.
  void ExpectTampered(const AgreementBundle& bundle, const std::string& part,
                      const std::string& why = "") {
    const auto report = Verify(bundle);
    ASSERT_FALSE(report.ok()) << part;
    const Failure failure = FromStatus(report.status());
    EXPECT_EQ(failure.exit, ExitCode::kVerificationFailed);
    EXPECT_EQ(failure.what, "the bundle does not hold: " + part) << failure.why;
    EXPECT_THAT(failure.why, HasSubstr(why));
    EXPECT_FALSE(failure.why.empty());
  }
  // A signature on `document` by `holder`.
  static AgreementBundle::Signature SignedBy(const FakeHolder& holder,
                                             const std::string& document) {
    const auto envelope =
        certs::SignDocument(certs::kAgreementType, crypto::AsBytes(document),
                            holder.key, holder.chain);
    return {envelope->signatures[0].signature, envelope->signatures[0].chain};
  }

  FakeBroker broker_;
  FakeSystem north_;
  AgreementBundle bundle_;
};

TEST_F(VerifyBundleTest, AnHonestBundleHoldsAndSaysWhatWasChecked) {
  const auto read = ParseBundle(PrintBundle(bundle_));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, bundle_);
  const auto report = Verify(*read);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  EXPECT_EQ(report->agreement.id, kPact);
  EXPECT_EQ(report->digest, crypto::ToHex(crypto::Sha256(broker_.document)));
  EXPECT_THAT(report->signatures, SizeIs(3));
  EXPECT_THAT(report->missing, IsEmpty());
  ASSERT_TRUE(report->activation.has_value());
  EXPECT_EQ(report->activation->index, 1u);
  EXPECT_EQ(report->manifest_digest, report->activation->entry.manifest);
  // The document, its activation, three signatures, the manifest, three
  // bundles.
  EXPECT_THAT(report->checked, SizeIs(9));
  EXPECT_THAT(report->checked[1], HasSubstr("inclusion proof"));
  EXPECT_THAT(report->not_checked, Contains(HasSubstr("revoked")));
}

// A bundle does not age: what it says was so at the activation.
TEST_F(VerifyBundleTest, HoldsYearsLater) {
  const auto later = VerifyBundle(bundle_, broker_.now + absl::Hours(87600));
  EXPECT_TRUE(later.ok()) << Told(later.status());
}

TEST_F(VerifyBundleTest, EveryBitOfTheDocumentCounts) {
  for (size_t i = 0; i < bundle_.document.size(); i += 37) {
    AgreementBundle flipped = bundle_;
    flipped.document[i] ^= 1;
    const auto report = Verify(flipped);
    EXPECT_FALSE(report.ok()) << i;
    EXPECT_EQ(FromStatus(report.status()).exit, ExitCode::kVerificationFailed);
  }
  AgreementBundle other = bundle_;
  other.document = absl::StrReplaceAll(
      bundle_.document, {{"Burglary series", "Burglary Series"}});
  ExpectTampered(other, "digest", "SHA-256");
  other.digest = crypto::ToHex(crypto::Sha256(other.document));
  ExpectTampered(other, "activation", "another version");
}

TEST_F(VerifyBundleTest, WhatItSaysAtTheTopIsTheDocuments) {
  AgreementBundle other = bundle_;
  other.digest[0] = other.digest[0] == 'a' ? 'b' : 'a';
  ExpectTampered(other, "digest");
  other = bundle_;
  other.agreement = "isa-other";
  ExpectTampered(other, "agreement and version", kPact);
  other = bundle_;
  other.version = 2;
  ExpectTampered(other, "agreement and version", "version 1");
}

TEST_F(VerifyBundleTest, EachSignatureIsHeldToItsDocument) {
  for (size_t i = 0; i < bundle_.signatures.size(); ++i) {
    for (size_t at = 0; at < bundle_.signatures[i].signature.size(); at += 9) {
      AgreementBundle flipped = bundle_;
      flipped.signatures[i].signature[at] ^= 1;
      ExpectTampered(flipped, absl::StrCat("signatures[", i, "]"));
    }
  }
  AgreementBundle other = bundle_;
  other.signatures[1] = SignedBy(broker_.agency(kWest).signatory(), "{}");
  ExpectTampered(other, "signatures[1]");
}

TEST_F(VerifyBundleTest, EachChainLeadsToTheRootThatTheDocumentNames) {
  for (size_t i = 0; i < bundle_.signatures.size(); ++i) {
    AgreementBundle other = bundle_;
    // In the middle of the first certificate.
    char& letter = other.signatures[i].chain[200];
    letter = letter == 'A' ? 'B' : 'A';
    ExpectTampered(other, absl::StrCat("signatures[", i, "]"));
    other = bundle_;
    other.signatures[i].chain = "";
    ExpectTampered(other, absl::StrCat("signatures[", i, "]"));
  }
  // An agency of the same name with a root of its own.
  const FakeAgency impostor(kNorth, broker_.now);
  AgreementBundle other = bundle_;
  other.signatures[0] = SignedBy(impostor.signatory(), bundle_.document);
  ExpectTampered(other, "signatures[0]");
}

TEST_F(VerifyBundleTest, EveryLineIsSignedOnceOfAnActivatedVersion) {
  AgreementBundle fewer = bundle_;
  fewer.signatures.pop_back();
  ExpectTampered(fewer, "signatures", "activated without the signature of");
  AgreementBundle more = bundle_;
  more.signatures.push_back(more.signatures.front());
  ExpectTampered(more, "signatures", "signed twice");
}

TEST_F(VerifyBundleTest, TheActivationStandsInTheLedger) {
  const std::string& entry = bundle_.activation->entry;
  for (size_t i = 0; i < entry.size(); i += 11) {
    AgreementBundle flipped = bundle_;
    flipped.activation->entry[i] ^= 1;
    ExpectTampered(flipped, "activation");
  }
  const std::string& proof = bundle_.activation->proof;
  size_t refused = 0;
  for (size_t i = 0; i < proof.size(); ++i) {
    AgreementBundle flipped = bundle_;
    flipped.activation->proof[i] ^= 1;
    refused += Verify(flipped).ok() ? 0 : 1;
  }
  EXPECT_EQ(refused, proof.size());
}

TEST_F(VerifyBundleTest, TheActivationIsOfThisVersionInThisLedger) {
  AgreementBundle other = bundle_;
  other.activation->part = "broker";
  ExpectTampered(other, "activation", "another ledger");
  other.activation->part = "isa-small.1";
  ExpectTampered(other, "activation");
  other.activation->part = "isa small";
  ExpectTampered(other, "activation");
  // Another entry of the same ledger, well proven.
  const v1::Receipt proposed = broker_.Receipt(kPact, 0);
  other = bundle_;
  other.activation = {proposed.ledger(), proposed.entry(), proposed.proof()};
  ExpectTampered(other, "activation", "about something else");
  policy::LedgerEntry entry = *policy::ParseEntry(bundle_.activation->entry);
  entry.version = 2;
  const v1::Receipt second =
      broker_.Receipt(kPact, broker_.Write(kPact, entry));
  other.activation = {second.ledger(), second.entry(), second.proof()};
  ExpectTampered(other, "activation", "another version");
}

// Another log under the same name is not the one that everybody signed for.
TEST_F(VerifyBundleTest, TheCheckpointIsUnderTheKeyThatTheDocumentNames) {
  FakeLedger forged(absl::StrCat(kFakeBroker, "/ledgers/", kPact));
  forged.Append(broker_.ledger().entry(0));
  forged.Append(bundle_.activation->entry);
  AgreementBundle other = bundle_;
  other.activation->proof = forged.Receipt(1, 2);
  ExpectTampered(other, "activation");
}

TEST_F(VerifyBundleTest, TheManifestIsTheOneThatTheActivationNames) {
  for (size_t i = 0; i < bundle_.manifest.size(); i += 41) {
    AgreementBundle flipped = bundle_;
    flipped.manifest[i] ^= 1;
    ExpectTampered(flipped, "manifest", "names another");
  }
}

TEST_F(VerifyBundleTest, EveryKeyBundleIsThereAndEndorsed) {
  for (const auto& [agency, envelope] : bundle_.key_bundles) {
    const std::string part = "key_bundles." + agency;
    AgreementBundle other = bundle_;
    other.key_bundles.erase(agency);
    ExpectTampered(other, part, "missing");
    other = bundle_;
    other.key_bundles[agency][envelope.size() / 2] ^= 1;
    ExpectTampered(other, part);
    other = bundle_;
    other.key_bundles[agency] =
        bundle_.key_bundles.at(agency == kNorth ? kWest : kNorth);
    ExpectTampered(other, part, "another bundle");
  }
  AgreementBundle more = bundle_;
  more.key_bundles["nobody"] = "{}";
  ExpectTampered(more, "key_bundles", "more than the manifest lists");
}

TEST_F(VerifyBundleTest, WithoutActivationItSaysWhoHasSigned) {
  broker_.activated = false;
  broker_.envelopes.pop_back();
  const auto draft = Export();
  ASSERT_TRUE(draft.ok()) << Told(draft.status());
  const auto report = Verify(*draft);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  EXPECT_FALSE(report->activation.has_value());
  EXPECT_THAT(report->signatures, SizeIs(2));
  EXPECT_THAT(report->missing, SizeIs(1));
  EXPECT_EQ(report->manifest_digest, "");
  // A certificate that is over by then fills no line.
  const auto late = VerifyBundle(*draft, broker_.now + absl::Hours(87600));
  ASSERT_TRUE(late.ok()) << Told(late.status());
  EXPECT_THAT(late->missing, SizeIs(3));
}

// What the broker says the second time is verified too.
TEST_F(VerifyBundleTest, NothingIsExportedThatWouldNotHold) {
  int asked = 0;
  broker_.get_agreement.alter = [&asked](const auto&, auto* response) {
    if (++asked == 2) response->mutable_envelopes()->RemoveLast();
  };
  EXPECT_EQ(FromStatus(Export().status()).exit, ExitCode::kVerificationFailed);
  broker_.get_agreement.alter = nullptr;
  broker_.get_manifest.alter = [](const auto&, auto* response) {
    response->mutable_manifest()->back() ^= 1;
  };
  EXPECT_EQ(FromStatus(Export().status()).exit, ExitCode::kVerificationFailed);
  broker_.get_manifest.alter = nullptr;
  broker_.get_bundle.refuse = [](const auto&) {
    return Refusal(grpc::StatusCode::NOT_FOUND, "BUNDLE_UNKNOWN");
  };
  EXPECT_EQ(FromStatus(Export().status()).code, "BUNDLE_UNKNOWN");
}

}  // namespace
}  // namespace entente::client
