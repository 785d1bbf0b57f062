#include "client/ledger_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "client/fake_ledger.h"
#include "client/mirror.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kPactOrigin[] = "broker.test/ledgers/pact";

class LedgerComparisonTest : public testing::Test {
 protected:
  void MirrorInto(FakeLedger& ledger, const std::string& name, size_t size) {
    ledger.Grow(size);
    const auto mirrored = MirrorLedger(ledger, folder_ / name, ledger.key());
    ASSERT_TRUE(mirrored.ok()) << mirrored.status();
  }
  // Shares the first three entries with `ledger_`.
  FakeLedger Fork() {
    FakeLedger fork(kPactOrigin, ledger_.signing_key());
    fork.Grow(3);
    for (int i = 0; i < 4; ++i) fork.Append(FakeLedger::Line(5000 + i));
    return fork;
  }
  absl::StatusOr<LedgerComparison> Compare(const std::string& other) {
    const auto reports = VerifyParts(folder_ / "m", std::nullopt);
    EXPECT_TRUE(reports.ok()) << reports.status();
    return CompareLedgers(*reports, folder_ / other);
  }
  static std::string CodeOf(const absl::Status& status) {
    return status.ok() ? "" : FromStatus(status).code;
  }
  static std::string Head(absl::string_view origin, uint64_t size,
                          const crypto::Hash& root) {
    policy::LedgerEntry entry;
    entry.time = absl::FromUnixSeconds(1);
    entry.kind = policy::EntryKind::kLedgerRecorded;
    entry.outcome = policy::Outcome::kAllow;
    entry.subject = crypto::ToHex(root);
    entry.detail = {{"origin", std::string(origin)},
                    {"size", absl::StrCat(size)}};
    return *policy::SerialiseEntry(entry);
  }

  FakeLedger ledger_{kPactOrigin};
  TestFolder folder_;
};

TEST_F(LedgerComparisonTest, AnotherMirrorOfTheSameLedgerFitsWhicheverIsOlder) {
  for (const size_t size : {3, 10, 300}) {
    MirrorInto(ledger_, absl::StrCat("other", size), size);
  }
  FakeLedger mine(kPactOrigin, ledger_.signing_key());
  for (size_t i = 0; i < 10; ++i) mine.Append(ledger_.entry(i));
  MirrorInto(mine, "m", 10);
  for (const size_t size : {3, 10, 300}) {
    const auto compared = Compare(absl::StrCat("other", size));
    ASSERT_TRUE(compared.ok()) << compared.status();
    EXPECT_EQ(compared->compared, 1u);
    EXPECT_THAT(compared->not_checked, IsEmpty());
  }
}

TEST_F(LedgerComparisonTest, AForkIsProvedByTwoMirrors) {
  FakeLedger fork = Fork();
  for (const size_t size : {4, 7, 12}) {
    MirrorInto(fork, absl::StrCat("fork", size), fork.tree().size());
    fork.Grow(fork.tree().size() + 3);
  }
  MirrorInto(ledger_, "m", 8);
  for (const size_t size : {4, 7, 12}) {
    const absl::Status compared = Compare(absl::StrCat("fork", size)).status();
    EXPECT_EQ(CodeOf(compared), "TWO_HISTORIES") << compared;
    EXPECT_EQ(FromStatus(compared).exit, ExitCode::kVerificationFailed);
  }
}

TEST_F(LedgerComparisonTest, CheckpointsAndProofsAreComparedToo) {
  MirrorInto(ledger_, "m", 8);
  folder_.Write("checkpoint", ledger_.Checkpoint(5));
  EXPECT_EQ(Compare("checkpoint")->compared, 1u);
  folder_.Write("proof", ledger_.Receipt(2, 7));
  EXPECT_EQ(Compare("proof")->compared, 1u);
  FakeLedger fork = Fork();
  folder_.Write("checkpoint", fork.Checkpoint(7));
  EXPECT_EQ(CodeOf(Compare("checkpoint").status()), "TWO_HISTORIES");
  folder_.Write("proof", fork.Receipt(5, 6));
  EXPECT_EQ(CodeOf(Compare("proof").status()), "TWO_HISTORIES");
  folder_.Write("checkpoint", fork.Checkpoint(3));
  EXPECT_EQ(Compare("checkpoint")->compared, 1u) << "so far they are one";
}

TEST_F(LedgerComparisonTest, SaysWhatItCannotTell) {
  MirrorInto(ledger_, "m", 8);
  ledger_.Grow(9);
  folder_.Write("checkpoint", ledger_.Checkpoint(9));
  const auto compared = Compare("checkpoint");
  ASSERT_TRUE(compared.ok()) << compared.status();
  EXPECT_EQ(compared->compared, 0u);
  EXPECT_THAT(compared->not_checked, ElementsAre(HasSubstr("mirror again")));
}

TEST_F(LedgerComparisonTest, HoldsTheLedgerAgainstTheBrokersOwn) {
  MirrorInto(ledger_, "m", 8);
  FakeLedger own("broker.test/ledgers/broker", ledger_.signing_key());
  own.Append(Head(kPactOrigin, 2, *ledger_.tree().RootAt(2)));
  own.Append(Head("broker.test/ledgers/other", 2, crypto::Hash()));
  own.Append(Head(kPactOrigin, 8, *ledger_.tree().RootAt(8)));
  MirrorInto(own, "own", 3);
  EXPECT_EQ(Compare("own")->compared, 2u);
  own.Append(Head(kPactOrigin, 90, crypto::Hash()));
  MirrorInto(own, "own", 4);
  EXPECT_THAT(Compare("own")->not_checked, ElementsAre(HasSubstr("90")));
  own.Append(Head(kPactOrigin, 5, *ledger_.tree().RootAt(6)));
  MirrorInto(own, "own", 5);
  EXPECT_EQ(CodeOf(Compare("own").status()), "TWO_HISTORIES");
}

TEST_F(LedgerComparisonTest, ABrokersLedgerThatNamesNoneSaysSo) {
  MirrorInto(ledger_, "m", 8);
  FakeLedger own("broker.test/ledgers/broker", ledger_.signing_key());
  MirrorInto(own, "own", 2);
  EXPECT_THAT(Compare("own")->not_checked,
              ElementsAre(HasSubstr("names no head of this ledger")));
}

TEST_F(LedgerComparisonTest, BelievesNothingThatAnotherKeySigned) {
  MirrorInto(ledger_, "m", 8);
  FakeLedger stranger(kPactOrigin);
  MirrorInto(stranger, "stranger", 8);
  EXPECT_TRUE(absl::IsDataLoss(Compare("stranger").status()));
  folder_.Write("checkpoint", stranger.Checkpoint(8));
  EXPECT_TRUE(absl::IsDataLoss(Compare("checkpoint").status()));
}

TEST_F(LedgerComparisonTest, RefusesWhatSaysNothingOfTheLedger) {
  MirrorInto(ledger_, "m", 8);
  FakeLedger other("broker.test/ledgers/other", ledger_.signing_key());
  MirrorInto(other, "other", 8);
  EXPECT_EQ(FromStatus(Compare("other").status()).exit, ExitCode::kUsage);
  folder_.Write("checkpoint", other.Checkpoint(8));
  EXPECT_EQ(FromStatus(Compare("checkpoint").status()).exit, ExitCode::kUsage);
  folder_.Write("checkpoint", "no checkpoint");
  EXPECT_EQ(FromStatus(Compare("checkpoint").status()).exit, ExitCode::kUsage);
  EXPECT_TRUE(absl::IsNotFound(Compare("absent").status()));
}

}  // namespace
}  // namespace entente::client
