#include "client/sender.h"

#include <gmock/gmock.h>

#include "client/fake_traffic.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class SenderTest : public testing::Test {
 protected:
  OutgoingBatch Stored(const OutgoingBatch& batch) {
    return *north_.store().exchange().Outgoing(batch.batch_id);
  }
  std::vector<uint32_t> ChunksSeen() const {
    std::vector<uint32_t> seen;
    for (const auto& call : broker_.send_chunk.calls) {
      seen.push_back(call.chunk());
    }
    return seen;
  }
  static grpc::Status Away() {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
  }

  FakeBroker broker_;
  FakeSystem north_{&broker_, kNorth};
};

TEST_F(SenderTest, EveryChunkOnceAndTheReceiptIsKept) {
  const OutgoingBatch batch = PutBatch(&north_, kWest, 3);
  const auto sent = SendStored(north_.Deal(), batch.batch_id);
  ASSERT_TRUE(sent.ok()) << Told(sent.status());
  EXPECT_THAT(ChunksSeen(), ElementsAre(0, 1, 2));
  EXPECT_EQ(sent->records, 3u);
  EXPECT_EQ(sent->recipient, kWest);
  EXPECT_EQ(sent->digest, batch.digest);
  EXPECT_EQ(sent->ledger, kPact);
  EXPECT_EQ(sent->good_until, broker_.agreement().valid.UntilInstant());
  EXPECT_EQ(sent->entry, broker_.batches.begin()->second.entry);
  const OutgoingBatch after = Stored(batch);
  EXPECT_EQ(after.state, OutgoingState::kAccepted);
  EXPECT_THAT(after.chunks, IsEmpty());
  EXPECT_THAT(after.receipt, HasSubstr("c2sp.org/tlog-proof@v1"));
  EXPECT_TRUE(
      absl::IsNotFound(SendStored(north_.Deal(), batch.batch_id).status()));
  EXPECT_TRUE(absl::IsNotFound(SendStored(north_.Deal(), {}).status()));
}

TEST_F(SenderTest, HeaderAndEncTravelWithTheFirstChunkOnly) {
  const OutgoingBatch batch = PutBatch(&north_, kWest, 2);
  ASSERT_TRUE(SendStored(north_.Deal(), batch.batch_id).ok());
  const auto& calls = broker_.send_chunk.calls;
  EXPECT_EQ(calls[0].header(), crypto::AsText(batch.header));
  EXPECT_EQ(calls[0].enc(), crypto::AsText(batch.enc));
  EXPECT_FALSE(calls[0].final());
  EXPECT_EQ(calls[1].header(), "");
  EXPECT_EQ(calls[1].enc(), "");
  EXPECT_TRUE(calls[1].final());
}

// The broker goes away at chunk `at`, before or after it has it.
class InterruptedTest : public testing::TestWithParam<std::pair<int, bool>> {};

TEST_P(InterruptedTest, TheSameBatchGoesOnWhereItStopped) {
  const auto [at, after] = GetParam();
  FakeBroker broker;
  FakeSystem north(&broker, kNorth);
  const OutgoingBatch batch = PutBatch(&north, kWest, 3);
  bool away = true;
  const auto breaks = [&, chunk = static_cast<uint32_t>(at)](
                          const v1::SendChunkRequest& request) {
    return away && request.chunk() == chunk;
  };
  if (after) {
    broker.send_chunk.lose = breaks;
  } else {
    broker.send_chunk.refuse = [&](const auto& request) {
      return breaks(request)
                 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone")
                 : grpc::Status::OK;
    };
  }
  const auto broken = SendStored(north.Deal(), batch.batch_id);
  EXPECT_THAT(Told(broken.status()), HasSubstr("UNAVAILABLE exit 7"));
  const OutgoingBatch stored =
      *north.store().exchange().Outgoing(batch.batch_id);
  EXPECT_EQ(stored.state, OutgoingState::kStored);
  EXPECT_EQ(stored.staged, static_cast<uint32_t>(at));
  EXPECT_THAT(*north.store().exchange().Unfinished(kPact), SizeIs(1));
  const size_t before = broker.send_chunk.calls.size();

  away = false;
  // Another process, later.
  FakeSystem again(&broker, kNorth);
  const auto sent = SendUnfinished(again.Deal());
  ASSERT_TRUE(sent.ok()) << Told(sent.status());
  ASSERT_THAT(sent->sent, SizeIs(1));
  EXPECT_EQ(sent->sent.front().batch_id, batch.batch_id);
  EXPECT_THAT(sent->dropped, IsEmpty());
  EXPECT_THAT(again.said(), HasSubstr("left unfinished before, was sent"));
  EXPECT_THAT(broker.batches, SizeIs(1)) << "nothing was sealed anew";
  const auto& calls = broker.send_chunk.calls;
  EXPECT_EQ(calls[before].chunk(), static_cast<uint32_t>(at));
  v1::SendChunkRequest first = calls[before - 1];
  v1::SendChunkRequest second = calls[before];
  first.clear_known();
  second.clear_known();
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  const auto& chunks = broker.batches.begin()->second.chunks;
  ASSERT_EQ(chunks.size(), batch.chunks.size());
  for (size_t i = 0; i < chunks.size(); ++i) {
    EXPECT_EQ(chunks[i].sealed(), crypto::AsText(batch.chunks[i].sealed));
  }
}

