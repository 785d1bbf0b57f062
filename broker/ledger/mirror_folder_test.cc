#include "broker/ledger/mirror_folder.h"

#include "broker/test_broker.h"
#include "broker/test_mirror.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class MirrorFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(broker_.OpenLedger("l").ok());
    ASSERT_TRUE(broker_.Append("l", 300).ok());
    MirrorLedger(*broker_.store, *broker_.ledgers, "l", mirror_);
  }

  TestBroker broker_;
  const std::string mirror_ = broker_.folder / "mirror";
  const std::string full_ = mirror_ + "/tile/entries/000";
  const std::string partial_ = mirror_ + "/tile/entries/001.p/44";
};

TEST_F(MirrorFolderTest, ReadsWhatThePartyHas) {
  const auto mirror = MirrorFolder::Open(mirror_);
  ASSERT_TRUE(mirror.ok()) << mirror.status();
  EXPECT_EQ(mirror->origin(), "broker.test/ledgers/l");
  EXPECT_EQ(mirror->size(), 300u);
  const auto all = mirror->Entries(0, 300);
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_THAT(*all, SizeIs(300));
  EXPECT_EQ((*all)[0], "{\"n\":0}");
  EXPECT_EQ((*all)[299], "{\"n\":299}");
  const std::pair<uint64_t, uint64_t> ranges[] = {
      {255, 257}, {10, 10}, {256, 300}, {299, 300}};
  for (const auto& [begin, end] : ranges) {
    const auto some = mirror->Entries(begin, end);
    ASSERT_TRUE(some.ok()) << some.status();
    EXPECT_EQ(*some, std::vector<std::string>(
                         all->begin() + static_cast<ptrdiff_t>(begin),
                         all->begin() + static_cast<ptrdiff_t>(end)));
  }
  EXPECT_TRUE(absl::IsOutOfRange(mirror->Entries(0, 301).status()));
  EXPECT_TRUE(absl::IsOutOfRange(mirror->Entries(2, 1).status()));
}

TEST_F(MirrorFolderTest, TakesTheBeginningOfALaterFullBundle) {
  const auto small = MirrorFolder::Open(mirror_);
  ASSERT_TRUE(broker_.Append("l", 212).ok());
  MirrorLedger(*broker_.store, *broker_.ledgers, "l", mirror_);
  std::filesystem::remove(partial_);
  const auto entries = small->Entries(256, 300);
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_THAT(*entries, SizeIs(44));
}

TEST_F(MirrorFolderTest, NamesTheFileThatIsMissingOrMalformed) {
  const auto mirror = MirrorFolder::Open(mirror_);
  std::filesystem::remove(full_);
  auto entries = mirror->Entries(0, 300);
  EXPECT_TRUE(absl::IsDataLoss(entries.status()));
  EXPECT_THAT(std::string(entries.status().message()), HasSubstr("missing"));
  EXPECT_TRUE(mirror->Entries(256, 300).ok());
  WriteTestFile(partial_, "short");
  entries = mirror->Entries(256, 300);
  EXPECT_TRUE(absl::IsDataLoss(entries.status()));
  EXPECT_THAT(std::string(entries.status().message()), HasSubstr("001.p/44"));
}

TEST_F(MirrorFolderTest, NeedsACheckpoint) {
  EXPECT_TRUE(
      absl::IsNotFound(MirrorFolder::Open(broker_.folder / "no").status()));
  for (const char* content : {"", "nothing\n", "a\n1\nx\n\n"}) {
    WriteTestFile(mirror_ + "/checkpoint", content);
    EXPECT_TRUE(absl::IsInvalidArgument(MirrorFolder::Open(mirror_).status()));
  }
}

}  // namespace
}  // namespace entente::broker
