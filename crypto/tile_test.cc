#include "crypto/tile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

namespace entente::crypto {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint64_t kLargest = std::numeric_limits<uint64_t>::max();

TEST(TilePath, IsThatOfTheSpecification) {
  EXPECT_EQ(TilePath({0, 0, 256}), "tile/0/000");
  EXPECT_EQ(TilePath({1, 255, 256}), "tile/1/255");
  EXPECT_EQ(TilePath({0, 1000, 256}), "tile/0/x001/000");
  EXPECT_EQ(TilePath({0, 1234067, 5}), "tile/0/x001/x234/067.p/5");
  EXPECT_EQ(BundlePath({1234067, 256}), "tile/entries/x001/x234/067");
  EXPECT_EQ(BundlePath({3, 232}), "tile/entries/003.p/232");
}

TEST(TilePath, ReadsWhatItWrites) {
  std::mt19937_64 random(2);  // NOLINT: the same cases in every run
  for (int round = 0; round < 2'000; ++round) {
    const uint32_t level = static_cast<uint32_t>(random() % 6);
    const uint64_t index = random() >> (17 + 8 * level - (random() % 8));
    const uint32_t width = static_cast<uint32_t>(1 + random() % 256);
    const TileId tile = {level, index, width};
    ASSERT_TRUE(ParseTilePath(TilePath(tile)).ok()) << TilePath(tile);
    EXPECT_EQ(*ParseTilePath(TilePath(tile)), tile);
    EXPECT_EQ(*ParseBundlePath(BundlePath({index, width})),
              (BundleId{index, width}));
  }
  EXPECT_TRUE(ParseTilePath("tile/7/000.p/255").ok());
  EXPECT_TRUE(ParseTilePath("tile/0/x072/x057/x594/x037/x927/935.p/255").ok());
}

TEST(TilePath, RefusesEverythingElse) {
  for (const char* bad : {"",
                          "tile",
                          "tile/",
                          "tile/0",
                          "tile/0/",
                          "tile/0/0",
                          "tile/0/00",
                          "tile/0/0000",
                          "tile/00/000",
                          "tile/8/000",
                          "tile/63/000",
                          "tile/-/000",
                          "/tile/0/000",
                          "tile/0/000/",
                          "tile/0/x000/000",
                          "tile/0/x001/00",
                          "tile/0/001/000",
                          "tile/0/x001",
                          "tile/0/x001/x000",
                          "tile/0/X001/000",
                          "tile/0/000.p",
                          "tile/0/000.p/",
                          "tile/0/000.p/0",
                          "tile/0/000.p/256",
                          "tile/0/000.p/05",
                          "tile/0/000.p/+5",
                          "tile/0/000.p/ 5",
                          "tile/0/000.p/5/",
                          "tile/0/000.p/5.p/5",
                          "tile/0/000.p5",
                          "tile/0/ 00",
                          "tile/0/x072/x057/x594/x037/x927/936",
                          "tile/0/x072/x057/x594/x037/x927/935",
                          "tile/7/000",
                          "tile/7/001.p/1",
                          "tile/0/x018/x446/x744/x073/x709/x551/616",
                          "tile/entries/000"}) {
    EXPECT_EQ(ParseTilePath(bad).status().code(), StatusCode::kInvalidArgument)
        << bad;
  }
  for (const char* bad : {"", "tile/entries", "tile/entries/", "tile/entries/0",
                          "tile/entries/000.p/0", "tile/entries/000.p/256",
                          "tile/0/000", "tile/entries/x000/000",
                          "tile/entries/x072/x057/x594/x037/x927/936.p/1"}) {
    EXPECT_EQ(ParseBundlePath(bad).status().code(),
              StatusCode::kInvalidArgument)
        << bad;
  }
}

TEST(TilePath, HasOneFormForEachTile) {
  const std::string good = "tile/0/x001/x234/067.p/5";
  const std::string letters = "0123456789x/.p \n";
  std::mt19937 random(3);  // NOLINT: the same cases in every run
  for (int round = 0; round < 20'000; ++round) {
    std::string path = good;
    path[5 + random() % (path.size() - 5)] = letters[random() % letters.size()];
    if (random() % 2 == 0) path.erase(random() % path.size(), random() % 5);
    const absl::StatusOr<TileId> tile = ParseTilePath(path);
    if (tile.ok()) {
      EXPECT_EQ(TilePath(*tile), path);
    }
  }
}

TEST(TileAt, GivesTheWidthInATree) {
  EXPECT_EQ(TileAt(0, 272, 70'000)->width, 256);
  EXPECT_EQ(TileAt(0, 273, 70'000)->width, 112);
  EXPECT_EQ(TileAt(1, 0, 70'000)->width, 256);
  EXPECT_EQ(TileAt(1, 1, 70'000)->width, 17);
  EXPECT_EQ(TileAt(2, 0, 70'000)->width, 1);
  EXPECT_EQ(TileAt(7, 0, kLargest)->width, 255);
  EXPECT_EQ(TileHashes(1, 70'000), 273);
  EXPECT_EQ(TileHashes(8, kLargest), 0);
  const std::vector<std::pair<uint64_t, uint64_t>> none = {
      {274, 70'000}, {1, 256}, {0, 0}, {kLargest, kLargest}};
  for (const auto& [index, size] : none) {
    EXPECT_EQ(TileAt(0, index, size).status().code(), StatusCode::kOutOfRange);
  }
  EXPECT_EQ(TileAt(3, 0, 70'000).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(TileAt(8, 0, kLargest).status().code(), StatusCode::kOutOfRange);
}

TEST(NewTiles, ListsWhatGrowthWrites) {
  EXPECT_THAT(NewTiles(0, 0), IsEmpty());
  EXPECT_THAT(NewTiles(7, 7), IsEmpty());
  EXPECT_THAT(NewTiles(8, 7), IsEmpty());
  EXPECT_THAT(NewTiles(0, 1), ElementsAre(TileId{0, 0, 1}));
  EXPECT_THAT(NewTiles(255, 256),
              ElementsAre(TileId{0, 0, 256}, TileId{1, 0, 1}));
  EXPECT_THAT(NewTiles(256, 257), ElementsAre(TileId{0, 1, 1}));
  EXPECT_THAT(NewTiles(255, 600),
              ElementsAre(TileId{0, 0, 256}, TileId{0, 1, 256},
                          TileId{0, 2, 88}, TileId{1, 0, 2}));
  EXPECT_THAT(NewTiles(65'535, 65'537),
              ElementsAre(TileId{0, 255, 256}, TileId{0, 256, 1},
                          TileId{1, 0, 256}, TileId{2, 0, 1}));
  EXPECT_THAT(NewTiles(kLargest - 1, kLargest),
              ElementsAre(TileId{0, kLargest / 256, 255}));
}

TEST(Bundle, HoldsEmptyBinaryAndLongestEntries) {
  const std::vector<Bytes> entries = {
      {}, {0, 0x0A, 0xFF}, Bytes(kMaxBundleEntryBytes, 7), {}};
  const Bytes bundle = *EncodeBundle(entries);
  EXPECT_EQ(bundle.size(), 8 + 3 + kMaxBundleEntryBytes);
  EXPECT_THAT(absl::MakeConstSpan(bundle).first(7),
              ElementsAre(0, 0, 0, 3, 0, 0x0A, 0xFF));
  const auto decoded = *DecodeBundle(bundle, 4);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(Bytes(decoded[i].begin(), decoded[i].end()), entries[i]);
  }
}

TEST(Bundle, RefusesWhatDoesNotFit) {
  const std::vector<Bytes> too_long = {Bytes(kMaxBundleEntryBytes + 1)};
  EXPECT_EQ(EncodeBundle(too_long).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(EncodeBundle({}).status().code(), StatusCode::kInvalidArgument);
  const std::vector<Bytes> full(256);
  EXPECT_TRUE(DecodeBundle(*EncodeBundle(full), 256).ok());
  const std::vector<Bytes> too_many(257);
  EXPECT_EQ(EncodeBundle(too_many).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(Bundle, RefusesEveryOtherCutOrWidth) {
  const std::vector<Bytes> entries = {{1, 2}, {}, {3}};
  Bytes bundle = *EncodeBundle(entries);
  for (const uint32_t width : {0, 1, 2, 4, 256, 257}) {
    EXPECT_EQ(DecodeBundle(bundle, width).status().code(),
              StatusCode::kInvalidArgument);
  }
  for (size_t length = 0; length < bundle.size(); ++length) {
    EXPECT_EQ(DecodeBundle(absl::MakeConstSpan(bundle).first(length), 3)
                  .status()
                  .code(),
              StatusCode::kInvalidArgument);
  }
  bundle.push_back(0);
  EXPECT_EQ(DecodeBundle(bundle, 3).status().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::crypto