INSTANTIATE_TEST_SUITE_P(
    At, InterruptedTest,
    testing::Values(std::pair(0, false), std::pair(0, true),
                    std::pair(1, false), std::pair(1, true),
                    std::pair(2, false), std::pair(2, true)),
    [](const auto& test) {
      return absl::StrCat("Chunk", test.param.first,
                          test.param.second ? "Answer" : "Request");
    });

TEST_F(SenderTest, ARefusalIsForGoodOrNot) {
  const struct {
    grpc::StatusCode code;
    const char* reason;
    OutgoingState left;
  } cases[] = {
      {grpc::StatusCode::PERMISSION_DENIED, "FIELD_NOT_RELEASED",
       OutgoingState::kRefused},
      {grpc::StatusCode::RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED",
       OutgoingState::kRefused},
      {grpc::StatusCode::INVALID_ARGUMENT, "BAD_SIGNATURE",
       OutgoingState::kRefused},
      {grpc::StatusCode::FAILED_PRECONDITION, "BATCH_EXPIRED",
       OutgoingState::kRefused},
      {grpc::StatusCode::ALREADY_EXISTS, "REPLAYED_DIFFERENTLY",
       OutgoingState::kRefused},
      {grpc::StatusCode::FAILED_PRECONDITION, "CHUNK_ORDER",
       OutgoingState::kStored},
      {grpc::StatusCode::UNAVAILABLE, "OVERLOADED", OutgoingState::kStored},
      {grpc::StatusCode::UNAVAILABLE, "LOG_UNAVAILABLE",
       OutgoingState::kStored}};
  for (const auto& c : cases) {
    const OutgoingBatch batch = PutBatch(&north_, kWest, 1);
    broker_.send_chunk.refuse = [&](const auto&) {
      return Refusal(c.code, c.reason, "because");
    };
    const auto sent = SendStored(north_.Deal(), batch.batch_id);
    EXPECT_THAT(Told(sent.status()), HasSubstr(c.reason));
    const OutgoingBatch after = Stored(batch);
    EXPECT_EQ(after.state, c.left) << c.reason;
    EXPECT_EQ(after.chunks.empty(), c.left == OutgoingState::kRefused);
  }
  // What has no reason of the broker's own says nothing about the batch.
  const OutgoingBatch batch = PutBatch(&north_, kWest, 1);
  broker_.send_chunk.refuse = [](const auto&) {
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "a proxy");
  };
  EXPECT_FALSE(SendStored(north_.Deal(), batch.batch_id).ok());
  EXPECT_EQ(Stored(batch).state, OutgoingState::kStored);
}

