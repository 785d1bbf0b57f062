// What a cancelled call of the library leaves behind: it is repeated, and all
// ends as if it had been made once.
#include <gmock/gmock.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "client/entente.h"
#include "client/test_commands_at_broker.h"

namespace entente::client {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// When the broker's answer no longer finds the caller.
enum class Moment { kBeforeItIsDone, kAfterItIsDone };

class CancelledCallTest : public CommandsAtBrokerTest,
                          public testing::WithParamInterface<Moment> {
 protected:
  static std::unique_ptr<System> OpenSystem(const Profile& profile) {
    auto system = System::Open(profile.folder());
    EXPECT_TRUE(system.ok()) << system.status();
    return *std::move(system);
  }

  // The next call of `knob`'s method cancels what made it, once. The broker
  // does it all the same, or not, as the parameter says.
  template <typename Request, typename Response>
  void CancelIn(Knob<Request, Response>* knob) {
    const bool done = GetParam() == Moment::kAfterItIsDone;
    knob->refuse = [this, done](const Request&) {
      if (!is_armed_.exchange(false)) return grpc::Status::OK;
      cancellation_.Cancel();
      if (done) return grpc::Status::OK;
      is_over_.Notify();
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "not done");
    };
    knob->lose = [this](const Request&) {
      if (!is_over_.HasBeenNotified()) is_over_.Notify();
      return false;
    };
  }
  Limits Cancellable() const { return {absl::Minutes(2), &cancellation_}; }
  // Whether the call was cancelled; by then the broker is through with it too.
  void ExpectCancelled(const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
    ASSERT_FALSE(is_armed_) << "the call was never made";
    is_over_.WaitForNotification();
  }

  static Enrolment People() {
    return {kPact,
            "opaque/1:custody",
            {{"n-1", {"A1"}}, {"n-2", {"B2"}}, {"n-3", {"C3"}}}};
  }
  static Shipment Rows() {
    return {.agreement = kPact,
            .flow = "crimes-west",
            .purpose = "find-series",
            .to = kWest,
            .accompanying = {{"case_reference", "OP/1"}},
            .columns = {"person", "name", "offence", "occurred", "age"},
            .rows = {{"A1", "Ann", "28/3", "2026-10-03", "30"},
                     {"B2", "Bob", "28/3", "2026-10-04", "31"}}};
  }
  void EnrolAndSend() {
    const auto north = OpenSystem(North());
    const auto enrolled = north->Enrol(People());
    ASSERT_TRUE(enrolled.ok()) << enrolled.status();
    const auto sent = north->Send(Rows());
    ASSERT_TRUE(sent.ok()) << sent.status();
  }
  // Entries of `kind` in the agreement's ledger, and the records in them.
  std::pair<int, uint64_t> Entries(policy::EntryKind kind) {
    std::pair<int, uint64_t> found = {0, 0};
    for (uint64_t i = 0; i < broker_.ledger().tree().size(); ++i) {
      const auto entry = policy::ParseEntry(broker_.ledger().entry(i));
      EXPECT_TRUE(entry.ok()) << entry.status();
      if (!entry.ok() || entry->kind != kind) continue;
      ++found.first;
      found.second += entry->records;
    }
    return found;
  }

  const Cancellation cancellation_;
  std::atomic<bool> is_armed_ = true;
  absl::Notification is_over_;
};

TEST_P(CancelledCallTest, EnrolRepeatedEnrolsOnce) {
  const auto north = OpenSystem(North());
  CancelIn(&broker_.enrol);
  ExpectCancelled(north->Enrol(People(), Cancellable()).status());
  const auto again = north->Enrol(People());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->identifiers, 3u);
  EXPECT_THAT(again->refused, IsEmpty());
  EXPECT_EQ(Entries(policy::EntryKind::kEnrolment), (std::pair(1, uint64_t{3})))
      << "counted once against the quota";
  const auto third = north->Enrol(People());
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(third->fresh, 0u);
}

