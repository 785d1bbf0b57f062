#include "crypto/tile_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/checkpoint.h"
#include "crypto/worked_log.h"

namespace entente::crypto {
namespace {

using absl::StatusCode;

// A server of tiles, by path.
class TileStore {
 public:
  void Put(const std::vector<Tile>& tiles) {
    for (const Tile& tile : tiles) tiles_[TilePath(tile.id)] = tile.hashes;
  }

  TileReader Reader() {
    return [this](const TileId& tile) -> absl::StatusOr<Bytes> {
      ++reads_;
      const auto found = tiles_.find(TilePath(tile));
      if (found == tiles_.end()) return absl::NotFoundError(TilePath(tile));
      return found->second;
    };
  }

  int reads() const { return reads_; }
  std::map<std::string, Bytes>& tiles() { return tiles_; }

 private:
  std::map<std::string, Bytes> tiles_;
  int reads_ = 0;
};

std::vector<Hash> LeafHashes(absl::Span<const Bytes> entries) {
  std::vector<Hash> leaves;
  for (const Bytes& entry : entries) leaves.push_back(LeafHash(entry));
  return leaves;
}

std::vector<Hash> NumberedLeaves(uint64_t count) {
  std::vector<Hash> leaves;
  for (uint64_t i = 0; i < count; ++i) {
    leaves.push_back(LeafHash(absl::StrCat(i)));
  }
  return leaves;
}

TEST(TileTree, ReproducesTheWorkedLogThroughItsHistory) {
  const std::vector<Bytes> entries = LogEntries();
  EXPECT_TRUE(entries[7].empty());
  EXPECT_EQ(entries[300].size(), 65'535);
  const std::vector<Hash> leaves = LeafHashes(entries);
  const SigningKey key = LogSigningKey();
  TileStore store;
  uint64_t old_size = 0;
  size_t files = 0;
  for (const uint64_t size : LogHistory()) {
    const auto added =
        absl::MakeConstSpan(leaves).subspan(old_size, size - old_size);
    const auto tiles = AppendToTiles(old_size, added, store.Reader());
    ASSERT_TRUE(tiles.ok()) << tiles.status();
    store.Put(*tiles);
    std::vector<TileId> ids;
    for (const Tile& tile : *tiles) {
      ids.push_back(tile.id);
      EXPECT_EQ(tile.hashes,
                ReadLogBytes(absl::StrCat("log/", TilePath(tile.id))));
      ++files;
      if (tile.id.level != 0) continue;
      const BundleId bundle = {tile.id.index, tile.id.width};
      EXPECT_EQ(*EncodeBundle(absl::MakeConstSpan(entries).subspan(
                    256 * bundle.index, bundle.width)),
                ReadLogBytes(absl::StrCat("log/", BundlePath(bundle))));
    }
    EXPECT_EQ(ids, NewTiles(old_size, size));
    // The log's own line; witnesses have added theirs to the files.
    TileHashReader nodes(size, store.Reader());
    const std::string checkpoint = *SignCheckpoint(
        {"audit.example.org/broker-1", size, *TreeRoot(nodes, size)}, key);
    const std::string published =
        ReadLogFile(absl::StrCat("history/checkpoint.", size));
    EXPECT_EQ(published.substr(0, checkpoint.size()), checkpoint);
    old_size = size;
  }
  EXPECT_EQ(files, 14);
}

TEST(TileTree, ProvesEveryStepOfTheWorkedHistory) {
  const auto read = [](const TileId& tile) -> absl::StatusOr<Bytes> {
    return ReadLogBytes(absl::StrCat("log/", TilePath(tile)));
  };
  std::vector<uint64_t> sizes = LogHistory();
  for (const uint64_t to : sizes) {
    const Checkpoint newer = *OpenCheckpoint(
        ReadLogFile(absl::StrCat("history/checkpoint.", to)), LogKey());
    TileHashReader nodes(to, read);
    for (const uint64_t from : sizes) {
      if (from > to) break;
      const Checkpoint older = *OpenCheckpoint(
          ReadLogFile(absl::StrCat("history/checkpoint.", from)), LogKey());
      const auto proof = ConsistencyProof(nodes, from, to);
      ASSERT_TRUE(proof.ok()) << proof.status();
      EXPECT_TRUE(
          VerifyConsistency(from, older.root, to, newer.root, *proof).ok());
    }
  }
}

TEST(TileTree, GivesWhatATreeInMemoryGives) {
  const std::vector<Hash> leaves = NumberedLeaves(70'000);
  MerkleLog log;
  for (const Hash& leaf : leaves) log.AppendHash(leaf);
  TileStore store;
  store.Put(*AppendToTiles(0, leaves, store.Reader()));
  EXPECT_EQ(store.tiles().size(), 274 + 2 + 1);
  EXPECT_EQ(store.tiles()["tile/1/001.p/17"].size(), 17 * 32);
  TileHashReader nodes(70'000, store.Reader());
  for (const uint64_t size :
       {1, 255, 256, 257, 65'535, 65'536, 65'537, 69'999, 70'000}) {
    EXPECT_EQ(*TreeRoot(nodes, size), *log.RootAt(size)) << size;
    EXPECT_EQ(*ConsistencyProof(nodes, size, 70'000),
              *log.ProveConsistency(size, 70'000));
    EXPECT_EQ(*InclusionProof(nodes, size - 1, 70'000),
              *log.ProveInclusion(size - 1, 70'000));
  }
  const int reads = store.reads();
  EXPECT_LE(reads, 20);
  EXPECT_TRUE(InclusionProof(nodes, 69'999, 70'000).ok());
  EXPECT_EQ(store.reads(), reads);  // kept
}

TEST(TileTree, AppendingInAnyStepsWritesTheSameTiles) {
  const std::vector<Hash> leaves = NumberedLeaves(1'400);
  TileStore at_once;
  at_once.Put(*AppendToTiles(0, leaves, at_once.Reader()));
  for (const uint64_t step : {1, 3, 100, 255, 256, 257, 700}) {
    TileStore store;
    for (uint64_t size = 0; size < leaves.size(); size += step) {
      const auto tiles =
          AppendToTiles(size, absl::MakeConstSpan(leaves).subspan(size, step),
                        store.Reader());
      ASSERT_TRUE(tiles.ok()) << tiles.status();
      store.Put(*tiles);
    }
    for (const auto& [path, hashes] : at_once.tiles()) {
      EXPECT_EQ(store.tiles()[path], hashes) << path;
    }
  }
}

TEST(TileTree, ReportsMissingAndDamagedTiles) {
  const std::vector<Hash> leaves = NumberedLeaves(300);
  TileStore store;
  store.Put(*AppendToTiles(0, leaves, store.Reader()));
  store.tiles()["tile/0/001.p/44"].pop_back();
  TileHashReader nodes(300, store.Reader());
  EXPECT_EQ(nodes.Node(0, 299).status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(TreeRoot(nodes, 300).status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(InclusionProof(nodes, 0, 300).status().code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(ConsistencyProof(nodes, 3, 300).status().code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(CompactRange::Read(nodes, 300).status().code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(AppendToTiles(300, leaves, store.Reader()).status().code(),
            StatusCode::kDataLoss);
  store.tiles().erase("tile/0/001.p/44");
  EXPECT_EQ(TreeRoot(nodes, 300).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(AppendToTiles(300, leaves, store.Reader()).status().code(),
            StatusCode::kNotFound);
}

TEST(TileTree, RefusesWhatTheTreeDoesNotHave) {
  const std::vector<Hash> leaves = NumberedLeaves(5);
  TileStore store;
  store.Put(*AppendToTiles(0, leaves, store.Reader()));
  TileHashReader nodes(5, store.Reader());
  EXPECT_EQ(nodes.Node(0, 5).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(nodes.Node(2, 1).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(nodes.Node(64, 0).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(nodes.Node(200, 0).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(TreeRoot(nodes, 6).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(AppendToTiles(std::numeric_limits<uint64_t>::max(),
                          {leaves.data(), 1}, store.Reader())
                .status()
                .code(),
            StatusCode::kOutOfRange);
  EXPECT_TRUE(AppendToTiles(5, {}, store.Reader())->empty());
}

}  // namespace
}  // namespace entente::crypto
