#include "certs/identity.h"

#include "gtest/gtest.h"

namespace entente::certs {
namespace {

TEST(Identity, RoundTripsEveryKind) {
  for (const char* uri :
       {"spiffe://demo.example/agency/northmere-police/system/records",
        "spiffe://demo.example/agency/northmere-police/signatory/acc.crime",
        "spiffe://demo.example/agency/x1/auditor/A_b-9",
        "spiffe://demo.example/operator/duty",
        "spiffe://demo.example/broker/broker.demo.example"}) {
    const auto identity = Identity::Parse(uri);
    ASSERT_TRUE(identity.ok()) << uri;
    EXPECT_EQ(identity->ToUri(), uri);
  }
}

TEST(Identity, ReadsItsParts) {
  const auto identity =
      Identity::Parse("spiffe://demo.example/agency/northmere/signatory/siro");
  EXPECT_EQ(identity->kind, Identity::Kind::kAgency);
  EXPECT_EQ(identity->trust_domain, "demo.example");
  EXPECT_EQ(identity->agency, "northmere");
  EXPECT_EQ(identity->role, Role::kSignatory);
  EXPECT_EQ(identity->name, "siro");
}

TEST(Identity, RefusesEverythingElse) {
  for (const std::string& uri : std::vector<std::string>{
           "",
           "https://demo.example/operator/duty",
           "SPIFFE://demo.example/operator/duty",
           "spiffe://Demo.example/operator/duty",
           "spiffe://demo..example/operator/duty",
           "spiffe://-demo.example/operator/duty",
           "spiffe:///operator/duty",
           "spiffe://demo.example",
           "spiffe://demo.example/",
           "spiffe://demo.example/operator/",
           "spiffe://demo.example/operator/..",
           "spiffe://demo.example/operator/duty/",
           "spiffe://demo.example/operator/du ty",
           "spiffe://demo.example/operator/duty?x=1",
           "spiffe://demo.example/operator/d%75ty",
           "spiffe://demo.example/agency/northmere/operator/x",
           "spiffe://demo.example/agency/northmere/system",
           "spiffe://demo.example/agency/Northmere/system/x",
           "spiffe://demo.example/agency/1north/system/x",
           "spiffe://demo.example/agency/n/system/x",
           "spiffe://demo.example/agency//system/x",
           "spiffe://demo.example/agency/northmere/system/x/y",
           "spiffe://demo.example/witness/x",
           "spiffe://demo.example/operator/" + std::string(65, 'a'),
           "spiffe://demo.example/agency/" + std::string(62, 'a') + "/system/x",
           "spiffe://" + std::string(254, 'a') + "/operator/x",
           std::string("spiffe://demo.example/operator/a\0b", 34)}) {
    EXPECT_EQ(Identity::Parse(uri).status().code(),
              absl::StatusCode::kInvalidArgument)
        << uri;
  }
}

}  // namespace
}  // namespace entente::certs
