#include "client/mirror.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "client/audit_verify.h"
#include "client/error.h"
#include "client/fake_ledger.h"
#include "client/test_cosigner.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ExitCode ExitCodeOf(const absl::Status& status) {
  return status.ok() ? ExitCode::kOk : FromStatus(status).exit;
}

std::vector<std::string> Files(const TestFolder& folder) {
  std::vector<std::string> files;
  for (const auto& at :
       std::filesystem::recursive_directory_iterator(folder.path())) {
    if (!at.is_directory()) {
      files.push_back(at.path().string().substr(folder.path().size() + 1));
    }
  }
  return files;
}

class MirrorTest : public testing::Test {
 protected:
  absl::StatusOr<MirrorResult> Mirror() {
    return MirrorLedger(ledger_, folder_.path(), ledger_.key());
  }
  absl::StatusOr<AuditReport> Verify() {
    return VerifyMirror(folder_.path(), ledger_.key());
  }

  FakeLedger ledger_{"broker.test/ledgers/pact"};
  TestFolder folder_;
};

TEST_F(MirrorTest, MirrorsAnEmptyLedger) {
  EXPECT_EQ(Mirror()->size, 0u);
  EXPECT_EQ(Verify()->checkpoint.size, 0u);
}

TEST_F(MirrorTest, WritesTheLayoutOfTlogTiles) {
  ledger_.Grow(258);
  ASSERT_EQ(Mirror()->added, 258u);
  EXPECT_THAT(Files(folder_),
              testing::UnorderedElementsAre(
                  "checkpoint", "checkpoints/258", "log.vkey", "tile/0/000",
                  "tile/0/001.p/2", "tile/1/000.p/1", "tile/entries/000",
                  "tile/entries/001.p/2"));
  EXPECT_EQ(folder_.Read("tile/0/000").size(), 8192u);
}

TEST_F(MirrorTest, GrowsWithTheLedger) {
  for (const size_t size : {1, 5, 255, 256, 257, 600}) {
    ledger_.Grow(size);
    const auto mirrored = Mirror();
    ASSERT_TRUE(mirrored.ok()) << mirrored.status();
    EXPECT_EQ(mirrored->root, *ledger_.tree().RootAt(size));
    const auto verified = Verify();
    ASSERT_TRUE(verified.ok()) << verified.status();
    EXPECT_THAT(verified->warnings, IsEmpty());
  }
}

TEST_F(MirrorTest, FetchesNothingTwiceExceptTheLastBundle) {
  ledger_.Grow(600);
  ASSERT_TRUE(Mirror().ok());
  ledger_.calls = 0;
  ASSERT_TRUE(Mirror().ok());
  EXPECT_EQ(ledger_.calls, 0);
  ledger_.Grow(601);
  ASSERT_TRUE(Mirror().ok());
  EXPECT_EQ(ledger_.calls, 1);
}

TEST_F(MirrorTest, GoesOnAfterAnInterruption) {
  ledger_.Grow(100);
  ASSERT_TRUE(Mirror().ok());
  ledger_.Grow(700);
  ledger_.calls = 0;
  ledger_.fails_after = 1;
  EXPECT_TRUE(absl::IsUnavailable(Mirror().status()));
  const auto between = Verify();
  ASSERT_TRUE(between.ok()) << between.status();
  EXPECT_EQ(between->checkpoint.size, 100u);
  EXPECT_THAT(between->not_checked, testing::Contains(HasSubstr("beyond")));
  ledger_.fails_after = 1 << 30;
  EXPECT_EQ(Mirror()->added, 600u);
  EXPECT_EQ(Verify()->checkpoint.size, 700u);
}

TEST_F(MirrorTest, RefusesAnotherKey) {
  ledger_.Grow(3);
  FakeLedger other("broker.test/ledgers/pact");
  EXPECT_EQ(
      ExitCodeOf(MirrorLedger(ledger_, folder_.path(), other.key()).status()),
      ExitCode::kVerificationFailed);
  EXPECT_THAT(Files(folder_), IsEmpty());
}

TEST_F(MirrorTest, RefusesAFolderOfAnotherLedger) {
  ledger_.Grow(3);
  ASSERT_TRUE(Mirror().ok());
  FakeLedger other("broker.test/ledgers/other");
  EXPECT_TRUE(absl::IsFailedPrecondition(
      MirrorLedger(other, folder_.path(), other.key()).status()));
}

TEST_F(MirrorTest, RefusesEntriesThatWereNotSignedFor) {
  ledger_.Grow(300);
  ledger_.Forge(17) = FakeLedger::Line(5);
  const absl::Status status = Mirror().status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::kVerificationFailed);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "checkpoint"));
}

