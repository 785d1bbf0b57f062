#include "broker/ledgers_at_rest.h"

#include "broker/test_restorable.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/ledger_part.h"

namespace entente::broker {
namespace {

using testing::HasSubstr;

class RollTest : public testing::Test {
 protected:
  absl::StatusOr<NextPart> Roll(const std::string& ledger = "broker",
                                char passphrase = 'p') {
    return RollLedger(world.config.data, ledger,
                      TestRestorable::Passphrase(passphrase), world.clock);
  }

  TestRestorable world;
};

TEST_F(RollTest, LedgerGoesOnInANewPart) {
  world.Revoke('a');
  world.Stop();
  const auto next = Roll();
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->name, "broker.1");
  EXPECT_EQ(next->signed_size, 0u);
  ASSERT_TRUE(world.Start().ok());
  EXPECT_EQ(world.Head("broker").size, next->size);
  EXPECT_EQ(world.Head("broker.1").size, 2u) << "that it started";
  const auto entry = policy::ParseEntry(world.Entry("broker.1", 0));
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(policy::ReadContinuation(*entry)->reason,
            policy::ContinuationReason::kRolled);
  world.Stop();
  EXPECT_EQ(Roll()->name, "broker.2");
  EXPECT_TRUE(world.Start().ok());
}

TEST_F(RollTest, NeedsTheFolderToItselfAndThePassphrase) {
  EXPECT_TRUE(absl::IsFailedPrecondition(Roll().status()));
  world.Stop();
  EXPECT_FALSE(Roll("broker", 'q').ok());
  EXPECT_TRUE(absl::IsNotFound(Roll("isa-none").status()));
  EXPECT_TRUE(absl::IsNotFound(Roll("broker.1").status()));
}

TEST_F(RollTest, ClosesNothingThatDoesNotMatchWhatWasSigned) {
  std::filesystem::copy(world.folder / "data", world.folder / "old",
                        std::filesystem::copy_options::recursive);
  world.Stop();
  const std::string anchors = *ReadFile(world.folder / "data/anchors", 1 << 20);
  WriteTestFile(world.folder / "old/anchors", anchors);
  world.config.data = world.folder / "old";
  const absl::Status rolled = Roll().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(rolled)) << rolled;
  EXPECT_THAT(std::string(rolled.message()), HasSubstr("old copy"));
}

TEST_F(RollTest, NeedsAFolderWithAnchors) {
  world.Stop();
  std::filesystem::remove(world.folder / "data/anchors");
  EXPECT_TRUE(absl::IsNotFound(Roll().status()));
  world.config.data = world.folder / "nothing";
  EXPECT_TRUE(absl::IsNotFound(Roll().status()));
}

}  // namespace
}  // namespace entente::broker
