#include "client/entry_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "client/error.h"
#include "client/fake_ledger_parts.h"
#include "client/mirror_parts.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Two parts: ten batches of which part 1 was told, and then four more.
class EntrySearchTest : public testing::Test {
 protected:
  void SetUp() override {
    parts_.newest().Grow(10);
    parts_.Continue(10);
    parts_.newest().Grow(5);
    const auto mirrored = MirrorParts(parts_, parts_.key(), "pact",
                                      parts_.newest_name(), folder_ / "m", "");
    ASSERT_TRUE(mirrored.ok()) << mirrored.status();
  }
  std::vector<ReadablePart> Open() {
    auto parts = OpenMirrorParts(folder_ / "m");
    EXPECT_TRUE(parts.ok()) << parts.status();
    return *std::move(parts);
  }
  // As at a broker: without an index.
  std::vector<ReadablePart> OpenPlain() {
    std::vector<ReadablePart> parts = Open();
    for (ReadablePart& part : parts) part.folder.clear();
    return parts;
  }
  static std::vector<std::string> Places(const SearchPage& page) {
    std::vector<std::string> places;
    for (const FoundEntry& entry : page.found) {
      places.push_back(PlaceText(entry.place));
    }
    return places;
  }
  static std::vector<std::string> Search(std::vector<ReadablePart> parts,
                                         const SearchPlan& plan) {
    const auto page = SearchParts(parts, plan);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? Places(*page) : std::vector<std::string>();
  }

  TestFolder folder_;
  FakeLedgerParts parts_;
};

TEST_F(EntrySearchTest, GoesThroughAllParts) {
  SearchPlan plan;
  plan.filter.facets = {{"kind", "batch"}};
  const auto newest = Search(Open(), plan);
  EXPECT_THAT(newest, SizeIs(14));
  EXPECT_EQ(newest.front(), "1:4");
  EXPECT_EQ(newest.back(), "0:0");
  plan.order = Order::kOldestFirst;
  auto oldest = Search(Open(), plan);
  std::reverse(oldest.begin(), oldest.end());
  EXPECT_EQ(oldest, newest);
  plan.filter.facets = {{"kind", "ledger_continued"}};
  EXPECT_THAT(Search(Open(), plan), ElementsAre("1:0"));
}

TEST_F(EntrySearchTest, PagesFollowEachOtherWithoutGapOrOverlap) {
  for (const Order order : {Order::kNewestFirst, Order::kOldestFirst}) {
    for (const bool indexed : {true, false}) {
      for (const size_t limit : {1, 3, 4, 5, 14, 15, 16}) {
        auto parts = indexed ? Open() : OpenPlain();
        SearchPlan plan;
        plan.order = order;
        plan.limit = 1000;
        const auto all = Places(*SearchParts(parts, plan));
        ASSERT_THAT(all, SizeIs(15));
        std::vector<std::string> joined;
        plan.limit = limit;
        do {
          const auto page = SearchParts(parts, plan);
          ASSERT_TRUE(page.ok()) << page.status();
          ASSERT_LE(page->found.size(), limit);
          for (const std::string& place : Places(*page)) {
            joined.push_back(place);
          }
          plan.from = page->next;
        } while (plan.from.has_value());
        EXPECT_EQ(joined, all) << limit;
      }
    }
  }
}

TEST_F(EntrySearchTest, IndexAndReadingFindTheSame) {
  SearchPlan plan;
  plan.filter.since = absl::FromUnixSeconds(1003);
  plan.filter.until = absl::FromUnixSeconds(1008);
  plan.filter.last = 6;
  EXPECT_THAT(Search(Open(), plan),
              ElementsAre("1:4", "1:3", "0:6", "0:5", "0:4", "0:3"));
  EXPECT_EQ(Search(OpenPlain(), plan), Search(Open(), plan));
}

TEST_F(EntrySearchTest, ReadsEverythingWhereNoIndexCanBeKept) {
  std::filesystem::create_directory(folder_ / "m/search.sqlite");
  SearchPlan plan;
  std::vector<std::string> said;
  plan.say = [&](const std::string& line) { said.push_back(line); };
  EXPECT_THAT(Search(Open(), plan), SizeIs(15));
  EXPECT_THAT(said, ElementsAre(testing::HasSubstr("every entry is read")));
}

TEST_F(EntrySearchTest, AnIndexThatLiesAddsNothing) {
  SearchPlan plan;
  plan.filter.facets = {{"kind", "batch"}};
  ASSERT_THAT(Search(Open(), plan), SizeIs(14));
  auto index = Database::Open(folder_ / "m.1/search.sqlite");
  ASSERT_TRUE((*index)
                  ->Execute("UPDATE texts SET text = 'x' WHERE text = 'batch';"
                            "UPDATE texts SET text = 'batch' WHERE text = "
                            "'ledger_continued';")
                  .ok());
  index->reset();
  EXPECT_THAT(Search(Open(), plan), SizeIs(10));
}

TEST_F(EntrySearchTest, StopsAtAnEntryThatWasAltered) {
  const std::string name = "m.1/tile/entries/000.p/5";
  std::string bundle = folder_.Read(name);
  bundle[bundle.size() - 3] ^= 1;
  folder_.Write(name, bundle);
  for (const bool indexed : {true, false}) {
    auto parts = indexed ? Open() : OpenPlain();
    EXPECT_TRUE(absl::IsDataLoss(SearchParts(parts, {}).status()));
  }
}

TEST_F(EntrySearchTest, VisitsFromTheOldestAndStopsAtAnError) {
  auto parts = Open();
  std::vector<std::string> seen;
  EntryFilter filter;
  filter.first = 3;
  filter.last = 4;
  const absl::Status all =
      ForEachEntry(parts, filter, [&](const FoundEntry& entry) {
        seen.push_back(PlaceText(entry.place));
        return absl::OkStatus();
      });
  EXPECT_TRUE(all.ok()) << all;
  EXPECT_THAT(seen, ElementsAre("0:3", "0:4", "1:3", "1:4"));
  EXPECT_TRUE(absl::IsAborted(ForEachEntry(
      parts, {}, [](const FoundEntry&) { return absl::AbortedError("no"); })));
}

TEST_F(EntrySearchTest, ReadsAndWritesPlaces) {
  EXPECT_EQ(*ParsePlace("1:17"), (Place{1, 17}));
  EXPECT_EQ(PlaceText({0, 5}), "0:5");
  for (const char* bad : {"", ":", "1", "1:", ":1", "01:1", "1:1:1", "1:-1"}) {
    EXPECT_FALSE(ParsePlace(bad).ok()) << bad;
  }
}

TEST_F(EntrySearchTest, SaysWhenThereIsNoMirror) {
  EXPECT_EQ(FromStatus(OpenMirrorParts(folder_ / "none").status()).code,
            "NO_MIRROR");
}

}  // namespace
}  // namespace entente::client