TEST_F(MirrorTest, RefusesAnEntryThatChangedSinceTheLastTime) {
  ledger_.Grow(10);
  ASSERT_TRUE(Mirror().ok());
  ledger_.Grow(12);
  ledger_.Forge(4) = FakeLedger::Line(5);
  const absl::Status status = Mirror().status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::kVerificationFailed);
  EXPECT_THAT(FromStatus(status).what, HasSubstr("entry 4"));
}

// A keeper whose proof is of its own tree, but who shows another one.
class ForkedSource final : public LedgerSource {
 public:
  explicit ForkedSource(FakeLedger* ledger) : ledger_(*ledger) {}
  absl::StatusOr<Head> Latest(uint64_t, const crypto::Hash&) override {
    return Head{ledger_.Checkpoint(ledger_.tree().size()), {}};
  }
  absl::StatusOr<crypto::Bytes> Entries(uint64_t number,
                                        uint32_t width) override {
    return ledger_.Entries(number, width);
  }

 private:
  FakeLedger& ledger_;
};

TEST_F(MirrorTest, RefusesALedgerThatDoesNotContinueTheMirror) {
  ledger_.Grow(10);
  ASSERT_TRUE(Mirror().ok());
  ledger_.Grow(20);
  ForkedSource forked(&ledger_);
  const absl::Status status =
      MirrorLedger(forked, folder_.path(), ledger_.key()).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::kVerificationFailed);
  EXPECT_THAT(FromStatus(status).what, HasSubstr("does not continue"));
}

TEST_F(MirrorTest, NoticesAnAlteredMirrorBeforeItGrows) {
  ledger_.Grow(10);
  ASSERT_TRUE(Mirror().ok());
  std::string tile = folder_.Read("tile/0/000.p/10");
  tile[33] ^= 1;
  folder_.Write("tile/0/000.p/10", tile);
  ledger_.Grow(11);
  EXPECT_EQ(ExitCodeOf(Mirror().status()), ExitCode::kVerificationFailed);
}

TEST_F(MirrorTest, VerifyNoticesAFlippedBitInAnyFile) {
  // Every byte of a small mirror, then a sample of one with two levels.
  for (const auto& [size, step] : {std::pair{3, 1}, {5, 1}, {258, 97}}) {
    ledger_.Grow(static_cast<size_t>(size));
    ASSERT_TRUE(Mirror().ok());
    for (const std::string& name : Files(folder_)) {
      const std::string good = folder_.Read(name);
      for (size_t i = 0; i < good.size(); i += static_cast<size_t>(step)) {
        // log.vkey may or may not end in a line feed.
        if (name == "log.vkey" && i + 1 == good.size()) continue;
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
        folder_.Write(name, bad);
        EXPECT_EQ(ExitCodeOf(Verify().status()), ExitCode::kVerificationFailed)
            << name << " byte " << i;
      }
      folder_.Write(name, good);
    }
    EXPECT_TRUE(Verify().ok());
  }
}

TEST_F(MirrorTest, VerifyNoticesFilesCutOrMissing) {
  ledger_.Grow(258);
  ASSERT_TRUE(Mirror().ok());
  for (const std::string& name : Files(folder_)) {
    const std::string good = folder_.Read(name);
    folder_.Write(name, good.substr(0, good.size() - 2));
    EXPECT_EQ(ExitCodeOf(Verify().status()), ExitCode::kVerificationFailed)
        << name;
    if (absl::StartsWith(name, "tile")) {
      std::filesystem::remove(folder_ / name);
      EXPECT_THAT(FromStatus(Verify().status()).what, HasSubstr("is missing"))
          << name;
    }
    folder_.Write(name, good);
  }
}

TEST_F(MirrorTest, KeepsEveryCheckpointThatItSaw) {
  for (const size_t size : {3, 10, 300}) {
    ledger_.Grow(size);
    ASSERT_TRUE(Mirror().ok());
    ASSERT_TRUE(Mirror().ok());
  }
  EXPECT_EQ(folder_.Read("checkpoints/10"), ledger_.Checkpoint(10));
  EXPECT_EQ(Verify()->checkpoints, 3u);
}

