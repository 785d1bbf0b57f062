#include "client/mirror_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "client/error.h"
#include "client/fake_ledger.h"
#include "client/mirror.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Entry i is of minute i; every second one is refused, every third for
// `tasking`, and each has a batch of its own.
std::string EntryLine(size_t i) {
  policy::LedgerEntry entry;
  entry.time = absl::FromUnixSeconds(60 * static_cast<int64_t>(i));
  entry.kind = policy::EntryKind::kBatch;
  entry.outcome = i % 2 == 0 ? policy::Outcome::kAllow : policy::Outcome::kDeny;
  if (i % 2 == 1) entry.reasons = {{"QUOTA_USED", ""}, {"TOO_MANY", ""}};
  entry.purpose = i % 3 == 0 ? "tasking" : "series";
  entry.sender = "north";
  entry.batch = absl::StrCat(1'000'000 + i, std::string(25, '0'));
  return *policy::SerialiseEntry(entry);
}

class MirrorIndexTest : public testing::Test {
 protected:
  void Grow(size_t to) {
    while (ledger_.tree().size() < to) {
      ledger_.Append(EntryLine(ledger_.tree().size()));
    }
    Mirror(ledger_, folder_);
  }
  static void Mirror(FakeLedger& ledger, const TestFolder& folder) {
    const auto mirrored = MirrorLedger(ledger, folder.path(), ledger.key());
    ASSERT_TRUE(mirrored.ok()) << mirrored.status();
  }
  std::unique_ptr<MirrorIndex> Open() {
    log_ = *OpenMirror(folder_.path(), ledger_.key());
    added_ = 0;
    auto index = MirrorIndex::Open(folder_.path(), *log_,
                                   [this](uint64_t) { ++added_; });
    EXPECT_TRUE(index.ok()) << index.status();
    return *std::move(index);
  }
  static EntryFilter By(
      std::vector<std::pair<std::string, std::string>> facets) {
    EntryFilter filter;
    filter.facets = std::move(facets);
    return filter;
  }
  std::vector<uint64_t> Find(const EntryFilter& filter,
                             Order order = Order::kOldestFirst,
                             size_t limit = 1000) {
    const auto found = Open()->Find(filter, order, limit);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : std::vector<uint64_t>();
  }

  FakeLedger ledger_{"broker.test/ledgers/pact"};
  TestFolder folder_;
  std::unique_ptr<ProvedLog> log_;
  int added_ = 0;
};

TEST_F(MirrorIndexTest, FindsExactlyWhatTheFilterMatches) {
  Grow(300);
  std::vector<EntryFilter> filters = {
      By({}),
      By({{"purpose", "tasking"}}),
      By({{"outcome", "deny"}, {"purpose", "series"}}),
      By({{"reason", "TOO_MANY"}, {"reason", "QUOTA_USED"}}),
      By({{"outcome", "allow"}, {"reason", "TOO_MANY"}}),
      By({{"agency", "north"}, {"kind", "batch"}, {"outcome", "deny"}}),
      By({{"purpose", "no such"}}),
      By({{"sender", "tasking"}}),
      By({{"batch", absl::StrCat(1'000'017, std::string(25, '0'))}})};
  for (EntryFilter filter : std::vector<EntryFilter>(filters)) {
    filter.since = absl::FromUnixSeconds(60 * 100);
    filter.until = absl::FromUnixSeconds(60 * 200);
    filters.push_back(filter);
    filter.first = 150;
    filter.last = 160;
    filters.push_back(filter);
  }
  for (const EntryFilter& filter : filters) {
    std::vector<uint64_t> wanted;
    for (uint64_t i = 0; i < 300; ++i) {
      if (filter.Matches(i, *policy::ParseEntry(ledger_.entry(i)))) {
        wanted.push_back(i);
      }
    }
    EXPECT_EQ(Find(filter), wanted);
    std::reverse(wanted.begin(), wanted.end());
    EXPECT_EQ(Find(filter, Order::kNewestFirst), wanted);
  }
}

TEST_F(MirrorIndexTest, GivesAPageAndNoMore) {
  Grow(30);
  EXPECT_THAT(Find(By({{"outcome", "deny"}}), Order::kNewestFirst, 3),
              ElementsAre(29, 27, 25));
  EXPECT_THAT(Find(By({{"outcome", "deny"}}), Order::kOldestFirst, 2),
              ElementsAre(1, 3));
  EXPECT_THAT(Find(By({}), Order::kOldestFirst, 0), IsEmpty());
}

TEST_F(MirrorIndexTest, AddsOnlyWhatIsNew) {
  Grow(30);
  EXPECT_THAT(Find(By({})), SizeIs(30));
  EXPECT_EQ(added_, 1);
  EXPECT_THAT(Find(By({})), SizeIs(30));
  EXPECT_EQ(added_, 0);
  Grow(270);
  EXPECT_THAT(Find(By({})), SizeIs(270));
  EXPECT_EQ(added_, 1);
}

TEST_F(MirrorIndexTest, AnEmptyMirrorHoldsNothing) {
  Grow(0);
  EXPECT_THAT(Find(By({})), IsEmpty());
}

TEST_F(MirrorIndexTest, OfAnotherLogIsMadeAnew) {
  Grow(30);
  EXPECT_THAT(Find(By({})), SizeIs(30));
  FakeLedger other("broker.test/ledgers/other");
  const TestFolder elsewhere;
  other.Grow(40);
  Mirror(other, elsewhere);
  std::filesystem::copy_file(folder_ / kIndexFile, elsewhere / kIndexFile);
  const auto log = OpenMirror(elsewhere.path(), other.key());
  const auto index = MirrorIndex::Open(elsewhere.path(), **log, nullptr);
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_THAT(*(*index)->Find(By({}), Order::kOldestFirst, 100), SizeIs(40));
  EXPECT_THAT(
      *(*index)->Find(By({{"purpose", "tasking"}}), Order::kOldestFirst, 100),
      IsEmpty());
}

TEST_F(MirrorIndexTest, DamagedIsMadeAnew) {
  Grow(30);
  EXPECT_THAT(Find(By({})), SizeIs(30));
  folder_.Write(kIndexFile, "this was an index");
  EXPECT_THAT(Find(By({{"purpose", "tasking"}})), SizeIs(10));
}

TEST_F(MirrorIndexTest, TakesNoEntryInThatIsNotProved) {
  Grow(30);
  std::string bundle = folder_.Read("tile/entries/000.p/30");
  bundle[70] ^= 1;
  folder_.Write("tile/entries/000.p/30", bundle);
  const auto log = *OpenMirror(folder_.path(), ledger_.key());
  EXPECT_TRUE(absl::IsDataLoss(
      MirrorIndex::Open(folder_.path(), *log, nullptr).status()));
}

TEST_F(MirrorIndexTest, SaysWhenItCannotBeWritten) {
  Grow(3);
  std::filesystem::create_directory(folder_ / kIndexFile);
  const auto log = *OpenMirror(folder_.path(), ledger_.key());
  const absl::Status opened =
      MirrorIndex::Open(folder_.path(), *log, nullptr).status();
  EXPECT_FALSE(opened.ok());
  EXPECT_FALSE(absl::IsDataLoss(opened));
}

}  // namespace
}  // namespace entente::client
