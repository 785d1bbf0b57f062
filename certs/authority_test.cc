#include "certs/authority.h"

#include "certs/test_agency.h"
#include "gtest/gtest.h"

namespace entente::certs {
namespace {

LeafRequest Request(const std::string& uri) {
  return {
      *Identity::Parse(uri), {}, {}, TestNow(), TestNow() + absl::Hours(24)};
}

TEST(Authority, IssuesWhatItsRootVerifies) {
  const TestAgency agency("northmere");
  const TestHolder holder = agency.Member(Role::kSystem, "records");
  EXPECT_TRUE(holder.key.Matches(holder.chain[0]));
  EXPECT_EQ(holder.chain[0].Identity()->name, "records");
  EXPECT_FALSE(holder.chain[0].IsCa());
  EXPECT_TRUE(agency.authority().root().IsCa());
  EXPECT_TRUE(VerifyChain({holder.chain[0]}, agency.authority().root(),
                          TestNow(), Usage::kClient)
                  .ok());
  EXPECT_EQ(holder.chain[0].SerialHex().size(), 32u);
}

TEST(Authority, ABrokersCertificateServesAndNamesHosts) {
  const TestAgency operators("operators");
  LeafRequest request = Request("spiffe://demo.example/broker/b.example");
  request.dns = {"b.example"};
  request.ips = {"127.0.0.1", "::1"};
  const PrivateKey key = *PrivateKey::Generate(PrivateKey::Kind::kP256);
  const auto leaf = operators.authority().Issue(request, key);
  ASSERT_TRUE(leaf.ok()) << leaf.status();
  EXPECT_TRUE(leaf->Identity().ok());
  EXPECT_TRUE(VerifyChain({*leaf}, operators.authority().root(), TestNow(),
                          Usage::kServer)
                  .ok());
}

TEST(Authority, RefusesHostNamesOnAnybodyElsesAndBadAddresses) {
  const TestAgency agency("northmere");
  const PrivateKey key = *PrivateKey::Generate(PrivateKey::Kind::kEd25519);
  LeafRequest request =
      Request("spiffe://demo.example/agency/northmere/system/records");
  request.dns = {"b.example"};
  EXPECT_FALSE(agency.authority().Issue(request, key).ok());
  LeafRequest broker = Request("spiffe://demo.example/broker/b.example");
  broker.ips = {"127.0.0.1,URI:spiffe://evil"};
  EXPECT_FALSE(agency.authority().Issue(broker, key).ok());
  broker.ips.clear();
  broker.dns = {"b.example,URI:spiffe://evil"};
  EXPECT_FALSE(agency.authority().Issue(broker, key).ok());
}

TEST(Authority, BoundsValidityAndNames) {
  const TestAgency agency("northmere");
  const PrivateKey key = *PrivateKey::Generate(PrivateKey::Kind::kP256);
  LeafRequest request =
      Request("spiffe://demo.example/agency/northmere/system/records");
  request.not_after = request.not_before;
  EXPECT_FALSE(agency.authority().Issue(request, key).ok());
  request.not_after = request.not_before + absl::Hours(24 * kMaxLeafDays + 1);
  EXPECT_FALSE(agency.authority().Issue(request, key).ok());
  EXPECT_FALSE(Authority::Create("x", TestNow(), 1).ok());
  EXPECT_FALSE(Authority::Create("name", TestNow(), 0).ok());
  EXPECT_FALSE(Authority::Create("name", TestNow(), kMaxRootYears + 1).ok());
}

TEST(Authority, OpensOnlyWithItsOwnKey) {
  const TestAgency a("northmere");
  const TestAgency b("westvale");
  EXPECT_TRUE(Authority::Open(a.authority().root(), a.authority().key()).ok());
  EXPECT_FALSE(Authority::Open(a.authority().root(), b.authority().key()).ok());
  const TestHolder holder = a.Member(Role::kSystem, "records");
  EXPECT_FALSE(Authority::Open(holder.chain[0], holder.key).ok());
}

TEST(Authority, RefusesASigningRequestThatIsNone) {
  const TestAgency agency("northmere");
  EXPECT_FALSE(
      agency.authority()
          .IssueForRequest(
              Request("spiffe://demo.example/agency/northmere/system/records"),
              "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
              "-----END CERTIFICATE REQUEST-----\n")
          .ok());
}

}  // namespace
}  // namespace entente::certs
