#include "client/follower.h"

#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/backoff.h"
#include "client/fake_traffic.h"
#include "client/local_failure.h"
#include "client/sender.h"
#include "policy/reason.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

grpc::Status Gone() {
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
}

TEST(Backoff, DoublesWithinBoundsAndStartsAgain) {
  double chance = 0;
  Backoff backoff([&chance] { return chance; });
  absl::Duration whole = kFirstWait;
  for (int i = 0; i < 10; ++i) {
    chance = 0.1 * i;
    const absl::Duration wait = backoff.Next();
    EXPECT_GE(wait, whole / 2);
    EXPECT_LE(wait, whole);
    whole = std::min(2 * whole, kLongestWait);
  }
  chance = 1;
  EXPECT_EQ(backoff.Next(), kLongestWait);
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), kFirstWait);
}

TEST(IsPassing, OnlyWhatTheBrokerCouldNotDoJustNow) {
  const auto with = [](absl::string_view code, ExitCode exit) {
    return ToStatus(
        {.what = "refused", .code = std::string(code), .exit = exit});
  };
  std::vector<std::string> passing;
  for (const policy::ReasonInfo& info : policy::AllReasons()) {
    if (IsPassing(with(info.code, ExitCode::kUnavailable))) {
      passing.emplace_back(info.code);
    }
  }
  EXPECT_THAT(passing, testing::UnorderedElementsAre(
                           "INTERNAL", "CLOCK_UNSURE", "LOG_UNAVAILABLE",
                           "DISK_FULL", "CHUNK_ORDER", "LEDGER_CONTINUED",
                           "LEDGER_REFUSED", "OVERLOADED", "SHUTTING_DOWN"));
  EXPECT_TRUE(IsPassing(with("UNAVAILABLE", ExitCode::kUnavailable)));
  EXPECT_TRUE(IsPassing(absl::UnavailableError("")));
  EXPECT_TRUE(IsPassing(DiskFull("cannot write the store", "no room")));
  EXPECT_FALSE(IsPassing(absl::OkStatus()));
  EXPECT_FALSE(IsPassing(absl::DataLossError("")));
  EXPECT_FALSE(IsPassing(absl::InternalError("the store")));
  EXPECT_FALSE(IsPassing(with("LOGIN_REFUSED", ExitCode::kNotAuthenticated)));
}

class Sink final : public BatchSink {
 public:
  absl::StatusOr<std::string> Take(const std::string& batch, const std::string&,
                                   const OpenedBatch&) override {
    if (before) before();
    if (!answer.ok()) return answer;
    taken.push_back(batch);
    return std::string("somewhere");
  }
  std::function<void()> before;
  absl::Status answer;
  std::vector<std::string> taken;
};

class FollowerTest : public testing::Test {
 protected:
  FollowerTest() {
    following_.open = [this] {
      ++opened_;
      return Receiver::Open(broker_.agency(kWest).profile(),
                            broker_.Link(kWest), kPact);
    };
    following_.opened = [](Receiver&) {};
    following_.listener = {
        [this](const ReceivedSummary& batch) { received_.push_back(batch); },
        [this](const RefusedSummary& batch) { refused_.push_back(batch); }};
    following_.broken = [this](const absl::Status& why) {
      broken_.push_back(Told(why));
    };
    // Stops after so many waits.
    following_.wait = [this](absl::Duration wait, const Cancellation& stop) {
      waits_.push_back(wait);
      if (between_) between_();
      if (waits_.size() >= most_waits_) stop.Cancel();
      return !stop.cancelled();
    };
    following_.now = [this] { return now_; };
    following_.random = [] { return 1.0; };
  }

  std::string Sent(const Falsehood& falsehood = {}) {
    const OutgoingBatch batch = PutBatch(&north_, kWest, 1, falsehood);
    const auto sent = SendStored(north_.Deal(), batch.batch_id);
    EXPECT_TRUE(sent.ok()) << Told(sent.status());
    return crypto::ToHex(batch.batch_id);
  }
  absl::Status Run() { return Follow(following_, sink_, stop_); }