TEST_P(CancelledCallTest, SendRepeatedSendsOnce) {
  const auto north = OpenSystem(North());
  const auto enrolled = north->Enrol(People());
  ASSERT_TRUE(enrolled.ok()) << enrolled.status();
  CancelIn(&broker_.send_chunk);
  ExpectCancelled(north->Send(Rows(), Cancellable()).status());
  const auto again = north->Send(Rows());
  ASSERT_TRUE(again.ok()) << again.status();
  // The batch that was sealed goes on; nothing is sealed anew.
  ASSERT_THAT(again->batches, SizeIs(1));
  EXPECT_EQ(again->batches[0].records, 2u);
  EXPECT_EQ(again->sent_before, 2u);
  EXPECT_THAT(broker_.batches, SizeIs(1));
  EXPECT_EQ(Entries(policy::EntryKind::kBatch), (std::pair(1, uint64_t{2})));
  const auto third = north->Send(Rows());
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_THAT(third->batches, IsEmpty());
}

TEST_P(CancelledCallTest, SendThatHadSealedNothingLeavesNothing) {
  const auto north = OpenSystem(North());
  const auto enrolled = north->Enrol(People());
  ASSERT_TRUE(enrolled.ok()) << enrolled.status();
  CancelIn(&broker_.get_agreement);
  ExpectCancelled(north->Send(Rows(), Cancellable()).status());
  EXPECT_THAT(broker_.send_chunk.calls, IsEmpty());
  const auto again = north->Send(Rows());
  ASSERT_TRUE(again.ok()) << again.status();
  ASSERT_THAT(again->batches, SizeIs(1));
  EXPECT_EQ(again->sent_before, 0u);
}

TEST_P(CancelledCallTest, ReceiveRepeatedHandsOverOnce) {
  ASSERT_NO_FATAL_FAILURE(EnrolAndSend());
  const auto west = OpenSystem(West());
  std::vector<std::string> handed;
  const Handler handler = [&handed](const Delivery& delivery) {
    for (const ReceivedRecord& record : delivery.records) {
      handed.push_back(record.fields.at("name").value_or(""));
    }
    return absl::OkStatus();
  };
  CancelIn(&broker_.acknowledge);
  ExpectCancelled(west->Receive(kPact, handler, Cancellable()).status());
  EXPECT_THAT(handed, testing::UnorderedElementsAre("Ann", "Bob"));
  // What was not acknowledged comes again, and is not handed over again.
  const auto again = west->Receive(kPact, handler);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(again->batches,
              SizeIs(GetParam() == Moment::kBeforeItIsDone ? 1 : 0));
  for (const auto& batch : again->batches) EXPECT_TRUE(batch.is_repeat);
  EXPECT_THAT(handed, SizeIs(2));
  EXPECT_EQ(Entries(policy::EntryKind::kDelivery).first, 1);
}

TEST_P(CancelledCallTest, ReceiveThatGotNothingLeavesItThere) {
  ASSERT_NO_FATAL_FAILURE(EnrolAndSend());
  const auto west = OpenSystem(West());
  size_t handed = 0;
  const Handler handler = [&handed](const Delivery& delivery) {
    handed += delivery.records.size();
    return absl::OkStatus();
  };
  CancelIn(&broker_.receive);
  ExpectCancelled(west->Receive(kPact, handler, Cancellable()).status());
  const auto again = west->Receive(kPact, handler);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(again->batches, SizeIs(1));
  EXPECT_EQ(handed, 2u);
}

INSTANTIATE_TEST_SUITE_P(All, CancelledCallTest,
                         testing::Values(Moment::kBeforeItIsDone,
                                         Moment::kAfterItIsDone),
                         [](const auto& test) {
                           return test.param == Moment::kBeforeItIsDone
                                      ? "BeforeItIsDone"
                                      : "AfterItIsDone";
                         });

}  // namespace
}  // namespace entente::client