TEST_F(SenderTest, AReceiptThatDoesNotFitMarksNothingAsSent) {
  using policy::LedgerEntry;
  const auto another = [&](std::function<void(LedgerEntry&)> change) {
    return [this, change](const v1::SendChunkRequest& request,
                          v1::SendChunkResponse* response) {
      LedgerEntry entry = *policy::ParseEntry(response->receipt().entry());
      change(entry);
      *response->mutable_receipt() =
          broker_.Receipt(kPact, broker_.Write(kPact, entry), request.known());
    };
  };
  const struct {
    const char* found;
    std::function<void(const v1::SendChunkRequest&, v1::SendChunkResponse*)>
        alter;
  } lies[] = {{"no receipt", [](const auto&, auto* r) { r->clear_receipt(); }},
              {"does not prove",
               [](const auto&, auto* r) {
                 (*r->mutable_receipt()->mutable_entry())[40] ^= 1;
               }},
              {"something else",
               another([](auto& e) { e.subject = std::string(64, '0'); })},
              {"wanted an allowed batch",
               another([](auto& e) { e.kind = policy::EntryKind::kDelivery; })},
              {"wanted an allowed batch", another([](auto& e) {
                 e.outcome = policy::Outcome::kDeny;
                 e.reasons = {{"EXPIRED", ""}};
               })},
              {"does not continue",
               [&](const auto&, auto* r) {
                 r->mutable_receipt()->mutable_consistency()->Clear();
                 r->mutable_receipt()->add_consistency(std::string(32, 'x'));
               }},
              {"not of 32 bytes", [](const auto&, auto* r) {
                 r->mutable_receipt()->add_consistency("short");
               }}};
  for (const auto& lie : lies) {
    const OutgoingBatch batch = PutBatch(&north_, kWest, 1);
    broker_.send_chunk.alter = lie.alter;
    const auto sent = SendStored(north_.Deal(), batch.batch_id);
    EXPECT_TRUE(absl::IsDataLoss(sent.status())) << Told(sent.status());
    EXPECT_THAT(Told(sent.status()), HasSubstr(lie.found));
    EXPECT_EQ(Stored(batch).state, OutgoingState::kStored) << lie.found;
    EXPECT_EQ(Stored(batch).receipt, "");
    // The honest answer to the same batch is taken.
    broker_.send_chunk.alter = nullptr;
    EXPECT_TRUE(SendStored(north_.Deal(), batch.batch_id).ok());
  }
}

TEST_F(SenderTest, AnotherProcessThatSawMoreIsNoTrouble) {
  const OutgoingBatch batch = PutBatch(&north_, kWest, 1);
  const Dealings dealings = north_.Deal();
  FakeSystem other(&broker_, kNorth);
  int answers = 0;
  broker_.send_chunk.alter = [&](const auto&, auto*) {
    // While this answer is on its way, the other process sees a later entry.
    if (answers++ > 0) return;
    broker_.Write(kPact, broker_.Entry(policy::EntryKind::kKeyBundle));
    const KeptCheckpoint known = *other.view().Known();
    const auto head = *broker_.ledger().Latest(known.size, known.root);
    EXPECT_TRUE(
        other.view().Accept(known, head.checkpoint, head.consistency).ok());
  };
  const auto sent = SendStored(dealings, batch.batch_id);
  EXPECT_TRUE(sent.ok()) << Told(sent.status());
  EXPECT_EQ(answers, 2);
}

TEST_F(SenderTest, WhatIsRefusedForGoodKeepsNothingElseBack) {
  const OutgoingBatch bad = PutBatch(&north_, kWest, 1);
  const OutgoingBatch good = PutBatch(&north_, kEast, 1);
  broker_.send_chunk.refuse = [&](const v1::SendChunkRequest& request) {
    return request.batch_id() == crypto::AsText(bad.batch_id)
               ? Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED")
               : grpc::Status::OK;
  };
  const auto sent = SendUnfinished(north_.Deal());
  ASSERT_TRUE(sent.ok()) << Told(sent.status());
  ASSERT_THAT(sent->sent, SizeIs(1));
  EXPECT_EQ(sent->sent.front().batch_id, good.batch_id);
  ASSERT_THAT(sent->dropped, SizeIs(1));
  EXPECT_EQ(sent->dropped.front().batch_id, bad.batch_id);
  EXPECT_EQ(sent->dropped.front().recipient, kWest);
  EXPECT_EQ(sent->dropped.front().records, 1u);
  const Failure verdict = FromStatus(VerdictOn(sent->dropped));
  EXPECT_EQ(verdict.code, "UNFINISHED_REFUSED");
  EXPECT_EQ(verdict.exit, ExitCode::kPartial);
  EXPECT_THAT(verdict.what, HasSubstr("1 batches (1 records)"));
  EXPECT_THAT(verdict.why, HasSubstr("QUOTA_EXCEEDED"));
  EXPECT_TRUE(VerdictOn({}).ok());
  EXPECT_THAT(north_.said(), HasSubstr("was refused: refused: QUOTA_EXCEEDED"));
  EXPECT_THAT(*north_.store().exchange().Unfinished(kPact), IsEmpty());
}

TEST_F(SenderTest, AnOutageEndsIt) {
  PutBatch(&north_, kWest, 1);
  PutBatch(&north_, kEast, 1);
  broker_.send_chunk.refuse = [](const auto&) { return Away(); };
  EXPECT_FALSE(SendUnfinished(north_.Deal()).ok());
  EXPECT_THAT(broker_.send_chunk.calls, SizeIs(1));
  EXPECT_THAT(*north_.store().exchange().Unfinished(kPact), SizeIs(2));
}

}  // namespace
}  // namespace entente::client