TEST_F(MirrorTest, KeepsWhatWitnessesCosigned) {
  const TestCosigner one("w.example/1"), two("w.example/2");
  const absl::Time then = absl::FromUnixSeconds(1'790'000'000);
  ledger_.Grow(7);
  const std::string seven = ledger_.Checkpoint(7);
  ledger_.witnessed = seven + one.Line(seven, then);
  ASSERT_TRUE(Mirror().ok());
  EXPECT_EQ(folder_.Read("checkpoint"), ledger_.witnessed);
  EXPECT_EQ(folder_.Read("checkpoints/7"), ledger_.witnessed);
  // A later line of the same witness takes the place of its first.
  const std::string later = one.Line(seven, then + absl::Seconds(1));
  ledger_.witnessed = seven + later + two.Line(seven, then);
  ledger_.Grow(9);
  ASSERT_TRUE(Mirror().ok());
  EXPECT_EQ(folder_.Read("checkpoint"), ledger_.Checkpoint(9));
  EXPECT_EQ(folder_.Read("checkpoints/7"), ledger_.witnessed);
  // What the keeper does not show again is not lost.
  ledger_.witnessed = seven + later;
  ASSERT_TRUE(Mirror().ok());
  EXPECT_THAT(folder_.Read("checkpoints/7"), HasSubstr("w.example/2"));
  EXPECT_TRUE(Verify().ok());
}

TEST_F(MirrorTest, RefusesALedgerThatWitnessesSawOtherwise) {
  FakeLedger fork("broker.test/ledgers/pact", ledger_.signing_key());
  fork.Append(FakeLedger::Line(1));
  ledger_.Grow(5);
  ledger_.witnessed = fork.Checkpoint(1);
  const absl::Status status = Mirror().status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::kVerificationFailed);
  EXPECT_THAT(FromStatus(status).what, HasSubstr("witnesses saw"));
  ledger_.witnessed = FakeLedger("broker.test/ledgers/pact").Checkpoint(0);
  EXPECT_EQ(ExitCodeOf(Mirror().status()), ExitCode::kVerificationFailed);
}

TEST_F(MirrorTest, VerifyHoldsTheLedgerToEveryCheckpointKept) {
  ledger_.Grow(10);
  ASSERT_TRUE(Mirror().ok());
  FakeLedger other("broker.test/ledgers/pact", ledger_.signing_key());
  for (int i = 0; i < 12; ++i) other.Append(FakeLedger::Line(i));
  folder_.Write("checkpoints/4", other.Checkpoint(4));
  EXPECT_EQ(FromStatus(Verify().status()).what,
            "the ledger does not continue checkpoints/4");
  folder_.Write("checkpoints/4", ledger_.Checkpoint(5));
  EXPECT_EQ(FromStatus(Verify().status()).what, "checkpoints/4 was altered");
  std::filesystem::remove(folder_ / "checkpoints/4");
  folder_.Write("checkpoints/12", other.Checkpoint(12));
  EXPECT_THAT(FromStatus(Verify().status()).why, HasSubstr("put back"));
  std::filesystem::remove(folder_ / "checkpoints/12");
  folder_.Write("checkpoints/notes", "x");
  EXPECT_EQ(ExitCodeOf(Verify().status()), ExitCode::kVerificationFailed);
}

TEST_F(MirrorTest, VerifyNoticesStrangersAmongTheTiles) {
  ledger_.Grow(2);
  ASSERT_TRUE(Mirror().ok());
  folder_.Write("tile/0/notes.txt", "x");
  EXPECT_EQ(ExitCodeOf(Verify().status()), ExitCode::kVerificationFailed);
}

TEST_F(MirrorTest, VerifyNamesTheEntryAndTheFile) {
  ledger_.Grow(258);
  ASSERT_TRUE(Mirror().ok());
  std::string bundle = folder_.Read("tile/entries/001.p/2");
  bundle[bundle.size() - 5] ^= 1;
  folder_.Write("tile/entries/001.p/2", bundle);
  EXPECT_EQ(FromStatus(Verify().status()).what,
            "entry 257 in tile/entries/001.p/2 was altered");
}

TEST_F(MirrorTest, VerifyRefusesAnEntryThatIsNoLedgerEntry) {
  ledger_.Append("hello");
  ASSERT_TRUE(Mirror().ok());
  EXPECT_THAT(FromStatus(Verify().status()).what,
              HasSubstr("entry 0 in tile/entries/000.p/1 is no ledger entry"));
}

TEST_F(MirrorTest, VerifyReportsTimesThatGoBackwards) {
  ledger_.Append(FakeLedger::Line(100));
  ledger_.Append(FakeLedger::Line(99));
  ledger_.Append(FakeLedger::Line(100));
  ASSERT_TRUE(Mirror().ok());
  EXPECT_THAT(Verify()->warnings,
              testing::ElementsAre(HasSubstr("entry 1: its time")));
}

TEST_F(MirrorTest, VerifyNeedsThePinnedKeyAndSaysWhenThereIsNone) {
  ledger_.Grow(2);
  ASSERT_TRUE(Mirror().ok());
  FakeLedger other("broker.test/ledgers/pact");
  EXPECT_EQ(ExitCodeOf(VerifyMirror(folder_.path(), other.key()).status()),
            ExitCode::kVerificationFailed);
  EXPECT_THAT(VerifyMirror(folder_.path(), std::nullopt)->not_checked,
              SizeIs(3));
  EXPECT_THAT(Verify()->not_checked, SizeIs(2));
}

TEST_F(MirrorTest, VerifySaysWhenThereIsNoMirror) {
  EXPECT_EQ(FromStatus(Verify().status()).code, "NO_MIRROR");
}

}  // namespace
}  // namespace entente::client
