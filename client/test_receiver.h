// A recipient in a test, before a broker in memory.
#ifndef ENTENTE_CLIENT_TEST_RECEIVER_H_
#define ENTENTE_CLIENT_TEST_RECEIVER_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/fake_traffic.h"
#include "client/receiver.h"
#include "client/sender.h"

namespace entente::client {

// Remembers what it was given.
class RecordingSink final : public BatchSink {
 public:
  absl::StatusOr<std::string> Take(const std::string& batch, const std::string&,
                                   const OpenedBatch& opened) override {
    if (!answer.ok()) return answer;
    taken.push_back(batch);
    records += opened.records.size();
    for (const Record& record : opened.records) {
      text += ToJson(Value(record));
    }
    return std::string("somewhere");
  }

  std::vector<std::string> taken;
  size_t records = 0;
  std::string text;  // of all records
  absl::Status answer;
};

class ReceiverTest : public testing::Test {
 protected:
  explicit ReceiverTest(FakeBrokerPlan plan = {}) : broker_(std::move(plan)) {}

  // North's batch, at the broker.
  OutgoingBatch Sent(size_t count = 2, const Falsehood& falsehood = {}) {
    const OutgoingBatch batch = PutBatch(&north_, kWest, count, falsehood);
    const auto sent = SendStored(north_.Deal(), batch.batch_id);
    EXPECT_TRUE(sent.ok()) << Told(sent.status());
    return batch;
  }
  std::unique_ptr<Receiver> Open() {
    auto receiver = Receiver::Open(broker_.agency(kWest).profile(),
                                   broker_.Link(kWest), kPact);
    EXPECT_TRUE(receiver.ok()) << Told(receiver.status());
    return *std::move(receiver);
  }
  absl::StatusOr<ReceiveReport> Run(BatchSink& sink) {
    return Open()->Run(sink);
  }
  ReceivedState StateOf(const OutgoingBatch& batch) {
    const auto store = LocalStore::Open(broker_.agency(kWest).profile());
    const auto received = (*store)->exchange().Received(kPact);
    for (const ReceivedBatch& row : *received) {
      if (row.batch_id == batch.batch_id) return row.state;
    }
    ADD_FAILURE() << "the batch was never noted";
    return ReceivedState::kArrived;
  }

  FakeBroker broker_;
  FakeSystem north_{&broker_, kNorth};
  RecordingSink sink_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TEST_RECEIVER_H_
