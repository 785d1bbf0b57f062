#include "client/mirror_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "client/fake_ledger.h"
#include "client/mirror.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::HasSubstr;

class MirrorPagesTest : public testing::Test {
 protected:
  MirrorPagesTest() { GrowTo(258); }

  void GrowTo(size_t size) {
    ledger_.Grow(size);
    EXPECT_TRUE(
        MirrorLedger(ledger_, folder_ / "m", ledger_.key()).status().ok());
  }
  MirrorPage Get(const std::string& path) { return pages_.Get(path); }
  std::string File(const std::string& name) {
    return folder_.Read("m/" + name);
  }

  FakeLedger ledger_{"broker.test/ledgers/pact"};
  TestFolder folder_;
  MirrorPages pages_{folder_ / "m"};
};

TEST_F(MirrorPagesTest, GivesTheFilesOfTheLayout) {
  for (const char* path : {"tile/0/000", "tile/0/001.p/2", "tile/1/000.p/1",
                           "tile/entries/000", "tile/entries/001.p/2"}) {
    const MirrorPage page = Get(std::string("/") + path);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_EQ(page.body, File(path)) << path;
    EXPECT_EQ(page.content_type, "application/octet-stream");
    EXPECT_THAT(page.cache_control, HasSubstr("immutable"));
  }
}

TEST_F(MirrorPagesTest, GivesTheCheckpointAsTextThatNobodyKeeps) {
  const MirrorPage page = Get("/checkpoint");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, File("checkpoint"));
  EXPECT_EQ(page.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(page.cache_control, "no-cache");
}

TEST_F(MirrorPagesTest, GivesPartialTilesOfEverySizeThatTheLogHad) {
  // Full ones in the mirror; a client that holds an older checkpoint asks so.
  EXPECT_EQ(Get("/tile/0/000.p/7").body, File("tile/0/000").substr(0, 32 * 7));
  EXPECT_EQ(Get("/tile/0/001.p/1").body, File("tile/0/001.p/2").substr(0, 32));
  const std::string bundle = Get("/tile/entries/000.p/7").body;
  const auto entries = crypto::DecodeBundle(crypto::AsBytes(bundle), 7);
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_EQ(crypto::AsText((*entries)[6]), ledger_.entry(6));
  EXPECT_EQ(Get("/tile/entries/001.p/1").status, 200);
}

TEST_F(MirrorPagesTest, GivesNothingThatTheLogDoesNotHave) {
  for (const char* path :
       {"/tile/0/001", "/tile/0/001.p/3", "/tile/0/002.p/1", "/tile/1/000",
        "/tile/1/000.p/2", "/tile/2/000.p/1", "/tile/entries/001",
        "/tile/entries/001.p/3", "/tile/8/000"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
}

TEST_F(MirrorPagesTest, NoPathLeadsElsewhere) {
  folder_.Write("secret", "x");
  for (const char* path : {"",
                           "/",
                           "checkpoint",
                           "//checkpoint",
                           "/checkpoint/",
                           "/log.vkey",
                           "/checkpoints/258",
                           "/search.sqlite",
                           "/../secret",
                           "/tile/../../secret",
                           "/tile/0/../../../secret",
                           "/tile/0/000/../000",
                           "/tile//0/000",
                           "/tile/0/000.p/0",
                           "/tile/0/000.p/256",
                           "/tile/0/0",
                           "/tile/00/000",
                           "/tile/entries/",
                           "/tile/0/x000/000",
                           "/%2e%2e/secret",
                           "/tile/0/000?x",
                           "/TILE/0/000"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
  EXPECT_EQ(Get(std::string("/checkpoint\0", 12)).status, 404);
}

TEST_F(MirrorPagesTest, FollowsTheMirrorAsItGrows) {
  EXPECT_EQ(Get("/tile/0/001.p/9").status, 404);
  GrowTo(265);
  EXPECT_EQ(Get("/tile/0/001.p/9").status, 200);
  EXPECT_EQ(Get("/tile/0/001.p/2").status, 200);
  EXPECT_EQ(Get("/checkpoint").body, File("checkpoint"));
}

TEST_F(MirrorPagesTest, AMirrorThatLacksWhatItPromisesSaysSo) {
  std::filesystem::remove(folder_ / "m/tile/0/000");
  const MirrorPage page = Get("/tile/0/000");
  EXPECT_EQ(page.status, 500);
  EXPECT_THAT(page.body, HasSubstr("tile/0/000 is missing"));
  EXPECT_EQ(page.cache_control, "no-store");
  folder_.Write("m/tile/entries/000", "xx");
  EXPECT_EQ(Get("/tile/entries/000").status, 500);
  folder_.Write("m/checkpoint", "no note");
  EXPECT_EQ(Get("/checkpoint").status, 500);
  EXPECT_EQ(Get("/tile/0/001.p/1").status, 500);
}

TEST_F(MirrorPagesTest, AnEmptyLogHasACheckpointAlone) {
  FakeLedger empty{"broker.test/ledgers/none"};
  ASSERT_TRUE(MirrorLedger(empty, folder_ / "e", empty.key()).status().ok());
  const MirrorPages pages(folder_ / "e");
  EXPECT_EQ(pages.Get("/checkpoint").status, 200);
  EXPECT_EQ(pages.Get("/tile/0/000.p/1").status, 404);
}

}  // namespace
}  // namespace entente::client