  FakeBroker broker_;
  FakeSystem north_{&broker_, kNorth};
  Following following_;
  Sink sink_;
  const Cancellation stop_;
  absl::Time now_ = absl::FromUnixSeconds(1795000000);
  int opened_ = 0;
  size_t most_waits_ = 1;
  std::function<void()> between_;
  std::vector<ReceivedSummary> received_;
  std::vector<RefusedSummary> refused_;
  std::vector<std::string> broken_;
  std::vector<absl::Duration> waits_;
};

TEST_F(FollowerTest, WhatComesLaterIsReceivedToo) {
  const std::string first = Sent();
  std::string second;
  between_ = [&] {
    if (second.empty()) second = Sent();
  };
  most_waits_ = 2;
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(sink_.taken, ElementsAre(first, second));
  EXPECT_THAT(received_, SizeIs(2));
  EXPECT_THAT(broken_, IsEmpty()) << "the broker may end a stream";
  ASSERT_THAT(broker_.receive.calls, SizeIs(2));
  EXPECT_TRUE(broker_.receive.calls[0].follow());
}

TEST_F(FollowerTest, ABreakIsToldOnceAndWaitedOut) {
  following_.open = [this]() -> absl::StatusOr<std::unique_ptr<Receiver>> {
    if (++opened_ <= 9) return absl::UnavailableError("no route");
    return Receiver::Open(broker_.agency(kWest).profile(), broker_.Link(kWest),
                          kPact);
  };
  int works = 0;
  following_.opened = [&works](Receiver&) { ++works; };
  const std::string batch = Sent();
  most_waits_ = 10;
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(broken_, SizeIs(1));
  EXPECT_THAT(broken_[0], HasSubstr("no route"));
  EXPECT_EQ(works, 1);
  EXPECT_THAT(sink_.taken, ElementsAre(batch));
  ASSERT_THAT(waits_, SizeIs(10));
  EXPECT_EQ(waits_[0], kFirstWait);
  EXPECT_EQ(waits_[3], 8 * kFirstWait);
  EXPECT_EQ(waits_[8], kLongestWait);
  EXPECT_EQ(waits_[9], kFirstWait) << "a batch came in between";
}

TEST_F(FollowerTest, EveryBreakIsToldAgain) {
  broker_.receive.refuse = [](const auto&) { return Gone(); };
  most_waits_ = 3;
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(broken_, SizeIs(3)) << "it worked in between";
  EXPECT_EQ(waits_[2], 4 * kFirstWait) << "but not for long";
}

TEST_F(FollowerTest, AStreamThatLastedStartsTheWaitsAgain) {
  broker_.receive.refuse = [this](const auto&) {
    now_ += kLongestWait;
    return Gone();
  };
  most_waits_ = 3;
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(waits_, ElementsAre(kFirstWait, kFirstWait, kFirstWait));
}

TEST_F(FollowerTest, AStreamThatTheBrokerEndsInTimeIsOpenedAtOnce) {
  broker_.receive.alter = [this](const auto&, auto*) {
    if (broker_.receive.calls.size() < 3) now_ += absl::Minutes(8);
  };
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(broker_.receive.calls, SizeIs(3));
  EXPECT_THAT(waits_, SizeIs(1));
}

TEST_F(FollowerTest, ALostAcknowledgementIsRepeatedWithoutASecondOutput) {
  const std::string batch = Sent();
  broker_.acknowledge.refuse = [this](const auto&) {
    return broker_.acknowledge.calls.size() == 1 ? Gone() : grpc::Status::OK;
  };
  most_waits_ = 2;
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(broken_, SizeIs(1));
  EXPECT_THAT(sink_.taken, ElementsAre(batch));
  ASSERT_THAT(received_, SizeIs(1));
  EXPECT_TRUE(received_[0].before);
}

