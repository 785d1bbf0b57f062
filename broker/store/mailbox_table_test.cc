#include "broker/store/mailbox_table.h"

#include "broker/store/test_store.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

BatchRow Batch(uint8_t id) {
  BatchRow row;
  row.sender = "north";
  row.batch_id.assign(16, id);
  row.recipient = "south";
  row.agreement = "a";
  row.version = 3;
  row.flow = "crimes";
  row.header = {1, 2, 3};
  row.enc.assign(32, 9);
  row.created = kNow;
  row.not_after = kNow + absl::Hours(24);
  return row;
}

ChunkRow Chunk(uint32_t number, bool final) {
  ChunkRow chunk;
  chunk.number = number;
  chunk.final = final;
  chunk.records = 10;
  chunk.hash.assign(32, static_cast<uint8_t>(number));
  chunk.pseudonyms = {1};
  chunk.sealed = {2, 2};
  chunk.converted = {3, 3, 3};
  chunk.signature.assign(64, 4);
  return chunk;
}

class MailboxTableTest : public testing::Test {
 protected:
  void WithTable(absl::FunctionRef<void(MailboxTable&)> work) {
    EXPECT_TRUE(store_
                    .In([&](Transaction& transaction) {
                      MailboxTable table(transaction);
                      work(table);
                      return absl::OkStatus();
                    })
                    .ok());
  }
  static int64_t Complete(MailboxTable& table, uint8_t id) {
    const int64_t sequence = *table.Insert(Batch(id));
    EXPECT_TRUE(table.AddChunk(sequence, Chunk(0, true)).ok());
    EXPECT_TRUE(table.Complete(sequence, std::vector<uint8_t>(32, 0)).ok());
    return sequence;
  }
  TestStore store_;
};

