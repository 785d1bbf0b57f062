#include "certs/chain_links.h"

#include <gtest/gtest.h>

#include "certs/test_agency.h"

namespace entente::certs {
namespace {

class ChainLinksTest : public testing::Test {
 protected:
  const TestAgency north_{"north"};
  const TestAgency south_{"south"};
  const TestHolder member_ = north_.Member(Role::kSystem, "records");
};

TEST_F(ChainLinksTest, EachIsIssuedByTheNext) {
  EXPECT_TRUE(CheckLinks(member_.chain).ok());
  EXPECT_TRUE(CheckLinks({member_.chain[0]}).ok());
}

TEST_F(ChainLinksTest, RefusesAnotherIssuerAndTheWrongOrder) {
  const absl::Status other =
      CheckLinks({member_.chain[0], south_.authority().root()});
  EXPECT_EQ(other.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(CheckLinks({member_.chain[1], member_.chain[0]}).ok());
}

TEST_F(ChainLinksTest, RefusesAnIssuerOfTheSameNameWithAnotherKey) {
  const TestAgency twin("north");
  EXPECT_FALSE(CheckLinks({member_.chain[0], twin.authority().root()}).ok());
  EXPECT_FALSE(SameIssuer(member_.chain[0],
                          twin.Member(Role::kSystem, "records").chain[0]));
}

TEST_F(ChainLinksTest, ComparesIssuers) {
  EXPECT_TRUE(SameIssuer(member_.chain[0],
                         north_.Member(Role::kAuditor, "eve").chain[0]));
  EXPECT_FALSE(SameIssuer(member_.chain[0],
                          south_.Member(Role::kSystem, "records").chain[0]));
  // A root is issued by itself.
  EXPECT_TRUE(SameIssuer(member_.chain[0], member_.chain[1]));
}

TEST_F(ChainLinksTest, OnlyABrokersCertificateIsForServers) {
  const Certificate broker =
      north_.Holder("spiffe://demo.example/broker/b").chain[0];
  EXPECT_TRUE(CheckUsage(broker, Usage::kServer).ok());
  EXPECT_TRUE(CheckUsage(broker, Usage::kAny).ok());
  EXPECT_TRUE(CheckUsage(member_.chain[0], Usage::kClient).ok());
  EXPECT_EQ(CheckUsage(member_.chain[0], Usage::kServer).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(CheckUsage(north_.authority().root(), Usage::kClient).ok());
}

}  // namespace
}  // namespace entente::certs
