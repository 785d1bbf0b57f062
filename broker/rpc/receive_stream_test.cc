#include "broker/rpc/receive_stream.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "broker/grant_steps.h"
#include "broker/rpc/adapters.h"
#include "broker/test_batches.h"
#include "broker/test_glass_rows.h"
#include "entente/v1/exchange.grpc.pb.h"

namespace entente::broker {
namespace {

// Everybody is south's system.
class SouthAlone final : public CallerSource {
 public:
  absl::StatusOr<Caller> Identify(const grpc::CallbackServerContext&,
                                  absl::string_view) const override {
    return TestExchange::Of("south");
  }
  bool MayCall(const Caller&, absl::string_view) const override { return true; }
  absl::Status RefuseRole(const Caller&, absl::string_view, absl::string_view,
                          const google::protobuf::Message&) const override {
    return absl::InternalError("not asked");
  }
};

// One call of Receive, read on the test's thread.
class Reading {
 public:
  Reading(v1::Exchange::Stub* stub, bool follow) {
    v1::ReceiveRequest request;
    request.set_agreement(kAgreement);
    request.set_follow(follow);
    context_.set_deadline(std::chrono::system_clock::now() +
                          std::chrono::minutes(2));
    stream_ = stub->Receive(&context_, request);
  }
  ~Reading() {
    if (stream_ == nullptr) return;
    context_.TryCancel();
    Finish();
  }

  // The next part; empty once there is none.
  std::optional<v1::ReceiveResponse> Next() {
    v1::ReceiveResponse part;
    if (!stream_->Read(&part)) return std::nullopt;
    return part;
  }
  // Reads a batch to its end; its id, or empty if something else comes.
  std::string Batch() {
    const auto start = Next();
    if (!start.has_value() || !start->has_start()) return "";
    v1::BatchHeader header;
    EXPECT_TRUE(header.ParseFromString(start->start().header()));
    for (uint32_t i = 0; i < start->start().chunks(); ++i) {
      const auto chunk = Next();
      if (!chunk.has_value() || !chunk->has_chunk()) return "";
      EXPECT_EQ(chunk->chunk().chunk(), i);
    }
    return header.batch_id();
  }
  // How the call ended.
  grpc::Status Finish() {
    v1::ReceiveResponse part;
    while (stream_->Read(&part)) {
    }
    const grpc::Status status = stream_->Finish();
    stream_.reset();
    return status;
  }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::ReceiveResponse>> stream_;
};

class ReceiveStreamTest : public testing::Test, protected TestBatches {
 protected:
  ReceiveStreamTest() {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    world_.agreement.flows[0].limits.requests_per_day = 1000;
    world_.PutRecord([](policy::AgreementRecord*) {});
    context_.metrics = &metrics_;
    adapter_ =
        MakeExchangeAdapter({&callers_, &workers_, &metrics_},
                            {&context_, &service_, &workers_, &watch_,
                             &world_.signal, &world_.claims, &draining_});
    grpc::ServerBuilder builder;
    builder.RegisterService(adapter_.get());
    server_ = builder.BuildAndStart();
    stub_ = v1::Exchange::NewStub(server_->InProcessChannel({}));
    ticker_ = std::thread([this] {
      while (!done_.HasBeenNotified()) {
        watch_.AwaitNudge(absl::Milliseconds(20));
        world_.claims.Lapse();
        watch_.LookAtAll();
      }
    });
  }
  ~ReceiveStreamTest() override {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
    done_.Notify();
    ticker_.join();
  }

  // A batch of three records at the broker; its id is 16 times `name`.
  std::string Put(char name) {
    v1::BatchHeader header = Header();
    header.set_batch_id(std::string(16, name));
    const absl::Status sent = SendAll(Seal(header));
    EXPECT_TRUE(sent.ok()) << sent;
    return header.batch_id();
  }
  absl::Status Deliver(const std::string& id) {
    const auto rows = Waiting();
    for (const BatchRow& row : *rows) {
      if (Text(row.batch_id) == id) return Acknowledge(Delivery(row));
    }
    return absl::NotFoundError(id);
  }
  std::unique_ptr<Reading> Open(bool follow) {
    return std::make_unique<Reading>(stub_.get(), follow);
  }

