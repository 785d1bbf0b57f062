#include "broker/ledger/ledger_check.h"

#include <filesystem>

#include "absl/strings/match.h"
#include "broker/test_broker.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

namespace fs = std::filesystem;

// A broker with a ledger `big` of 600 entries and a ledger `small` of 5.
class LedgerCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(broker_.OpenLedger("big").ok());
    ASSERT_TRUE(broker_.OpenLedger("small").ok());
    ASSERT_TRUE(broker_.Append("big", 600).ok());
    ASSERT_TRUE(broker_.Append("small", 5).ok());
  }

  void Save(const std::string& name) {
    broker_.Stop();
    for (const char* file : {"entente.db", "anchors"}) {
      fs::copy_file(broker_.folder / file, broker_.folder / (file + name),
                    fs::copy_options::overwrite_existing);
    }
    ASSERT_TRUE(broker_.Start().ok());
  }
  void PutBack(const std::string& file, const std::string& name) {
    fs::remove(broker_.folder / (file + "-wal"));
    fs::remove(broker_.folder / (file + "-shm"));
    fs::copy_file(broker_.folder / (file + name), broker_.folder / file,
                  fs::copy_options::overwrite_existing);
  }
  // Why `big` is refused; empty if it is served.
  std::string Refused(const std::string& id) {
    const auto found = broker_.ledgers->refused().find(id);
    return found == broker_.ledgers->refused().end() ? "" : found->second;
  }

  TestBroker broker_;
};

TEST_F(LedgerCheckTest, ServesWhatMatches) {
  ASSERT_TRUE(broker_.Restart().ok());
  EXPECT_TRUE(broker_.ledgers->refused().empty());
  EXPECT_TRUE(broker_.Append("big", 1).ok());
  EXPECT_EQ((*broker_.Append("small", 1))[0].index, 5u);
}

