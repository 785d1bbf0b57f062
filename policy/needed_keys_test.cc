#include "policy/needed_keys.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Flow FlowOf(std::vector<std::string> from, std::vector<std::string> to,
            DomainRole role) {
  Flow flow;
  flow.from = std::move(from);
  flow.to = std::move(to);
  flow.recipient_domain = role;
  return flow;
}

TEST(NeededKeys, NamesEveryWayOnceInOrder) {
  Agreement agreement;
  agreement.flows = {FlowOf({"b", "a"}, {"a", "b"}, DomainRole::kMatching),
                     FlowOf({"b"}, {"c", "a"}, DomainRole::kSealed)};
  const NeededKeys needed = NeededKeysOf(agreement);
  EXPECT_THAT(needed.agencies, ElementsAre("a", "b", "c"));
  EXPECT_THAT(needed.domains, ElementsAre(Pair("a", DomainRole::kMatching),
                                          Pair("a", DomainRole::kSealed),
                                          Pair("b", DomainRole::kMatching),
                                          Pair("c", DomainRole::kSealed)));
  EXPECT_THAT(needed.edges,
              ElementsAre(Pair("a", "b"), Pair("b", "a"), Pair("b", "c")));
}

TEST(NeededKeys, NeedsNothingOfPartiesWithoutAFlow) {
  Agreement agreement;
  agreement.parties["idle"];
  EXPECT_THAT(NeededKeysOf(agreement).agencies, IsEmpty());
  agreement.flows = {FlowOf({"a"}, {"a"}, DomainRole::kMatching)};
  EXPECT_THAT(NeededKeysOf(agreement).agencies, IsEmpty());
  EXPECT_THAT(NeededKeysOf(agreement).domains, IsEmpty());
  EXPECT_THAT(NeededKeysOf(agreement).edges, IsEmpty());
}

}  // namespace
}  // namespace entente::policy
