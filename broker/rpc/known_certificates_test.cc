#include "broker/rpc/known_certificates.h"

#include "absl/strings/str_cat.h"
#include "certs/authority.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

const absl::Time kFrom =
    absl::FromCivil(absl::CivilDay(2026, 11, 1), absl::UTCTimeZone());

certs::Certificate Issue(const std::string& name) {
  static const certs::Authority authority =
      *certs::Authority::Create("north-police", kFrom, 10);
  certs::Identity identity;
  identity.kind = certs::Identity::Kind::kAgency;
  identity.trust_domain = "test.example";
  identity.agency = "north-police";
  identity.role = certs::Role::kSystem;
  identity.name = name;
  return *authority.Issue(
      {identity, {}, {}, kFrom, kFrom + absl::Hours(24)},
      *certs::PrivateKey::Generate(certs::PrivateKey::Kind::kP256));
}

TEST(KnownCertificatesTest, SaysWhatTheCertificateSays) {
  const certs::Certificate certificate = Issue("records");
  KnownCertificates certificates;
  const auto known = certificates.Find(certificate.ToPem());
  ASSERT_TRUE(known->identity.ok()) << known->identity;
  EXPECT_EQ(known->caller.uri,
            "spiffe://test.example/agency/north-police/system/records");
  EXPECT_EQ(known->caller.agency(), "north-police");
  EXPECT_EQ(known->caller.fingerprint, certificate.Fingerprint());
  EXPECT_EQ(known->caller.twin, certificate.TwinFingerprint());
  EXPECT_EQ(known->not_before, certificate.NotBefore());
  EXPECT_EQ(known->not_after, certificate.NotAfter());
}

TEST(KnownCertificatesTest, ReadsEachOnceAndTellsThemApart) {
  const std::string one = Issue("one").ToPem();
  KnownCertificates certificates;
  const auto first = certificates.Find(one);
  EXPECT_EQ(certificates.Find(one), first);
  EXPECT_EQ(certificates.Find(Issue("two").ToPem())->caller.identity.name,
            "two");
}

TEST(KnownCertificatesTest, WhoHasNoIdentityIsStillNamedByItsCertificate) {
  const auto authority = *certs::Authority::Create("root", kFrom, 10);
  KnownCertificates certificates;
  const auto root = certificates.Find(authority.root().ToPem());
  EXPECT_FALSE(root->identity.ok());
  EXPECT_EQ(root->caller.fingerprint, authority.root().Fingerprint());
  EXPECT_EQ(root->caller.uri, "");

  const auto nothing = certificates.Find("no PEM");
  EXPECT_FALSE(nothing->identity.ok());
  EXPECT_EQ(nothing->caller.fingerprint, "");
}

TEST(KnownCertificatesTest, ForgetsAllRatherThanGrow) {
  KnownCertificates certificates;
  const std::string one = Issue("one").ToPem();
  const auto first = certificates.Find(one);
  for (size_t i = 0; i < kMaxKnownCertificates - 1; ++i) {
    certificates.Find(absl::StrCat("no PEM ", i));
  }
  EXPECT_EQ(certificates.Find(one), first);
  certificates.Find("one more");
  EXPECT_NE(certificates.Find(one), first);
}

}  // namespace
}  // namespace entente::broker
