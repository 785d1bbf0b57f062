#include "client/proved_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "client/error.h"
#include "client/fake_ledger.h"
#include "client/mirror.h"
#include "client/test_folder.h"
#include "crypto/tlog_proof.h"

namespace entente::client {
namespace {

using testing::HasSubstr;

class ProvedLogTest : public testing::Test {
 protected:
  void Mirror(size_t size) {
    ledger_.Grow(size);
    const auto mirrored = MirrorLedger(ledger_, folder_.path(), ledger_.key());
    ASSERT_TRUE(mirrored.ok()) << mirrored.status();
  }
  std::unique_ptr<ProvedLog> Open() {
    auto log = OpenMirror(folder_.path(), ledger_.key());
    EXPECT_TRUE(log.ok()) << log.status();
    return *std::move(log);
  }
  // The first failure of opening the mirror and reading every entry.
  absl::Status ReadAll() {
    const auto log = OpenMirror(folder_.path(), ledger_.key());
    if (!log.ok()) return log.status();
    for (uint64_t i = 0; i < (*log)->size(); ++i) {
      const auto line = (*log)->Line(i);
      if (!line.ok()) return line.status();
      if (*line != ledger_.entry(i)) return absl::InternalError("another line");
    }
    return absl::OkStatus();
  }

  FakeLedger ledger_{"broker.test/ledgers/pact"};
  TestFolder folder_;
};

TEST_F(ProvedLogTest, GivesEveryEntryOfLogsOfAllShapes) {
  for (const size_t size : {1, 2, 3, 255, 256, 257, 511, 700}) {
    Mirror(size);
    EXPECT_TRUE(ReadAll().ok()) << size << ": " << ReadAll();
  }
}

TEST_F(ProvedLogTest, GivesEntriesInAnyOrder) {
  Mirror(700);
  const auto log = Open();
  for (const uint64_t index : {699, 0, 300, 299, 699, 512, 511, 1}) {
    EXPECT_EQ(*log->Line(index), ledger_.entry(index)) << index;
  }
}

TEST_F(ProvedLogTest, ItsProofsAreThoseOfTheLog) {
  Mirror(300);
  const auto log = Open();
  for (const uint64_t index : {0, 7, 255, 256, 299}) {
    const auto text = log->Proof(index);
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(*text, ledger_.Receipt(index, 300)) << index;
    EXPECT_TRUE(crypto::VerifyTlogProof(*crypto::ParseTlogProof(*text),
                                        crypto::AsBytes(ledger_.entry(index)),
                                        ledger_.key())
                    .ok());
  }
}

TEST_F(ProvedLogTest, ExtendsWhatItBeganWithAndNothingElse) {
  Mirror(300);
  const auto log = Open();
  for (const uint64_t size : {1, 5, 255, 256, 299, 300}) {
    crypto::Hash root = *ledger_.tree().RootAt(size);
    EXPECT_TRUE(log->Extends(size, root).ok()) << size;
    root[3] ^= 1;
    EXPECT_TRUE(absl::IsDataLoss(log->Extends(size, root))) << size;
  }
  EXPECT_TRUE(absl::IsDataLoss(log->Extends(301, crypto::Hash())));
  EXPECT_TRUE(log->Extends(0, crypto::EmptyRoot()).ok());
}

TEST_F(ProvedLogTest, RefusesAnIndexBeyondTheEnd) {
  Mirror(3);
  EXPECT_TRUE(absl::IsOutOfRange(Open()->Line(3).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Open()->Proof(~uint64_t{0}).status()));
}

TEST_F(ProvedLogTest, NothingIsReadFromAnEmptyLog) {
  Mirror(0);
  EXPECT_EQ(Open()->size(), 0u);
  EXPECT_TRUE(absl::IsOutOfRange(Open()->Line(0).status()));
}

TEST_F(ProvedLogTest, NoticesAFlippedBitInAnyFile) {
  for (const auto& [size, step] : {std::pair{3, 1}, {258, 997}}) {
    Mirror(static_cast<size_t>(size));
    std::set<std::string> names;
    for (const auto& at :
         std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (at.is_directory() ||
          at.path().parent_path().filename() == "checkpoints") {
        continue;
      }
      names.insert(at.path().string().substr(folder_.path().size() + 1));
    }
    // What was made for the smaller one is not read any more.
    names.erase("tile/0/000.p/3");
    names.erase("tile/entries/000.p/3");
    if (size == 3) names.insert({"tile/0/000.p/3", "tile/entries/000.p/3"});
    for (const std::string& name : names) {
      const std::string good = folder_.Read(name);
      for (size_t i = 0; i < good.size(); i += static_cast<size_t>(step)) {
        // log.vkey may or may not end in a line feed.
        if (name == "log.vkey" && i + 1 == good.size()) continue;
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
        folder_.Write(name, bad);
        EXPECT_TRUE(absl::IsDataLoss(ReadAll())) << name << " byte " << i;
      }
      folder_.Write(name, good);
    }
    EXPECT_TRUE(ReadAll().ok());
  }
}

TEST_F(ProvedLogTest, NamesTheEntryThatWasAlteredAndItsFile) {
  Mirror(258);
  std::string bundle = folder_.Read("tile/entries/001.p/2");
  bundle[bundle.size() - 5] ^= 1;
  folder_.Write("tile/entries/001.p/2", bundle);
  EXPECT_TRUE(Open()->Line(3).ok()) << "another bundle";
  EXPECT_EQ(FromStatus(Open()->Line(256).status()).what,
            "entry 257 in tile/entries/001.p/2 was altered");
}

TEST_F(ProvedLogTest, AnEntryAndItsTileAlteredTogetherDoNotLeadToTheRoot) {
  Mirror(3);
  ledger_.Forge(1) = FakeLedger::Line(77);
  const auto forged = ledger_.Entries(0, 3);
  folder_.Write("tile/entries/000.p/3", std::string(crypto::AsText(*forged)));
  std::string tile = folder_.Read("tile/0/000.p/3");
  const crypto::Hash leaf = crypto::LeafHash(ledger_.entry(1));
  tile.replace(32, 32, reinterpret_cast<const char*>(leaf.data()), 32);
  folder_.Write("tile/0/000.p/3", tile);
  EXPECT_THAT(FromStatus(Open()->Line(0).status()).what,
              HasSubstr("tile/0/000.p/3 does not lead to the root"));
}

TEST_F(ProvedLogTest, SaysWhatIsMissing) {
  EXPECT_EQ(FromStatus(OpenMirror(folder_.path(), std::nullopt).status()).code,
            "NO_MIRROR");
  Mirror(3);
  std::filesystem::remove(folder_ / "tile/entries/000.p/3");
  EXPECT_EQ(FromStatus(Open()->Line(0).status()).what,
            "tile/entries/000.p/3 is missing");
  FakeLedger other("broker.test/ledgers/pact");
  EXPECT_TRUE(
      absl::IsDataLoss(OpenMirror(folder_.path(), other.key()).status()));
}

}  // namespace
}  // namespace entente::client
