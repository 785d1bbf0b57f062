#include "client/ledger_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/error.h"
#include "client/fake_ledger.h"
#include "client/local_store.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using policy::EntryKind;

ExitCode ExitOf(const absl::Status& status) {
  return status.ok() ? ExitCode::kOk : FromStatus(status).exit;
}

class LedgerViewTest : public testing::Test {
 protected:
  LedgerViewTest() {
    for (size_t i = 0; i < 5; ++i)
      ledger_.Append(FakeLedger::Line(static_cast<int64_t>(i), kMine));
  }
  std::vector<crypto::Hash> Proof(uint64_t from, uint64_t to) {
    return *ledger_.tree().ProveConsistency(from, to);
  }
  absl::Status Accept(uint64_t size) {
    const KeptCheckpoint known = *view_.Known();
    return view_
        .Accept(known, ledger_.Checkpoint(size), Proof(known.size, size))
        .status();
  }
  absl::StatusOr<VerifiedReceipt> Receipt(absl::string_view proof) {
    return view_.AcceptReceipt(*view_.Known(),
                               {"pact", ledger_.entry(2), proof, {}},
                               EntryKind::kBatch, kMine);
  }

  const crypto::Hash kMine = crypto::Sha256("mine");
  TestFolder folder_;
  std::unique_ptr<LocalStore> store_ =
      *LocalStore::Open(folder_ / "store.db", *crypto::Secret::Random(32));
  FakeLedger ledger_{"broker.test/ledgers/pact"};
  LedgerView view_{&store_->knowledge(), "pact", ledger_.key()};
};

TEST_F(LedgerViewTest, KnowsNothingAtFirst) {
  EXPECT_EQ(view_.Known()->size, 0u);
  EXPECT_EQ(view_.Known()->root, crypto::EmptyRoot());
}

TEST_F(LedgerViewTest, KeepsWhatExtends) {
  EXPECT_TRUE(Accept(2).ok());
  EXPECT_TRUE(Accept(2).ok());
  EXPECT_TRUE(Accept(5).ok());
  EXPECT_EQ(view_.Known()->size, 5u);
  EXPECT_EQ(view_.Known()->note, ledger_.Checkpoint(5));
}

TEST_F(LedgerViewTest, RefusesASmallerLedger) {
  ASSERT_TRUE(Accept(5).ok());
  const absl::Status status =
      view_.Accept(*view_.Known(), ledger_.Checkpoint(4), {}).status();
  EXPECT_EQ(ExitOf(status), ExitCode::kVerificationFailed);
  EXPECT_EQ(view_.Known()->size, 5u);
}

TEST_F(LedgerViewTest, RefusesAForkAndABadProof) {
  ASSERT_TRUE(Accept(3).ok());
  const KeptCheckpoint known = *view_.Known();
  std::vector<crypto::Hash> proof = Proof(3, 5);
  for (crypto::Hash& hash : proof) {
    hash[7] ^= 1;
    EXPECT_EQ(
        ExitOf(view_.Accept(known, ledger_.Checkpoint(5), proof).status()),
        ExitCode::kVerificationFailed);
    hash[7] ^= 1;
  }
  EXPECT_EQ(ExitOf(view_.Accept(known, ledger_.Checkpoint(5), {}).status()),
            ExitCode::kVerificationFailed);
  EXPECT_EQ(view_.Known()->size, 3u);
}

TEST_F(LedgerViewTest, RefusesAnotherKeyAndAnotherOrigin) {
  FakeLedger other("broker.test/ledgers/pact");
  FakeLedger elsewhere("broker.test/ledgers/other");
  for (FakeLedger* bad : {&other, &elsewhere}) {
    bad->Grow(2);
    EXPECT_EQ(
        ExitOf(view_.Accept(*view_.Known(), bad->Checkpoint(2), {}).status()),
        ExitCode::kVerificationFailed);
  }
}

TEST_F(LedgerViewTest, AsksToRepeatWhenAnotherProcessWasFaster) {
  const KeptCheckpoint before = *view_.Known();
  ASSERT_TRUE(Accept(5).ok());
  EXPECT_TRUE(absl::IsUnavailable(
      view_.Accept(before, ledger_.Checkpoint(3), {}).status()));
}

