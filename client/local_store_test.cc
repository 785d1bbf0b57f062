#include "client/local_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "client/error.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const PseudonymScope kScope = {"pact", "nhs/1", 0};

class LocalStoreTest : public testing::Test {
 protected:
  LocalStoreTest() { Reopen(); }
  void Reopen() {
    store_ = nullptr;
    auto opened = LocalStore::Open(folder_ / "store.db", key_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  TestFolder folder_;
  const crypto::Secret key_ = *crypto::Secret::Random(32);
  std::unique_ptr<LocalStore> store_;
};

TEST_F(LocalStoreTest, IsForItsOwnerOnly) {
  EXPECT_EQ(folder_.Mode("store.db"), 0600u);
  EXPECT_EQ(folder_.Mode("store.db-wal"), 0600u);
}

TEST_F(LocalStoreTest, RefusesAnotherTableKeyAndAnotherVersion) {
  store_ = nullptr;
  EXPECT_TRUE(absl::IsDataLoss(
      LocalStore::Open(folder_ / "store.db", *crypto::Secret::Random(32))
          .status()));
  {
    auto database = *Database::Open(folder_ / "store.db");
    ASSERT_TRUE(database->Execute("PRAGMA user_version = 7").ok());
  }
  EXPECT_TRUE(absl::IsFailedPrecondition(
      LocalStore::Open(folder_ / "store.db", key_).status()));
  folder_.Write("broken.db", "this is no database at all, but long enough");
  const absl::Status broken =
      LocalStore::Open(folder_ / "broken.db", key_).status();
  EXPECT_TRUE(absl::IsDataLoss(broken)) << broken;
  EXPECT_EQ(FromStatus(broken).code, "LOCAL_STORE_DAMAGED");
  EXPECT_THAT(FromStatus(broken).next, HasSubstr("backup"));
}

TEST_F(LocalStoreTest, AStoreOfTheVersionBeforeIsBroughtUpToDate) {
  ASSERT_TRUE(store_->knowledge()
                  .KeepCheckpoint("pact", {5, crypto::Sha256("5"), "note 5"})
                  .ok());
  store_ = nullptr;
  {
    auto database = *Database::Open(folder_ / "store.db");
    ASSERT_TRUE(
        database->Execute("DROP TABLE lost_view; PRAGMA user_version = 2")
            .ok());
  }
  auto opened = LocalStore::Open(folder_ / "store.db", key_);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ((*(*opened)->knowledge().Checkpoint("pact"))->size, 5u);
  EXPECT_TRUE((*opened)->knowledge().LostViews("pact")->empty());
}

TEST_F(LocalStoreTest, FindsPseudonymsBothWaysAfterReopening) {
  const crypto::Point a = *crypto::Point::Random();
  const crypto::Point b = *crypto::Point::Random();
  ASSERT_TRUE(store_->pseudonyms()
                  .Add(kScope, {{"9434765919", a, "P2"},
                                {"9434765919", a, "P1"},
                                {"9434765870", b, "P3"}})
                  .ok());
  Reopen();
  PseudonymTable& table = store_->pseudonyms();
  EXPECT_EQ(**table.Find(kScope, "9434765919"), a);
  EXPECT_EQ(*table.Find(kScope, "0"), std::nullopt);
  EXPECT_THAT(*table.ReferencesOf(kScope, a), ElementsAre("P1", "P2"));
  EXPECT_THAT(*table.ReferencesOf(kScope, *crypto::Point::Random()), IsEmpty());
  EXPECT_EQ(*table.Count(kScope), 3u);
  EXPECT_THAT(*table.All(kScope), SizeIs(3));
}

TEST_F(LocalStoreTest, AddingAgainReplaces) {
  const crypto::Point a = *crypto::Point::Random();
  const crypto::Point b = *crypto::Point::Random();
  PseudonymTable& table = store_->pseudonyms();
  ASSERT_TRUE(table.Add(kScope, {{"1", a, "P"}}).ok());
  ASSERT_TRUE(table.Add(kScope, {{"1", b, "P"}}).ok());
  EXPECT_EQ(*table.Count(kScope), 1u);
  EXPECT_EQ(**table.Find(kScope, "1"), b);
  EXPECT_THAT(*table.ReferencesOf(kScope, a), IsEmpty());
}

TEST_F(LocalStoreTest, ScopesAreApart) {
  const crypto::Point a = *crypto::Point::Random();
  PseudonymTable& table = store_->pseudonyms();
  ASSERT_TRUE(table.Add(kScope, {{"1", a, "P"}}).ok());
  for (const PseudonymScope& other :
       {PseudonymScope{"pact", "nhs/1", 1}, PseudonymScope{"pact", "pnc/1", 0},
        PseudonymScope{"other", "nhs/1", 0}}) {
    EXPECT_EQ(*table.Find(other, "1"), std::nullopt);
    EXPECT_THAT(*table.ReferencesOf(other, a), IsEmpty());
    ASSERT_TRUE(table.Erase(other).ok());
  }
  EXPECT_EQ(*table.Count(kScope), 1u);
  ASSERT_TRUE(table.Erase(kScope).ok());
  EXPECT_EQ(*table.Count(kScope), 0u);
}

TEST_F(LocalStoreTest, NothingAboutAPersonStandsInTheFile) {
  const crypto::Point a = *crypto::Point::Random();
  const std::string element(a.bytes().begin(), a.bytes().end());
  const crypto::Secret pepper = *crypto::Secret::Random(32);
  const std::string secret(pepper.Expose().begin(), pepper.Expose().end());
  ASSERT_TRUE(
      store_->pseudonyms().Add(kScope, {{"9434765919", a, "CUST-77"}}).ok());
  ASSERT_TRUE(store_->knowledge().KeepPepper("pact", 1, pepper).ok());
  ASSERT_TRUE(store_->pseudonyms()
                  .PutPending({"req", "pact", {'B', 'L', 'I', 'N', 'D', 'S'}})
                  .ok());
  store_ = nullptr;
  const std::string file =
      folder_.Read("store.db") + folder_.Read("store.db-wal");
  EXPECT_TRUE(absl::StrContains(file, "pact"));
  for (const std::string& hidden :
       {element, secret, std::string("9434765919"), std::string("CUST-77"),
        std::string("BLINDS")}) {
    EXPECT_FALSE(absl::StrContains(file, hidden));
  }
}

TEST_F(LocalStoreTest, AnAlteredOrMovedRowDoesNotOpen) {
  ASSERT_TRUE(store_->knowledge()
                  .KeepPepper("pact", 1, *crypto::Secret::Random(32))
                  .ok());
  auto database = *Database::Open(folder_ / "store.db");
  ASSERT_TRUE(database->Execute("UPDATE pepper SET generation = 2").ok());
  EXPECT_TRUE(absl::IsDataLoss(store_->knowledge().Pepper("pact", 2).status()));
  ASSERT_TRUE(database
                  ->Execute("UPDATE pepper SET generation = 1,"
                            " sealed = substr(sealed, 1, 10)")
                  .ok());
  EXPECT_TRUE(absl::IsDataLoss(store_->knowledge().Pepper("pact", 1).status()));
}

TEST_F(LocalStoreTest, PendingEnrolmentsWaitUntilDropped) {
  PseudonymTable& table = store_->pseudonyms();
  ASSERT_TRUE(table.PutPending({"r2", "pact", {2}}).ok());
  ASSERT_TRUE(table.PutPending({"r1", "pact", {1}}).ok());
  ASSERT_TRUE(table.PutPending({"r3", "other", {3}}).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(table.PutPending({"r1", "pact", {9}})));
  const auto pending = *table.Pending("pact");
  ASSERT_THAT(pending, SizeIs(2));
  EXPECT_EQ(pending[0].request_id, "r2");
  EXPECT_EQ(pending[1].state, crypto::Bytes{1});
  ASSERT_TRUE(table.DropPending("r2").ok());
  EXPECT_THAT(*table.Pending("pact"), SizeIs(1));
}

TEST_F(LocalStoreTest, CheckpointsOnlyGrow) {
  KnowledgeTable& table = store_->knowledge();
  EXPECT_EQ(*table.Checkpoint("pact"), std::nullopt);
  const KeptCheckpoint five = {5, crypto::Sha256("5"), "note 5"};
  ASSERT_TRUE(table.KeepCheckpoint("pact", five).ok());
  ASSERT_TRUE(
      table.KeepCheckpoint("pact", {4, crypto::Sha256("4"), "note 4"}).ok());
  EXPECT_EQ(**table.Checkpoint("pact"), five);
  EXPECT_TRUE(absl::IsDataLoss(
      table.KeepCheckpoint("pact", {5, crypto::Sha256("fork"), "fork"})));
  Reopen();
  EXPECT_EQ(**store_->knowledge().Checkpoint("pact"), five);
}

TEST_F(LocalStoreTest, OneManifestIsPinnedAndTheOthersAreKept) {
  KnowledgeTable& table = store_->knowledge();
  EXPECT_EQ(*table.PinnedManifest("pact"), std::nullopt);
  const crypto::Bytes one = {1};
  const crypto::Bytes two = {2};
  ASSERT_TRUE(table.PinManifest("pact", one).ok());
  ASSERT_TRUE(table.PinManifest("pact", two).ok());
  EXPECT_EQ(**table.PinnedManifest("pact"), two);
  EXPECT_EQ(**table.ManifestOf("pact", crypto::Sha256(one)), one);
  EXPECT_EQ(*table.ManifestOf("other", crypto::Sha256(one)), std::nullopt);
}

TEST_F(LocalStoreTest, TheFirstPepperWins) {
  KnowledgeTable& table = store_->knowledge();
  EXPECT_TRUE(absl::IsNotFound(table.Pepper("pact", 1).status()));
  const crypto::Secret pepper = *crypto::Secret::Random(32);
  ASSERT_TRUE(table.KeepPepper("pact", 1, pepper).ok());
  EXPECT_TRUE(table.KeepPepper("pact", 1, pepper).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(
      table.KeepPepper("pact", 1, *crypto::Secret::Random(32))));
  EXPECT_EQ(table.Pepper("pact", 1)->Expose(), pepper.Expose());
}

OutgoingBatch Batch(uint8_t id) {
  OutgoingBatch batch;
  batch.batch_id = {id};
  batch.agreement = "pact";
  batch.recipient = "mercia";
  batch.header = {1, 2};
  batch.enc = {3};
  batch.digest = crypto::Sha256("digest");
  batch.chunks = {{256, {4}, {5, 6}, {7}}, {2, {}, {8}, {9}}};
  return batch;
}

TEST_F(LocalStoreTest, OutgoingBatchesComeBackVerbatim) {
  ASSERT_TRUE(store_->exchange().PutOutgoing(Batch(2)).ok());
  ASSERT_TRUE(store_->exchange().PutOutgoing(Batch(1)).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(store_->exchange().PutOutgoing(Batch(1))));
  ASSERT_TRUE(store_->exchange().MarkStaged({2}, 1).ok());
  ASSERT_TRUE(store_->exchange().MarkStaged({2}, 0).ok());
  Reopen();
  ExchangeTable& table = store_->exchange();
  EXPECT_THAT(*table.Unfinished("pact"), ElementsAre(BatchId{2}, BatchId{1}));
  EXPECT_THAT(*table.Unfinished("other"), IsEmpty());
  const OutgoingBatch batch = *table.Outgoing({2});
  EXPECT_EQ(batch.staged, 1u);
  EXPECT_EQ(batch.state, OutgoingState::kStored);
  EXPECT_EQ(batch.recipient, "mercia");
  EXPECT_EQ(batch.header, Batch(2).header);
  EXPECT_EQ(batch.enc, Batch(2).enc);
  EXPECT_EQ(batch.digest, Batch(2).digest);
  ASSERT_THAT(batch.chunks, SizeIs(2));
  EXPECT_EQ(batch.chunks[0].count, 256u);
  EXPECT_EQ(batch.chunks[0].sealed, (crypto::Bytes{5, 6}));
  EXPECT_EQ(batch.chunks[1].signature, crypto::Bytes{9});
}

// A sender stores a batch before a byte of it leaves.
TEST_F(LocalStoreTest, AFullDiskTakesNoBatchAndRoomLetsItGoOn) {
  auto database = *Database::Open(folder_ / "store.db");
  ExchangeTable table(database.get());
  const auto limit = [&](const std::string& pages) {
    return database->Query("PRAGMA max_page_count = " + pages).Step().ok();
  };
  OutgoingBatch large = Batch(2);
  large.chunks[0].sealed.resize(1 << 20);
  ASSERT_TRUE(table.PutOutgoing(Batch(1)).ok());
  ASSERT_TRUE(limit("60"));
  for (int i = 0; i < 2; ++i) {
    const absl::Status refused = table.PutOutgoing(large);
    const Failure failure = FromStatus(refused);
    EXPECT_EQ(failure.code, "LOCAL_DISK_FULL") << refused;
    EXPECT_EQ(failure.exit, ExitCode::kUnavailable);
    EXPECT_THAT(failure.what, HasSubstr(folder_ / "store.db"));
    EXPECT_THAT(failure.next, HasSubstr("free space"));
    EXPECT_TRUE(absl::IsNotFound(table.Outgoing({2}).status()));
    EXPECT_THAT(*table.Unfinished("pact"), ElementsAre(BatchId{1}));
  }
  ASSERT_TRUE(limit("100000"));
  EXPECT_TRUE(table.PutOutgoing(large).ok());
  Reopen();
  EXPECT_THAT(*store_->exchange().Unfinished("pact"),
              ElementsAre(BatchId{1}, BatchId{2}));
}

TEST_F(LocalStoreTest, AStoreThatAnotherProcessHoldsIsSaidToBeBusy) {
  auto holder = *Database::Open(folder_ / "store.db");
  auto other = *Database::Open(folder_ / "store.db");
  ASSERT_TRUE(other->Execute("PRAGMA busy_timeout = 0").ok());
  const auto held = Transaction::Begin(holder.get());
  ASSERT_TRUE(held.ok()) << held.status();
  const absl::Status busy = ExchangeTable(other.get()).PutOutgoing(Batch(1));
  const Failure failure = FromStatus(busy);
  EXPECT_EQ(failure.code, "LOCAL_STORE_BUSY") << busy;
  EXPECT_EQ(failure.exit, ExitCode::kUnavailable);
  EXPECT_THAT(failure.next, HasSubstr("other one has ended"));
}

TEST_F(LocalStoreTest, FinishedBatchesKeepTheReceiptAndDropTheChunks) {
  ExchangeTable& table = store_->exchange();
  ASSERT_TRUE(table.PutOutgoing(Batch(1)).ok());
  ASSERT_TRUE(table.PutOutgoing(Batch(2)).ok());
  ASSERT_TRUE(table.MarkAccepted({1}, "receipt").ok());
  ASSERT_TRUE(table.MarkRefused({2}).ok());
  EXPECT_THAT(*table.Unfinished("pact"), IsEmpty());
  EXPECT_EQ(table.Outgoing({1})->receipt, "receipt");
  EXPECT_EQ(table.Outgoing({1})->state, OutgoingState::kAccepted);
  EXPECT_THAT(table.Outgoing({1})->chunks, IsEmpty());
  EXPECT_EQ(table.Outgoing({2})->state, OutgoingState::kRefused);
  for (const absl::Status& status :
       {table.Outgoing({3}).status(), table.MarkAccepted({3}, ""),
        table.MarkRefused({3}), table.MarkStaged({3}, 1)}) {
    EXPECT_TRUE(absl::IsNotFound(status));
  }
}

TEST_F(LocalStoreTest, ABatchIsHandedOverOnce) {
  ReceivedBatch batch;
  batch.agreement = "pact";
  batch.sender = "wessex";
  batch.batch_id = {7};
  batch.digest = crypto::Sha256("d");
  EXPECT_TRUE(absl::IsNotFound(store_->exchange().MarkHandedOver(batch, {1})));
  EXPECT_EQ(*store_->exchange().PutReceived(batch), ReceivedState::kArrived);
  Reopen();
  ExchangeTable& table = store_->exchange();
  EXPECT_EQ(*table.PutReceived(batch), ReceivedState::kArrived);
  ASSERT_TRUE(table.MarkHandedOver(batch, {1, 2}).ok());
  EXPECT_EQ(*table.PutReceived(batch), ReceivedState::kHandedOver);
  ASSERT_TRUE(table.MarkAcknowledged(batch, "receipt").ok());
  ASSERT_TRUE(table.MarkHandedOver(batch, {1, 2}).ok());
  EXPECT_EQ(*table.PutReceived(batch), ReceivedState::kAcknowledged);
  const auto received = *table.Received("pact");
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].delivery, (crypto::Bytes{1, 2}));
  EXPECT_EQ(received[0].receipt, "receipt");
  EXPECT_EQ(received[0].digest, batch.digest);
  batch.digest[0] ^= 1;
  EXPECT_TRUE(absl::IsAlreadyExists(table.PutReceived(batch).status()));
  batch.sender = "mercia";
  EXPECT_EQ(*table.PutReceived(batch), ReceivedState::kArrived);
}

}  // namespace
}  // namespace entente::client