TEST_F(MailboxTableTest, StagesChunksInOrder) {
  WithTable([](MailboxTable& table) {
    const int64_t sequence = *table.Insert(Batch(1));
    EXPECT_EQ(table.AddChunk(sequence, Chunk(1, false)).code(),
              absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(table.AddChunk(sequence, Chunk(0, false)).ok());
    EXPECT_EQ(table.AddChunk(sequence, Chunk(0, false)).code(),
              absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(table.AddChunk(sequence, Chunk(1, true)).ok());
    const auto batch = table.Find("north", Batch(1).batch_id);
    ASSERT_TRUE(batch.ok());
    EXPECT_EQ(batch->sequence, sequence);
    EXPECT_EQ(batch->state, BatchState::kStaged);
    EXPECT_EQ(batch->chunks, 2u);
    EXPECT_EQ(batch->records, 20u);
    EXPECT_EQ(batch->version, 3u);
    EXPECT_EQ(batch->header, Batch(1).header);
    EXPECT_EQ(batch->enc, Batch(1).enc);
    EXPECT_TRUE(batch->digest.empty());
    EXPECT_FALSE(batch->entry.has_value());
    EXPECT_EQ(batch->created, kNow);
    EXPECT_EQ(batch->not_after, kNow + absl::Hours(24));
    const auto chunk = table.GetChunk(sequence, 1);
    ASSERT_TRUE(chunk.ok());
    EXPECT_TRUE(chunk->final);
    EXPECT_EQ(chunk->hash, Chunk(1, true).hash);
    EXPECT_EQ(chunk->pseudonyms, Chunk(1, true).pseudonyms);
    EXPECT_EQ(chunk->sealed, Chunk(1, true).sealed);
    EXPECT_EQ(chunk->converted, Chunk(1, true).converted);
    EXPECT_TRUE(chunk->proof.empty());
    EXPECT_EQ(chunk->signature, Chunk(1, true).signature);
    EXPECT_EQ(table.GetChunk(sequence, 2).status().code(),
              absl::StatusCode::kNotFound);
  });
}

TEST_F(MailboxTableTest, OneBatchIdNamesOneBatchOfASender) {
  WithTable([](MailboxTable& table) {
    ASSERT_TRUE(table.Insert(Batch(1)).ok());
    EXPECT_EQ(table.Insert(Batch(1)).status().code(),
              absl::StatusCode::kAlreadyExists);
    BatchRow other = Batch(1);
    other.sender = "west";
    EXPECT_TRUE(table.Insert(other).ok());
    EXPECT_EQ(table.Find("east", other.batch_id).status().code(),
              absl::StatusCode::kNotFound);
  });
}

TEST_F(MailboxTableTest, WaitsFromTheLastChunkToTheDelivery) {
  WithTable([](MailboxTable& table) {
    const int64_t staged = *table.Insert(Batch(1));
    const int64_t first = Complete(table, 2);
    const int64_t second = Complete(table, 3);
    ASSERT_TRUE(table.SetEntry(first, 11).ok());
    EXPECT_LT(staged, first);
    EXPECT_EQ(*table.CountWaiting("south", "a"), 2u);
    EXPECT_EQ(*table.CountWaiting("south", "b"), 0u);
    EXPECT_EQ(*table.CountWaiting("north", "a"), 0u);
    const auto waiting = table.Waiting("south", "a", 0, 10);
    ASSERT_EQ(waiting->size(), 2u);
    EXPECT_EQ((*waiting)[0].sequence, first);
    EXPECT_EQ(*(*waiting)[0].entry, 11u);
    EXPECT_EQ((*waiting)[0].digest, std::vector<uint8_t>(32, 0));
    EXPECT_EQ(table.Waiting("south", "a", first, 10)->front().sequence, second);
    EXPECT_EQ(table.Waiting("south", "a", 0, 1)->size(), 1u);

    const DeliveryRow delivery = {std::vector<uint8_t>(32, 5),
                                  std::vector<uint8_t>(64, 6), absl::nullopt,
                                  kNow};
    EXPECT_EQ(table.GetDelivery(first).status().code(),
              absl::StatusCode::kNotFound);
    ASSERT_TRUE(table.Deliver(first, delivery).ok());
    ASSERT_TRUE(table.SetDeliveryEntry(first, 12).ok());
    EXPECT_EQ(*table.GetDelivery(first)->entry, 12u);
    EXPECT_EQ(table.GetDelivery(first)->signature, delivery.signature);
    EXPECT_EQ(table.GetDelivery(first)->converted_hash,
              delivery.converted_hash);
    EXPECT_EQ(*table.CountWaiting("south", "a"), 1u);
    // The records are gone; that they were there stays.
    EXPECT_EQ(table.GetChunk(first, 0).status().code(),
              absl::StatusCode::kNotFound);
    EXPECT_EQ(table.Find("north", Batch(2).batch_id)->state,
              BatchState::kDelivered);
  });
}

TEST_F(MailboxTableTest, GoesThroughItsStatesInOneDirection) {
  WithTable([](MailboxTable& table) {
    const auto refused = [](const absl::Status& status) {
      EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    };
    const DeliveryRow delivery = {std::vector<uint8_t>(32),
                                  std::vector<uint8_t>(64), absl::nullopt,
                                  kNow};
    const std::vector<uint8_t> digest(32);
    const int64_t staged = *table.Insert(Batch(1));
    refused(table.Deliver(staged, delivery));
    const int64_t complete = Complete(table, 2);
    refused(table.Complete(complete, digest));
    refused(table.AddChunk(complete, Chunk(1, true)));
    refused(table.Expire(complete));
    ASSERT_TRUE(table.Deliver(complete, delivery).ok());
    refused(table.Deliver(complete, delivery));
    ASSERT_TRUE(table.AddChunk(staged, Chunk(0, false)).ok());
    ASSERT_TRUE(table.Expire(staged).ok());
    refused(table.Complete(staged, digest));
    refused(table.AddChunk(staged, Chunk(1, true)));
    EXPECT_FALSE(table.GetChunk(staged, 0).ok());
    refused(table.Complete(999, digest));
  });
}

TEST_F(MailboxTableTest, FindsWhatWasNeverCompleted) {
  WithTable([](MailboxTable& table) {
    const int64_t staged = *table.Insert(Batch(1));
    Complete(table, 2);
    EXPECT_TRUE(table.StagedBefore(kNow, 10)->empty());
    const auto old = table.StagedBefore(kNow + absl::Milliseconds(1), 10);
    ASSERT_EQ(old->size(), 1u);
    EXPECT_EQ(old->front().sequence, staged);
  });
}

TEST_F(MailboxTableTest, ForgetsFinishedBatchesAfterTheirTime) {
  WithTable([](MailboxTable& table) {
    const int64_t delivered = Complete(table, 1);
    ASSERT_TRUE(
        table
            .Deliver(delivered, {std::vector<uint8_t>(32),
                                 std::vector<uint8_t>(64), absl::nullopt, kNow})
            .ok());
    Complete(table, 2);
    ASSERT_TRUE(table.Forget(Batch(1).not_after).ok());
    EXPECT_TRUE(table.Find("north", Batch(1).batch_id).ok());
    ASSERT_TRUE(table.Forget(Batch(1).not_after + absl::Milliseconds(1)).ok());
    EXPECT_FALSE(table.Find("north", Batch(1).batch_id).ok());
    EXPECT_FALSE(table.GetDelivery(delivered).ok());
    EXPECT_TRUE(table.Find("north", Batch(2).batch_id).ok());
  });
}

}  // namespace
}  // namespace entente::broker