TEST_F(FollowerTest, ARefusalThatLastsEndsIt) {
  const std::pair<grpc::StatusCode, const char*> cases[] = {
      {grpc::StatusCode::UNAUTHENTICATED, "CERTIFICATE_REVOKED"},
      {grpc::StatusCode::PERMISSION_DENIED, "TERMINATED"},
      {grpc::StatusCode::PERMISSION_DENIED, "SUSPENDED"},
      {grpc::StatusCode::PERMISSION_DENIED, "ROLE_NOT_ALLOWED"}};
  for (const auto& [code, reason] : cases) {
    broker_.receive.refuse = [code = code, reason = reason](const auto&) {
      return Refusal(code, reason);
    };
    EXPECT_THAT(Told(Run()), HasSubstr(reason));
  }
  EXPECT_THAT(waits_, IsEmpty());
  EXPECT_THAT(broken_, IsEmpty());
}

TEST_F(FollowerTest, LoginsThatAreRefusedInARowEndIt) {
  following_.open = [this]() -> absl::StatusOr<std::unique_ptr<Receiver>> {
    ++opened_;
    return ToStatus({.what = "the broker closed the connection",
                     .code = "LOGIN_REFUSED",
                     .exit = ExitCode::kNotAuthenticated});
  };
  most_waits_ = 100;
  EXPECT_THAT(Told(Run()), HasSubstr("LOGIN_REFUSED exit 4"));
  EXPECT_EQ(opened_, kRefusedLogins);
}

TEST_F(FollowerTest, WhatTheApplicationCannotDoEndsIt) {
  Sent();
  sink_.answer = absl::UnavailableError("the pipe is closed");
  EXPECT_THAT(Told(Run()), HasSubstr("the pipe is closed"));
  EXPECT_THAT(waits_, IsEmpty());
  EXPECT_THAT(broker_.acknowledge.calls, IsEmpty());
}

TEST_F(FollowerTest, ABatchThatIsRefusedIsToldOnceAndEndsNothing) {
  Sent();
  sink_.answer = absl::DataLossError("not to our taste");
  most_waits_ = 3;
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(broker_.receive.calls, SizeIs(3));
  EXPECT_THAT(refused_, SizeIs(1));
  EXPECT_THAT(received_, IsEmpty());
}

TEST_F(FollowerTest, AfterTheBatchAtHandItStops) {
  Sent();
  Sent();
  sink_.before = [this] { stop_.Cancel(); };
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(sink_.taken, SizeIs(1));
  ASSERT_THAT(received_, SizeIs(1));
  EXPECT_FALSE(received_[0].before);
  EXPECT_THAT(broker_.acknowledge.calls, SizeIs(1));
  EXPECT_THAT(waits_, IsEmpty());
}

TEST_F(FollowerTest, StoppedBeforeItBeginsItDoesNothing) {
  Sent();
  stop_.Cancel();
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(sink_.taken, IsEmpty());
}

TEST_F(FollowerTest, TheOrdinaryWaitIsCutShort) {
  const Following ordinary =
      FollowingOf(broker_.agency(kWest).profile(), kPact);
  EXPECT_TRUE(ordinary.wait(absl::ZeroDuration(), stop_));
  stop_.Cancel();
  EXPECT_FALSE(ordinary.wait(absl::Hours(1), stop_));
  for (int i = 0; i < 100; ++i) {
    const double chance = ordinary.random();
    EXPECT_GE(chance, 0);
    EXPECT_LE(chance, 1);
  }
}

TEST(FollowTotals, CountWhatWasHandedOverNow) {
  FollowTotals totals;
  ReceivedSummary batch;
  batch.records = 5;
  batch.matched = 2;
  batch.withheld = 1;
  totals.Add(batch);
  batch.before = true;
  totals.Add(batch);
  EXPECT_EQ(totals.batches, 1u);
  EXPECT_EQ(totals.records, 4u);
  EXPECT_EQ(totals.matched, 2u);
  EXPECT_EQ(totals.withheld, 1u);
}

}  // namespace
}  // namespace entente::client