TEST_F(LedgerViewTest, AcceptsAReceiptAndKeepsItsCheckpoint) {
  const auto receipt = Receipt(ledger_.Receipt(2, 5));
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->index, 2u);
  EXPECT_EQ(receipt->entry.subject, crypto::ToHex(kMine));
  EXPECT_EQ(view_.Known()->size, 5u);
}

TEST_F(LedgerViewTest, RefusesAReceiptWithAnyBitFlipped) {
  const std::string good = ledger_.Receipt(2, 5);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 7)));
    EXPECT_EQ(ExitOf(Receipt(bad).status()), ExitCode::kVerificationFailed)
        << "byte " << i;
  }
  EXPECT_EQ(view_.Known()->size, 0u);
}

TEST_F(LedgerViewTest, RefusesAnEntryAboutSomethingElse) {
  const KeptCheckpoint known = *view_.Known();
  const std::string proof = ledger_.Receipt(2, 5);
  EXPECT_EQ(
      ExitOf(view_
                 .AcceptReceipt(known, {"pact", ledger_.entry(2), proof, {}},
                                EntryKind::kBatch, crypto::Sha256("x"))
                 .status()),
      ExitCode::kVerificationFailed);
  EXPECT_EQ(
      ExitOf(view_
                 .AcceptReceipt(known, {"pact", ledger_.entry(2), proof, {}},
                                EntryKind::kDelivery, kMine)
                 .status()),
      ExitCode::kVerificationFailed);
  EXPECT_EQ(view_.Known()->size, 0u);
}

TEST_F(LedgerViewTest, AcceptsAnEntryOfItsKindWhateverItsSubject) {
  const KeptCheckpoint known = *view_.Known();
  const std::string proof = ledger_.Receipt(2, 5);
  EXPECT_EQ(
      ExitOf(view_
                 .AcceptEntry(known, {"pact", ledger_.entry(2), proof, {}},
                              EntryKind::kDelivery)
                 .status()),
      ExitCode::kVerificationFailed);
  EXPECT_EQ(view_.Known()->size, 0u);
  const auto entry = view_.AcceptEntry(
      known, {"pact", ledger_.entry(2), proof, {}}, EntryKind::kBatch);
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->index, 2u);
  EXPECT_EQ(view_.Known()->size, 5u);
}

// What follows is of a ledger that goes on as `pact.1`.
class LedgerPartsViewTest : public LedgerViewTest {
 protected:
  LedgerPartsViewTest() {
    next_.Append(FakeLedger::Line(9, kMine));
    next_.Append(FakeLedger::Line(10, kMine));
  }
  void GoOn() {
    ASSERT_TRUE(Accept(5).ok());
    const KeptCheckpoint known = *view_.Known();
    ASSERT_TRUE(
        store_->knowledge()
            .KeepContinuation(
                "pact", known,
                {known, {1, *next_.tree().RootAt(1), next_.Checkpoint(1), 1}})
            .ok());
  }
  absl::StatusOr<VerifiedReceipt> Shown(const std::string& part,
                                        FakeLedger& log, uint64_t index) {
    const uint64_t size = log.tree().size();
    const KeptCheckpoint known = *view_.Known();
    const std::string proof = log.Receipt(index, size);
    const std::string entry = log.entry(index);
    const auto consistency = known.size <= size
                                 ? log.tree().ProveConsistency(known.size, size)
                                 : absl::StatusOr<std::vector<crypto::Hash>>(
                                       std::vector<crypto::Hash>());
    return view_.AcceptReceipt(known, {part, entry, proof, *consistency},
                               EntryKind::kBatch, kMine);
  }

  FakeLedger next_{"broker.test/ledgers/pact.1", ledger_.signing_key()};
};

TEST_F(LedgerPartsViewTest, APartThatIsNotVerifiedYetIsToBeTriedAgain) {
  const absl::Status shown = Shown("pact.1", next_, 1).status();
  EXPECT_TRUE(absl::IsUnavailable(shown));
  EXPECT_EQ(FromStatus(shown).code, "LEDGER_CONTINUED");
  EXPECT_EQ(view_.Known()->size, 0u);
}

