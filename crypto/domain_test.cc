#include "crypto/domain.h"

#include <gtest/gtest.h>

#include <vector>

namespace entente::crypto {
namespace {

using absl::StatusCode;

Domain Matching() { return {"ag", "north", Role::kMatching, 258}; }
Domain Sealed() { return {"ag", "study", Role::kSealed, 258}; }

Secret Master(uint8_t byte, size_t size = 32) {
  Bytes bytes(size, byte);
  return *Secret::TakeFrom(absl::MakeSpan(bytes));
}

TEST(DomainTest, BytesAreAsSpecified) {
  EXPECT_EQ(ToHex(*DomainBytes(Matching())),
            "00026167"
            "00056e6f727468"
            "01"
            "00000102");
  EXPECT_EQ(ToHex(*EdgeBytes({"ag", "north", "study", 258})),
            "00026167"
            "00056e6f727468"
            "00057374756479"
            "00000102");
}

TEST(DomainTest, RefusesNamesAndRolesThatItCannotEncode) {
  const std::string longer(65536, 'x');
  const Role unknown = static_cast<Role>(3);
  for (const Domain& domain : {Domain{"", "north", Role::kMatching, 1},
                               Domain{"ag", "", Role::kMatching, 1},
                               Domain{longer, "north", Role::kMatching, 1},
                               Domain{"ag", longer, Role::kMatching, 1},
                               Domain{"ag", "north", unknown, 1}}) {
    EXPECT_EQ(DomainBytes(domain).status().code(),
              StatusCode::kInvalidArgument);
    EXPECT_EQ(DeriveDomainKey(Master(1), domain).status().code(),
              StatusCode::kInvalidArgument);
  }
  for (const Edge& edge :
       {Edge{"", "a", "b", 1}, Edge{"ag", "", "b", 1}, Edge{"ag", "a", "", 1},
        Edge{longer, "a", "b", 1}, Edge{"ag", longer, "b", 1},
        Edge{"ag", "a", longer, 1}}) {
    EXPECT_EQ(EdgeBytes(edge).status().code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(DeriveEdgeKey(Master(1), edge).status().code(),
              StatusCode::kInvalidArgument);
  }
}

TEST(DomainTest, EdgeRunsFromSourceToDestination) {
  const Edge edge = *EdgeBetween(Matching(), Sealed());
  EXPECT_EQ(*EdgeBytes(edge), *EdgeBytes({"ag", "north", "study", 258}));
}

TEST(DomainTest, NothingLeavesASealedDomain) {
  EXPECT_EQ(EdgeBetween(Sealed(), Matching()).status().code(),
            StatusCode::kPermissionDenied);
  Domain forgotten = Matching();
  forgotten.role = Domain().role;  // a forgotten role refuses
  EXPECT_EQ(EdgeBetween(forgotten, Sealed()).status().code(),
            StatusCode::kPermissionDenied);
}

TEST(DomainTest, ConversionStaysInOneAgreementAndEpochAndLeavesTheAgency) {
  Domain other = Sealed();
  other.agreement = "another";
  EXPECT_EQ(EdgeBetween(Matching(), other).status().code(),
            StatusCode::kInvalidArgument);
  other = Sealed();
  other.epoch = 259;
  EXPECT_EQ(EdgeBetween(Matching(), other).status().code(),
            StatusCode::kInvalidArgument);
  other = Sealed();
  other.agency = "north";
  EXPECT_EQ(EdgeBetween(Matching(), other).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(DomainKeyTest, EveryDomainEdgeAndMasterHasItsOwnKey) {
  const Secret master = Master(7), other = Master(8);
  std::vector<Point> keys;
  for (const Secret* m : {&master, &other}) {
    for (const Domain& domain :
         {Matching(), Sealed(), Domain{"ag2", "north", Role::kMatching, 258},
          Domain{"ag", "north", Role::kSealed, 258},
          Domain{"ag", "north", Role::kMatching, 259}}) {
      keys.push_back(*MulBase(*DeriveDomainKey(*m, domain)));
    }
    for (const Edge& edge :
         {Edge{"ag", "north", "study", 258}, Edge{"ag", "study", "north", 258},
          Edge{"ag", "north", "study", 259},
          Edge{"ag2", "north", "study", 258}}) {
      keys.push_back(*MulBase(*DeriveEdgeKey(*m, edge)));
    }
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]);
  }
  EXPECT_EQ(*MulBase(*DeriveDomainKey(master, Matching())), keys[0]);
}

TEST(DomainKeyTest, MasterHasThirtyTwoBytes) {
  for (const size_t size : {31, 33}) {
    EXPECT_EQ(DeriveDomainKey(Master(7, size), Matching()).status().code(),
              StatusCode::kInvalidArgument);
    EXPECT_EQ(
        DeriveEdgeKey(Master(7, size), {"ag", "a", "b", 1}).status().code(),
        StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace entente::crypto
