// What comes by the call of Receive, and how it ends.
#include <gmock/gmock.h>

#include "client/test_receiver.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Parts = std::vector<v1::ReceiveResponse>;

TEST_F(ReceiverTest, AStreamOutOfOrderEndsIt) {
  Sent();
  const std::function<void(Parts*)> lies[] = {
      [](Parts* p) { p->erase(p->begin()); },
      [](Parts* p) { p->insert(p->begin(), (*p)[0]); },
      [](Parts* p) { p->pop_back(); },
      [](Parts* p) { (*p)[0].mutable_start()->set_chunks(0); },
      [](Parts* p) { (*p)[0].mutable_start()->set_chunks(65); },
      [](Parts* p) { (*p)[1].Clear(); },
      [](Parts* p) { p->push_back(p->back()); }};
  for (const auto& lie : lies) {
    broker_.receive.alter = [&](const auto&, Parts* parts) { lie(parts); };
    broker_.batches.begin()->second.delivered = false;
    const auto report = Run(sink_);
    EXPECT_TRUE(absl::IsDataLoss(report.status())) << Told(report.status());
    EXPECT_THAT(Told(report.status()), HasSubstr("out of order"));
  }
}

TEST_F(ReceiverTest, TheEndSaysWhatOthersHaveAndEndsTheCall) {
  Sent();
  broker_.receive.alter = [](const auto&, Parts* parts) {
    parts->emplace_back().mutable_end()->set_with_others(3);
    // Nothing after it is looked at.
    parts->emplace_back().mutable_chunk();
  };
  const auto report = Run(sink_);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  EXPECT_EQ(report->with_others, 3u);
  EXPECT_FALSE(report->stopped);
  EXPECT_THAT(report->batches, SizeIs(1));
}

TEST_F(ReceiverTest, ABatchThatIsTakenBackIsLeftOut) {
  Sent(2);
  broker_.receive.alter = [](const auto&, Parts* parts) {
    // Start, one of two chunks; then the whole again.
    const Parts whole = *parts;
    parts->resize(2);
    parts->emplace_back().mutable_withdrawn();
    parts->insert(parts->end(), whole.begin(), whole.end());
  };
  const auto report = Run(sink_);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  EXPECT_THAT(report->batches, SizeIs(1));
  EXPECT_THAT(report->refused, IsEmpty());
}

TEST_F(ReceiverTest, AnEndInTheMiddleIsOutOfOrder) {
  Sent(2);
  broker_.receive.alter = [](const auto&, Parts* parts) {
    parts->resize(2);
    parts->emplace_back().mutable_end();
  };
  EXPECT_THAT(Told(Run(sink_).status()), HasSubstr("out of order"));
  broker_.receive.alter = [](const auto&, Parts* parts) {
    parts->clear();
    parts->emplace_back().mutable_withdrawn();
  };
  EXPECT_THAT(Told(Run(sink_).status()), HasSubstr("out of order"));
  EXPECT_THAT(sink_.taken, IsEmpty());
}

TEST_F(ReceiverTest, StoppedItEndsAfterTheBatchAtHand) {
  Sent();
  Sent();
  const Cancellation stop;
  broker_.acknowledge.refuse = [&](const auto&) {
    stop.Cancel();
    return grpc::Status::OK;
  };
  const auto receiver = Open();
  const auto report = receiver->Run(sink_, &stop);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  EXPECT_TRUE(report->stopped);
  EXPECT_THAT(report->batches, SizeIs(1));
  EXPECT_THAT(sink_.taken, SizeIs(1));
}

}  // namespace
}  // namespace entente::client