TEST_F(LedgerPartsViewTest, GoesOnInThePartThatWasVerified) {
  GoOn();
  EXPECT_EQ(view_.Known()->part, 1u);
  EXPECT_EQ(view_.Known()->size, 1u);
  const auto receipt = Shown("pact.1", next_, 1);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(view_.Known()->size, 2u);
  EXPECT_EQ(view_.KnownOf(0)->size, 5u);
}

TEST_F(LedgerPartsViewTest, AClosedPartIsWhatItWasClosedWith) {
  GoOn();
  EXPECT_TRUE(Shown("pact", ledger_, 2).ok());
  EXPECT_EQ(view_.Known()->part, 1u);
  ledger_.Append(FakeLedger::Line(6, kMine));
  EXPECT_EQ(ExitOf(Shown("pact", ledger_, 2).status()),
            ExitCode::kVerificationFailed);
  const std::string early = ledger_.Receipt(2, 4);
  EXPECT_EQ(ExitOf(view_
                       .AcceptReceipt(*view_.Known(),
                                      {"pact", ledger_.entry(2), early, {}},
                                      EntryKind::kBatch, kMine)
                       .status()),
            ExitCode::kVerificationFailed);
}

TEST_F(LedgerPartsViewTest, AReceiptOfAnotherLedgerIsRefused) {
  GoOn();
  for (const char* part : {"other", "pact.01", "pact.x", "broker"}) {
    EXPECT_EQ(ExitOf(Shown(part, next_, 1).status()),
              ExitCode::kVerificationFailed)
        << part;
  }
  // A part's name does not make its proof.
  EXPECT_EQ(ExitOf(Shown("pact", next_, 1).status()),
            ExitCode::kVerificationFailed);
  EXPECT_EQ(ExitOf(Shown("pact.1", ledger_, 1).status()),
            ExitCode::kVerificationFailed);
}

// It had its answer before the broker was restored, and kept it after another
// process had followed the ledger into the new part.
TEST_F(LedgerPartsViewTest, AProcessThatSawMoreOfAClosedPartSaysSo) {
  const KeptCheckpoint before = *view_.Known();
  GoOn();
  ledger_.Append(FakeLedger::Line(6, kMine));
  const std::string proof = ledger_.Receipt(5, 6);
  EXPECT_EQ(
      ExitOf(view_
                 .AcceptReceipt(before, {"pact", ledger_.entry(5), proof, {}},
                                EntryKind::kBatch, kMine)
                 .status()),
      ExitCode::kVerificationFailed);
  EXPECT_EQ(view_.KnownOf(0)->size, 5u);
}

TEST_F(LedgerViewTest, OpensAReceiptWithoutAStoreUnderThePinnedKeyAlone) {
  const std::string proof = ledger_.Receipt(2, 5);
  EXPECT_TRUE(
      OpenReceipt(ledger_.key(), ledger_.entry(2), proof, EntryKind::kBatch)
          .ok());
  for (const auto& [key, entry, kind] :
       {std::tuple(FakeLedger("broker.test/ledgers/pact").key(),
                   ledger_.entry(2), EntryKind::kBatch),
        std::tuple(ledger_.key(), ledger_.entry(1) + " ", EntryKind::kBatch),
        std::tuple(ledger_.key(), ledger_.entry(2), EntryKind::kKeyBundle)}) {
    EXPECT_EQ(ExitOf(OpenReceipt(key, entry, proof, kind).status()),
              ExitCode::kVerificationFailed);
  }
}

TEST_F(LedgerViewTest, MakesTheKeyFromThePinnedOne) {
  ProfileSettings settings{.agency = "wessex",
                           .role = ProfileRole::kAuditor,
                           .trust_domain = "test",
                           .broker_address = "localhost:1",
                           .broker_name = "broker.test"};
  const crypto::NoteKey key = ledger_.key();
  std::copy(key.key().bytes().begin(), key.key().bytes().end(),
            settings.ledger_key.begin());
  const Profile profile = *Profile::Create(folder_ / "p", settings);
  EXPECT_EQ(LedgerKey(profile, "pact")->ToString(), key.ToString());
}

}  // namespace
}  // namespace entente::client
