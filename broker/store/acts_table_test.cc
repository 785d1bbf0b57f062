#include "broker/store/acts_table.h"

#include "broker/store/test_store.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

ActRow Act(certs::ActKind kind, const std::string& agency, uint8_t digest) {
  ActRow row;
  row.agreement = "a";
  row.digest.assign(32, digest);
  row.kind = kind;
  row.agency = agency;
  row.actor = "spiffe://t/agency/" + agency + "/signatory/chief";
  row.reason = "why";
  row.through = 3;
  row.envelope = {1, 2, digest};
  row.acted = kNow;
  row.stands = kind != certs::ActKind::kResume;
  return row;
}

class ActsTableTest : public testing::Test {
 protected:
  void WithTable(absl::FunctionRef<void(ActsTable&)> work) {
    EXPECT_TRUE(store_
                    .In([&](Transaction& transaction) {
                      ActsTable table(transaction);
                      work(table);
                      return absl::OkStatus();
                    })
                    .ok());
  }
  TestStore store_;
};

TEST_F(ActsTableTest, KeepsAnActAsItWasDone) {
  WithTable([](ActsTable& table) {
    const ActRow act = Act(certs::ActKind::kWithdraw, "north", 1);
    ASSERT_TRUE(table.Insert(act).ok());
    ASSERT_TRUE(table.SetEntry("a", act.digest, 12).ok());
    const auto row = table.Get("a", act.digest);
    ASSERT_TRUE(row.ok()) << row.status();
    EXPECT_EQ(row->kind, act.kind);
    EXPECT_EQ(row->agency, act.agency);
    EXPECT_EQ(row->actor, act.actor);
    EXPECT_EQ(row->reason, act.reason);
    EXPECT_EQ(row->through, act.through);
    EXPECT_EQ(row->envelope, act.envelope);
    EXPECT_EQ(row->acted, act.acted);
    EXPECT_TRUE(row->stands);
    EXPECT_EQ(*row->entry, 12u);
    EXPECT_TRUE(absl::IsAlreadyExists(table.Insert(act)));
    EXPECT_TRUE(absl::IsNotFound(table.Get("b", act.digest).status()));
  });
}

TEST_F(ActsTableTest, OneOfAKindStandsForEachAgencyUntilItIsLifted) {
  using certs::ActKind;
  WithTable([](ActsTable& table) {
    const ActRow first = Act(ActKind::kSuspend, "north", 1);
    ASSERT_TRUE(table.Insert(first).ok());
    EXPECT_TRUE(absl::IsAlreadyExists(
        table.Insert(Act(ActKind::kSuspend, "north", 2))));
    ASSERT_TRUE(table.Insert(Act(ActKind::kSuspend, "west", 3)).ok());
    ASSERT_TRUE(table.Insert(Act(ActKind::kSuspendSending, "north", 4)).ok());
    ASSERT_TRUE(table.Insert(Act(ActKind::kResume, "north", 5)).ok());
    ASSERT_TRUE(table.Insert(Act(ActKind::kResume, "north", 6)).ok());
    EXPECT_EQ(table.Standing("a")->size(), 3u);
    EXPECT_TRUE(table.Standing("b")->empty());
    ASSERT_TRUE(table.Lift("a", first.digest).ok());
    EXPECT_TRUE(absl::IsNotFound(table.Lift("a", first.digest)));
    EXPECT_FALSE(table.Get("a", first.digest)->stands);
    EXPECT_EQ(table.Standing("a")->front().kind, ActKind::kSuspendSending);
    EXPECT_TRUE(table.Insert(Act(ActKind::kSuspend, "north", 7)).ok());
  });
}

}  // namespace
}  // namespace entente::broker