  SouthAlone callers_;
  GrantBoard grants_;
  Metrics metrics_;
  WorkerPool workers_{4, 100};
  StreamWatch watch_;
  std::atomic<bool> draining_ = false;
  std::unique_ptr<grpc::Service> adapter_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::Exchange::Stub> stub_;
  absl::Notification done_;
  std::thread ticker_;
};

TEST_F(ReceiveStreamTest, WithNothingThereItEndsAtOnce) {
  auto reading = Open(/*follow=*/false);
  EXPECT_FALSE(reading->Next().has_value());
  EXPECT_TRUE(reading->Finish().ok());
}

TEST_F(ReceiveStreamTest, WhatWaitsComesInOrderThenTheEnd) {
  const std::string first = Put('a');
  const std::string second = Put('b');
  auto reading = Open(/*follow=*/false);
  EXPECT_EQ(reading->Batch(), first);
  EXPECT_EQ(reading->Batch(), second);
  const auto end = reading->Next();
  ASSERT_TRUE(end.has_value() && end->has_end());
  EXPECT_EQ(end->end().with_others(), 0u);
  // It is kept open until the last is acknowledged.
  ASSERT_TRUE(Deliver(first).ok());
  EXPECT_EQ(world_.claims.size(), 1u);
  ASSERT_TRUE(Deliver(second).ok());
  EXPECT_TRUE(reading->Finish().ok());
  EXPECT_EQ(world_.claims.size(), 0u);
}

TEST_F(ReceiveStreamTest, WhatIsNotAcknowledgedComesAgain) {
  const std::string first = Put('a');
  {
    auto reading = Open(/*follow=*/false);
    EXPECT_EQ(reading->Batch(), first);
    EXPECT_TRUE(reading->Next()->has_end());
  }
  auto again = Open(/*follow=*/false);
  EXPECT_EQ(again->Batch(), first);
}

TEST_F(ReceiveStreamTest, AFollowerIsSentWhatComesLater) {
  auto reading = Open(/*follow=*/true);
  const std::string first = Put('a');
  EXPECT_EQ(reading->Batch(), first);
  ASSERT_TRUE(Deliver(first).ok());
  const std::string second = Put('b');
  EXPECT_EQ(reading->Batch(), second);
}

TEST_F(ReceiveStreamTest, ABatchThatWasBegunFirstAndCompletedLastComesToo) {
  v1::BatchHeader header = Header();
  header.set_batch_id(std::string(16, 's'));
  const auto slow = Seal(header);
  ASSERT_TRUE(Send(slow[0]).ok());
  auto reading = Open(/*follow=*/true);
  EXPECT_EQ(reading->Batch(), Put('a'));
  ASSERT_TRUE(Send(slow[1]).ok());
  EXPECT_EQ(reading->Batch(), header.batch_id());
}

TEST_F(ReceiveStreamTest, TwoFollowersShareWhatWaitsAndGetNothingTwice) {
  auto one = Open(/*follow=*/true);
  auto other = Open(/*follow=*/true);
  std::set<std::string> put;
  for (char name = 'a'; name < 'a' + 2 * char{kMostUnacknowledged}; ++name) {
    put.insert(Put(name));
  }
  // Nobody acknowledges: each gets as many as one may be ahead.
  std::set<std::string> got;
  for (size_t i = 0; i < kMostUnacknowledged; ++i) {
    for (Reading* reading : {one.get(), other.get()}) {
      const std::string batch = reading->Batch();
      EXPECT_TRUE(got.insert(batch).second) << batch << " came twice";
    }
  }
  EXPECT_EQ(got, put);
  for (const std::string& batch : got) ASSERT_TRUE(Deliver(batch).ok());
  EXPECT_EQ(world_.claims.size(), 0u);
}

TEST_F(ReceiveStreamTest, TheBatchesOfAFollowerThatDiesGoToAnother) {
  const std::string batch = Put('a');
  auto one = Open(/*follow=*/true);
  EXPECT_EQ(one->Batch(), batch);
  auto other = Open(/*follow=*/true);
  one.reset();
  EXPECT_EQ(other->Batch(), batch);
  ASSERT_TRUE(Deliver(batch).ok());
}

TEST_F(ReceiveStreamTest, ABatchThatIsKeptTooLongGoesToAnother) {
  const std::string batch = Put('a');
  auto one = Open(/*follow=*/false);
  EXPECT_EQ(one->Batch(), batch);
  EXPECT_TRUE(one->Next()->has_end()) << "by then the batch was written";
  world_.clock.Advance(kClaimTime / 2);
  auto other = Open(/*follow=*/true);
  const std::string later = Put('b');
  EXPECT_EQ(other->Batch(), later);
  world_.clock.Advance(kClaimTime / 2);
  EXPECT_EQ(other->Batch(), batch);
  EXPECT_TRUE(one->Finish().ok()) << "nothing is its own any more";
}

TEST_F(ReceiveStreamTest, OneThatDoesNotFollowIsToldHowManyOthersHave) {
  auto one = Open(/*follow=*/true);
  for (size_t i = 0; i < kMostUnacknowledged; ++i) {
    const std::string batch = Put(static_cast<char>('a' + i));
    EXPECT_EQ(one->Batch(), batch);
  }
  auto other = Open(/*follow=*/false);
  const std::string own = Put('x');
  EXPECT_EQ(other->Batch(), own);
  ASSERT_TRUE(Deliver(own).ok());
  // It waits for the others until the clock has moved, then gives up.
  const std::string later = Put('y');
  EXPECT_EQ(other->Batch(), later);
  ASSERT_TRUE(Deliver(later).ok());
  world_.clock.Advance(kOthersTime);
  const auto end = other->Next();
  ASSERT_TRUE(end.has_value() && end->has_end());
  EXPECT_EQ(end->end().with_others(), kMostUnacknowledged);
  EXPECT_TRUE(other->Finish().ok());
}

TEST_F(ReceiveStreamTest, AnothersAcknowledgementTakesABatchBackMidway) {
  v1::BatchHeader header = Header();
  header.set_record_count(5);
  ASSERT_TRUE(SendAll(Seal(header)).ok());
  const auto rows = Waiting();
  const auto request = Delivery(rows->front());
  auto reading = Open(/*follow=*/true);
  ASSERT_TRUE(reading->Next()->has_start());
  ASSERT_TRUE(Acknowledge(request).ok());
  const std::string next = Put('n');
  uint32_t chunks = 0;
  std::optional<v1::ReceiveResponse> part = reading->Next();
  while (part.has_value() && part->has_chunk()) {
    ++chunks;
    part = reading->Next();
  }
  ASSERT_TRUE(part.has_value());
  EXPECT_LE(chunks, 1u) << "no more than was read from the store before";
  EXPECT_TRUE(part->has_withdrawn());
  part = reading->Next();
  ASSERT_TRUE(part.has_value() && part->has_start());
  EXPECT_NE(part->start().header().find(next), std::string::npos);
}

TEST_F(ReceiveStreamTest, ASuspendedSendersBatchStopsMidwayAndIsKept) {
  v1::BatchHeader header = Header();
  header.set_record_count(5);
  ASSERT_TRUE(SendAll(Seal(header)).ok());
  auto reading = Open(/*follow=*/true);
  ASSERT_TRUE(reading->Next()->has_start());
  world_.PutRecord([](policy::AgreementRecord* record) {
    record->sending_suspended_by.insert("north");
  });
  uint32_t chunks = 0;
  std::optional<v1::ReceiveResponse> part = reading->Next();
  while (part.has_value() && part->has_chunk()) {
    ++chunks;
    part = reading->Next();
  }
  ASSERT_TRUE(part.has_value());
  EXPECT_LE(chunks, 1u) << "no more than was read from the store before";
  EXPECT_TRUE(part->has_withdrawn());
  world_.PutRecord([](policy::AgreementRecord*) {});
  world_.signal.NotifyAll([](absl::string_view) { return true; });
  EXPECT_EQ(reading->Batch(), header.batch_id()) << "it comes whole";
}

TEST_F(ReceiveStreamTest, ABatchUnderAGrantStopsMidwayWhenThatEnds) {
  context_.grants = &grants_;
  world_.agreement.break_glass =
      policy::BreakGlass{{{"crimes", {"offence"}}}, 30, 24};
  world_.PutRecord([](policy::AgreementRecord*) {});
  certs::BreakGlassAct act = SmallAsk(world_.clock.Now());
  act.agreement = kAgreement;
  act.flow = "crimes-south";
  act.sender = "north";
  act.recipient = "south";
  act.purpose = "analysis";
  act.fields = {"offence"};
  const GlassRow asked = AskedRow(act);
  const auto put = [&](const GlassRow& row) {
    const absl::Status done = world_.Write([&](Transaction& transaction) {
      return GlassTable(transaction).Insert(row);
    });
    EXPECT_TRUE(done.ok()) << done;
    EXPECT_TRUE(
        ReloadGrant(context_, kAgreement, crypto::ToHex(row.grant)).ok());
  };
  put(asked);
  put(StepRow(asked, GlassStep::kApproved, world_.clock.Now()));
  v1::BatchHeader header = Header();
  header.set_record_count(5);
  header.set_break_glass(Text(asked.grant));
  v1::Accompanying* item = header.add_accompanying();
  item->set_name("case_reference");
  item->set_value(act.case_reference);
  const absl::Status sent = SendAll(Seal(header));
  ASSERT_TRUE(sent.ok()) << sent;
  auto reading = Open(/*follow=*/true);
  ASSERT_TRUE(reading->Next()->has_start());
  put(StepRow(asked, GlassStep::kClosed, world_.clock.Now()));
  uint32_t chunks = 0;
  std::optional<v1::ReceiveResponse> part = reading->Next();
  while (part.has_value() && part->has_chunk()) {
    ++chunks;
    part = reading->Next();
  }
  ASSERT_TRUE(part.has_value());
  EXPECT_LE(chunks, 1u) << "no more than was read from the store before";
  EXPECT_TRUE(part->has_withdrawn());
  // It never comes again.
  const std::string next = Put('n');
  EXPECT_EQ(reading->Batch(), next);
  reading.reset();
}

TEST_F(ReceiveStreamTest, AFollowerIsCutWhenAReviewIsOverdue) {
  world_.agreement.valid.review_by = absl::CivilDay(2026, 7, 1);
  world_.PutRecord([](policy::AgreementRecord*) {});
  const absl::Time overdue =
      absl::FromCivil(absl::CivilDay(2026, 7, 2), absl::UTCTimeZone());
  world_.clock.Set(overdue - absl::Milliseconds(1));
  auto reading = Open(/*follow=*/true);
  const std::string batch = Put('a');
  EXPECT_EQ(reading->Batch(), batch);
  world_.clock.Set(overdue);
  const grpc::Status status = reading->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(ReceiveStreamTest, AFollowerIsCutWhenWhatStandsAboveIsSuspended) {
  policy::Agreement top = world_.agreement;
  top.id = "isa-top";
  policy::AgreementRecord above;
  above.id = top.id;
  above.versions[1] = {
      *policy::CompiledAgreement::Create(top, crypto::Sha256("top")), {}, true};
  world_.agreements.Put(above);
  world_.agreement.under = top.id;
  world_.PutRecord([](policy::AgreementRecord*) {});
  auto reading = Open(/*follow=*/true);
  above.suspended_by = {"west"};
  world_.agreements.Put(above);
  const grpc::Status status = reading->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(status.error_message(), "isa-top: it is suspended");
}

TEST_F(ReceiveStreamTest, AFollowersTimeIsOverAndItComesAgain) {
  auto reading = Open(/*follow=*/true);
  const std::string batch = Put('a');
  EXPECT_EQ(reading->Batch(), batch);
  world_.clock.Advance(kFollowTime);
  const auto end = reading->Next();
  ASSERT_TRUE(end.has_value() && end->has_end());
  Put('b');
  ASSERT_TRUE(Deliver(batch).ok());
  EXPECT_TRUE(reading->Finish().ok());
}

TEST_F(ReceiveStreamTest, ASuspensionCutsAFollower) {
  auto reading = Open(/*follow=*/true);
  world_.PutRecord([](policy::AgreementRecord* record) {
    record->suspended_by.insert("north");
  });
  const grpc::Status status = reading->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED)
      << status.error_message();
}

TEST_F(ReceiveStreamTest, AFollowerIsCutWhenTheAgreementEnds) {
  const absl::Time end = world_.EndOn(absl::CivilDay(2026, 7, 1));
  world_.clock.Set(end - absl::Milliseconds(1));
  auto reading = Open(/*follow=*/true);
  const std::string batch = Put('a');
  EXPECT_EQ(reading->Batch(), batch);
  world_.clock.Set(end);
  const grpc::Status status = reading->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_NE(status.error_message().find("no longer in force"),
            std::string::npos)
      << status.error_message();
}

TEST_F(ReceiveStreamTest, AServerThatStopsIsNotKeptWaiting) {
  auto reading = Open(/*follow=*/true);
  const std::string batch = Put('a');
  EXPECT_EQ(reading->Batch(), batch);
  draining_ = true;
  watch_.Nudge();
  const grpc::Status status = reading->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(world_.claims.size(), 0u);
}

}  // namespace
}  // namespace entente::broker