TEST_F(LedgerCheckTest, RefusesAnOlderDatabase) {
  Save(".old");
  ASSERT_TRUE(broker_.Append("big", 1).ok());
  broker_.Stop();
  PutBack("entente.db", ".old");
  ASSERT_TRUE(broker_.Start().ok());
  EXPECT_TRUE(absl::StrContains(Refused("big"), "old copy")) << Refused("big");
  EXPECT_TRUE(absl::StrContains(Refused("big"), "mirror"));
  EXPECT_EQ(Refused("small"), "");
  EXPECT_EQ(broker_.Append("big", 1).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(broker_.Append("small", 1).ok());
}

TEST_F(LedgerCheckTest, RefusesALedgerThatTheDatabaseForgot) {
  Save(".old");
  ASSERT_TRUE(broker_.OpenLedger("later").ok());
  ASSERT_TRUE(broker_.Append("later", 2).ok());
  broker_.Stop();
  PutBack("entente.db", ".old");
  ASSERT_TRUE(broker_.Start().ok());
  EXPECT_TRUE(absl::StrContains(Refused("later"), "does not have it"));
  // It cannot be opened anew over its own past.
  EXPECT_EQ(broker_.OpenLedger("later").code(),
            absl::StatusCode::kFailedPrecondition);
}

// The broker ended after the commit and before the anchor was written.
TEST_F(LedgerCheckTest, MovesAnOlderAnchorForward) {
  Save(".old");
  ASSERT_TRUE(broker_.Append("big", 7).ok());
  ASSERT_TRUE(broker_.OpenLedger("later").ok());
  ASSERT_TRUE(broker_.Append("later", 1).ok());
  broker_.Stop();
  PutBack("anchors", ".old");
  ASSERT_TRUE(broker_.Start().ok());
  EXPECT_TRUE(broker_.ledgers->refused().empty());
  EXPECT_EQ(broker_.anchors->Find("broker.test/ledgers/big")->size, 607u);
  EXPECT_EQ(broker_.anchors->Find("broker.test/ledgers/later")->size, 1u);
  EXPECT_TRUE(broker_.Append("big", 1).ok());
}

TEST_F(LedgerCheckTest, RefusesAnAnchorOfAnotherHistory) {
  broker_.Stop();
  auto anchors = *AnchorFile::Open(broker_.folder / "anchors");
  const auto big = anchors->Find("broker.test/ledgers/big");
  anchors = nullptr;
  fs::remove(broker_.folder / "anchors");
  anchors = *AnchorFile::Create(broker_.folder / "anchors");
  Anchor other = *big;
  other.size = 599;
  ASSERT_TRUE(anchors->Record({other}).ok());
  anchors = nullptr;
  ASSERT_TRUE(broker_.Start().ok());
  EXPECT_TRUE(absl::StrContains(Refused("big"), "not those that were signed"));
}

struct Tampering {
  const char* name;
  const char* sql;
  const char* says;
};

class TamperedLedgerTest : public LedgerCheckTest,
                           public testing::WithParamInterface<Tampering> {};

TEST_P(TamperedLedgerTest, IsRefused) {
  broker_.Stop();
  ASSERT_TRUE(broker_.Tamper(GetParam().sql).ok());
  ASSERT_TRUE(broker_.Start().ok());
  EXPECT_TRUE(absl::StrContains(Refused("big"), GetParam().says))
      << Refused("big");
  EXPECT_EQ(Refused("small"), "");
}

INSTANTIATE_TEST_SUITE_P(
    All, TamperedLedgerTest,
    testing::Values(
        Tampering{"EntryInTheMiddle",
                  "UPDATE entries SET content = x'7b7d'"
                  " WHERE ledger = 'big' AND position = 100",
                  "tile/0/000"},
        Tampering{"LastEntry",
                  "UPDATE entries SET content = x'7b7d'"
                  " WHERE ledger = 'big' AND position = 599",
                  "tile/0/002.p/88"},
        Tampering{"EntryMissing",
                  "DELETE FROM entries WHERE ledger = 'big' AND position = 3",
                  "entry 3 of ledger big is missing"},
        Tampering{"EntriesSwapped",
                  "UPDATE entries SET position = -1 WHERE ledger = 'big'"
                  " AND position = 1; UPDATE entries SET position = 1"
                  " WHERE ledger = 'big' AND position = 2; UPDATE entries"
                  " SET position = 2 WHERE ledger = 'big' AND position = -1",
                  "tile/0/000"},
        Tampering{"EntryAdded",
                  "INSERT INTO entries VALUES ('big', 600, x'7b7d')",
                  "601 entries are stored and 600 signed"},
        Tampering{"EntryAddedAndCounted",
                  "INSERT INTO entries VALUES ('big', 600, x'7b7d');"
                  "UPDATE ledgers SET size = 601 WHERE id = 'big'",
                  "tile/0/002.p/89"},
        Tampering{"FullTile",
                  "UPDATE tiles SET hashes = zeroblob(8192)"
                  " WHERE ledger = 'big' AND level = 0 AND tile = 1",
                  "tile/0/001 does not match"},
        Tampering{
            "PartialTile",
            "UPDATE tiles SET hashes = CAST(hashes || zeroblob(32) AS BLOB)"
            " WHERE ledger = 'big' AND level = 0 AND tile = 2",
            "bytes and not"},
        Tampering{"UpperTile",
                  "UPDATE tiles SET hashes = zeroblob(64)"
                  " WHERE ledger = 'big' AND level = 1",
                  "tile/1/000.p/2"},
        Tampering{"TileMissing",
                  "DELETE FROM tiles WHERE ledger = 'big' AND level = 1",
                  "tile/1/000.p/2"},
        Tampering{"TileAdded",
                  "INSERT INTO tiles VALUES ('big', 2, 0, zeroblob(32))",
                  "bytes and not"},
        Tampering{"SignedRoot",
                  "UPDATE ledgers SET signed_root = zeroblob(32)"
                  " WHERE id = 'big'",
                  "do not lead to the signed root"},
        Tampering{"SignedSize",
                  "UPDATE ledgers SET signed_size = 599 WHERE id = 'big'",
                  "600 entries and 599 are signed"},
        Tampering{"Checkpoint",
                  "UPDATE ledgers SET checkpoint = checkpoint || x'0a'"
                  " WHERE id = 'big'",
                  "not signed by this broker"},
        Tampering{"Origin",
                  "UPDATE ledgers SET origin = 'other/ledgers/big'"
                  " WHERE id = 'big'",
                  "other/ledgers/big"}),
    [](const auto& test) { return std::string(test.param.name); });

// Everything consistent with itself, but cut back: only the anchor knows.
TEST_F(LedgerCheckTest, RefusesACleanlyTruncatedLedger) {
  Save(".full");
  broker_.Stop();
  TestBroker shorter;
  ASSERT_TRUE(shorter.OpenLedger("big").ok());
  ASSERT_TRUE(shorter.OpenLedger("small").ok());
  ASSERT_TRUE(shorter.Append("big", 500).ok());
  ASSERT_TRUE(shorter.Append("small", 5).ok());
  shorter.Stop();
  fs::copy_file(shorter.folder / "entente.db", broker_.folder / "entente.db",
                fs::copy_options::overwrite_existing);
  ASSERT_TRUE(broker_.Start().ok());
  EXPECT_TRUE(absl::StrContains(Refused("big"),
                                "holds 500 entries and 600 were signed"));
  EXPECT_EQ(Refused("small"), "");
}

}  // namespace
}  // namespace entente::broker
