#include "broker/sequencer.h"

#include <atomic>

#include "absl/strings/match.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "broker/store/agencies_table.h"
#include "broker/test_broker.h"
#include "crypto/merkle.h"
#include "crypto/tlog_proof.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using Entries = absl::StatusOr<std::vector<PendingEntry>>;

AgencyRow Agency(int number) {
  std::string digest = std::to_string(number);
  digest.insert(0, 64 - digest.size(), '0');
  return {"agency-" + std::to_string(number), "An agency", digest, "pem",
          absl::UnixEpoch()};
}

// A store whose commit or release fails when told to.
class FailingStore final : public Store {
 public:
  explicit FailingStore(Store* store) : store_(*store) {}
  absl::Status Read(
      absl::FunctionRef<absl::Status(Transaction&)> work) override {
    return store_.Read(work);
  }
  absl::Status Write(absl::FunctionRef<absl::Status(Transaction&)> work,
                     absl::FunctionRef<absl::Status()> release) override {
    return store_.Write(
        [&](Transaction& transaction) {
          const absl::Status worked = work(transaction);
          if (!worked.ok()) return worked;
          return fail ? absl::ResourceExhaustedError("disk full") : worked;
        },
        release);
  }
  absl::Status Resume(absl::FunctionRef<absl::Status()> release) override {
    return store_.Resume(release);
  }
  std::atomic<bool> fail = false;

 private:
  Store& store_;
};

class SequencerTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(broker_.OpenLedger("north-south").ok()); }

  bool HasAgency(int number) {
    return broker_.store
        ->Read([&](Transaction& transaction) {
          return AgenciesTable(transaction).Get(Agency(number).id).status();
        })
        .ok();
  }
  SignedHead Head(const std::string& ledger) {
    SignedHead head;
    EXPECT_TRUE(broker_.store
                    ->Read([&](Transaction& transaction) {
                      auto read = broker_.ledgers->Head(transaction, ledger);
                      if (read.ok()) head = *read;
                      return read.status();
                    })
                    .ok());
    return head;
  }
  Job AddAgency(int number) {
    return [number](Transaction& transaction) -> Entries {
      const absl::Status put =
          AgenciesTable(transaction).Insert(Agency(number));
      if (!put.ok()) return put;
      return std::vector<PendingEntry>{
          {"north-south", "{\"agency\":" + std::to_string(number) + "}",
           nullptr}};
    };
  }

  TestBroker broker_;
};

TEST_F(SequencerTest, WritesRowsAndEntryTogetherAndAnswersWithAReceipt) {
  const auto receipts = broker_.sequencer->Run(AddAgency(1));
  ASSERT_TRUE(receipts.ok()) << receipts.status();
  ASSERT_EQ(receipts->size(), 1u);
  const Receipt& receipt = receipts->front();
  EXPECT_EQ(receipt.part, "north-south");
  EXPECT_EQ(receipt.index, 0u);
  EXPECT_EQ(receipt.entry, "{\"agency\":1}");
  EXPECT_EQ(receipt.size, 1u);
  const SignedHead head = Head("north-south");
  EXPECT_EQ(receipt.root, head.root);
  EXPECT_EQ(receipt.proof,
            "c2sp.org/tlog-proof@v1\nindex 0\n\n" + head.checkpoint);
  EXPECT_TRUE(HasAgency(1));
}

TEST_F(SequencerTest, AnchorsWhatItSignedBeforeItAnswers) {
  ASSERT_TRUE(broker_.sequencer->Run(AddAgency(1)).ok());
  const auto anchor = broker_.anchors->Find("broker.test/ledgers/north-south");
  ASSERT_TRUE(anchor.has_value());
  EXPECT_EQ(anchor->size, 1u);
  EXPECT_EQ(anchor->root, Head("north-south").root);
}

TEST_F(SequencerTest, UndoesAFailingJobAlone) {
  const auto failing = [](Transaction& transaction) -> Entries {
    const absl::Status put = AgenciesTable(transaction).Insert(Agency(1));
    return put.ok() ? absl::PermissionDeniedError("refused") : put;
  };
  absl::BlockingCounter waiting(3);
  absl::Mutex mu;
  std::vector<absl::StatusCode> codes(3);
  const auto note = [&](int i) {
    return [&, i](absl::StatusOr<std::vector<Receipt>> outcome) {
      {
        absl::MutexLock lock(&mu);
        codes[i] = outcome.status().code();
      }
      waiting.DecrementCount();
    };
  };
  ASSERT_TRUE(broker_.sequencer->Submit(AddAgency(2), note(0)).ok());
  ASSERT_TRUE(broker_.sequencer->Submit(failing, note(1)).ok());
  ASSERT_TRUE(broker_.sequencer->Submit(AddAgency(3), note(2)).ok());
  waiting.Wait();
  EXPECT_EQ(codes[0], absl::StatusCode::kOk);
  EXPECT_EQ(codes[1], absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(codes[2], absl::StatusCode::kOk);
  EXPECT_FALSE(HasAgency(1));
  EXPECT_TRUE(HasAgency(2));
  EXPECT_TRUE(HasAgency(3));
  EXPECT_EQ(Head("north-south").size, 2u);
}

TEST_F(SequencerTest, UndoesAJobWhoseEntryCannotBeWritten) {
  const std::pair<PendingEntry, absl::StatusCode> cases[] = {
      {{"nobody", "{}", nullptr}, absl::StatusCode::kNotFound},
      {{"north-south", "two\nlines", nullptr},
       absl::StatusCode::kInvalidArgument},
      {{"north-south", "", nullptr}, absl::StatusCode::kInvalidArgument},
      {{"north-south", std::string(8193, 'x'), nullptr},
       absl::StatusCode::kInvalidArgument},
      {{"north-south", "{}",
        [](Transaction&, uint64_t) { return absl::AbortedError("no"); }},
       absl::StatusCode::kAborted}};
  for (const auto& [entry, code] : cases) {
    const PendingEntry pending = entry;
    const auto outcome =
        broker_.sequencer->Run([&](Transaction& transaction) -> Entries {
          const absl::Status put = AgenciesTable(transaction).Insert(Agency(1));
          if (!put.ok()) return put;
          return std::vector<PendingEntry>{pending};
        });
    EXPECT_EQ(outcome.status().code(), code);
    EXPECT_FALSE(HasAgency(1));
  }
  EXPECT_EQ(Head("north-south").size, 0u);
}

TEST_F(SequencerTest, TellsAJobTheIndexOfItsEntry) {
  ASSERT_TRUE(broker_.Append("north-south", 3).ok());
  uint64_t told = 0;
  const auto receipts = broker_.sequencer->Run([&](Transaction&) -> Entries {
    return std::vector<PendingEntry>{
        {"north-south", "{}", [&](Transaction&, uint64_t index) {
           told = index;
           return absl::OkStatus();
         }}};
  });
  ASSERT_TRUE(receipts.ok());
  EXPECT_EQ(told, 3u);
  EXPECT_EQ(receipts->front().index, 3u);
}

TEST_F(SequencerTest, SignsNothingForJobsWithoutEntries) {
  const std::string before = Head("north-south").checkpoint;
  const auto receipts =
      broker_.sequencer->Run([](Transaction& transaction) -> Entries {
        const absl::Status put = AgenciesTable(transaction).Insert(Agency(9));
        if (!put.ok()) return put;
        return std::vector<PendingEntry>();
      });
  ASSERT_TRUE(receipts.ok());
  EXPECT_TRUE(receipts->empty());
  EXPECT_TRUE(HasAgency(9));
  EXPECT_EQ(Head("north-south").checkpoint, before);
}

// The first job holds the thread until all others wait, so they share one
// transaction and one checkpoint.
TEST_F(SequencerTest, CommitsWhatWaitsTogether) {
  constexpr int kJobs = 50;
  absl::Notification holding;
  absl::Notification go;
  absl::BlockingCounter answered(kJobs + 1);
  absl::Mutex mu;
  std::vector<Receipt> receipts;
  const auto done = [&](absl::StatusOr<std::vector<Receipt>> outcome) {
    if (outcome.ok()) {
      absl::MutexLock lock(&mu);
      receipts.insert(receipts.end(), outcome->begin(), outcome->end());
    }
    answered.DecrementCount();
  };
  ASSERT_TRUE(broker_.sequencer
                  ->Submit(
                      [&](Transaction&) -> Entries {
                        holding.Notify();
                        go.WaitForNotification();
                        return std::vector<PendingEntry>();
                      },
                      done)
                  .ok());
  holding.WaitForNotification();
  for (int i = 0; i < kJobs; ++i) {
    ASSERT_TRUE(broker_.sequencer->Submit(AddAgency(i), done).ok());
  }
  EXPECT_EQ(broker_.sequencer->queued(), static_cast<size_t>(kJobs));
  go.Notify();
  answered.Wait();
  ASSERT_EQ(receipts.size(), static_cast<size_t>(kJobs));
  const auto key =
      crypto::NoteKey::Parse(*broker_.ledgers->VerifierKey("north-south"));
  for (int i = 0; i < kJobs; ++i) {
    EXPECT_EQ(receipts[i].index, static_cast<uint64_t>(i));
    EXPECT_EQ(receipts[i].size, static_cast<uint64_t>(kJobs));
    const auto verified =
        crypto::VerifyTlogProof(*crypto::ParseTlogProof(receipts[i].proof),
                                crypto::AsBytes(receipts[i].entry), *key);
    ASSERT_TRUE(verified.ok()) << verified.status();
    EXPECT_EQ(verified->root, receipts[i].root);
  }
}

// What a client checks on every call.
TEST_F(SequencerTest, EveryCheckpointExtendsTheOneBefore) {
  SignedHead before = Head("north-south");
  for (const int count : {1, 255, 1, 300, 7}) {
    ASSERT_TRUE(broker_.Append("north-south", count).ok());
    const SignedHead after = Head("north-south");
    std::vector<crypto::Hash> proof;
    ASSERT_TRUE(broker_.store
                    ->Read([&](Transaction& transaction) {
                      auto read = broker_.ledgers->Consistency(
                          transaction, "north-south", before.size);
                      if (read.ok()) proof = *read;
                      return read.status();
                    })
                    .ok());
    EXPECT_TRUE(crypto::VerifyConsistency(before.size, before.root, after.size,
                                          after.root, proof)
                    .ok());
    before = after;
  }
}

TEST_F(SequencerTest, RefusesMoreThanTheQueueHolds) {
  broker_.Stop();
  broker_.options.max_queued = 2;
  ASSERT_TRUE(broker_.Start().ok());
  absl::Notification holding;
  absl::Notification go;
  const auto hold = [&](Transaction&) -> Entries {
    holding.Notify();
    go.WaitForNotification();
    return std::vector<PendingEntry>();
  };
  const auto ignore = [](absl::StatusOr<std::vector<Receipt>>) {};
  ASSERT_TRUE(broker_.sequencer->Submit(hold, ignore).ok());
  holding.WaitForNotification();
  EXPECT_TRUE(broker_.sequencer->Submit(AddAgency(1), ignore).ok());
  EXPECT_TRUE(broker_.sequencer->Submit(AddAgency(2), ignore).ok());
  EXPECT_EQ(broker_.sequencer->Submit(AddAgency(3), ignore).code(),
            absl::StatusCode::kResourceExhausted);
  go.Notify();
  broker_.sequencer->Shutdown();
}

TEST_F(SequencerTest, ShutdownFinishesWhatWaitsAndRefusesTheRest) {
  std::atomic<int> done = 0;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(broker_.sequencer
                    ->Submit(AddAgency(i),
                             [&](absl::StatusOr<std::vector<Receipt>> outcome) {
                               if (outcome.ok()) ++done;
                             })
                    .ok());
  }
  broker_.sequencer->Shutdown();
  EXPECT_EQ(done, 20);
  EXPECT_EQ(broker_.sequencer->Run(AddAgency(99)).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(SequencerTest, AFailingCommitReleasesNothingAndMayBeRetried) {
  broker_.sequencer = nullptr;
  FailingStore store(broker_.store.get());
  Sequencer sequencer(&store, broker_.ledgers.get(), broker_.anchors.get(), {});
  store.fail = true;
  const auto failed = sequencer.Run(AddAgency(1));
  EXPECT_EQ(failed.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(absl::StrContains(failed.status().message(), "disk full"));
  EXPECT_FALSE(HasAgency(1));
  EXPECT_EQ(Head("north-south").size, 0u);
  EXPECT_FALSE(
      broker_.anchors->Find("broker.test/ledgers/north-south").has_value());
  store.fail = false;
  EXPECT_TRUE(sequencer.Run(AddAgency(1)).ok());
  EXPECT_EQ(Head("north-south").size, 1u);
}

TEST_F(SequencerTest, RefusesToSignOverWhatSomebodyElseWrote) {
  ASSERT_TRUE(broker_.Append("north-south", 5).ok());
  ASSERT_TRUE(broker_.OpenLedger("other").ok());
  ASSERT_TRUE(broker_
                  .Tamper("UPDATE ledgers SET size = 4, signed_size = 4"
                          " WHERE id = 'north-south'")
                  .ok());
  EXPECT_EQ(broker_.Append("north-south", 1).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_TRUE(broker_.Append("other", 1).ok());
  ASSERT_TRUE(broker_
                  .Tamper("UPDATE ledgers SET size = 5, signed_size = 5"
                          " WHERE id = 'north-south';"
                          "UPDATE tiles SET hashes = zeroblob(160)"
                          " WHERE ledger = 'north-south'")
                  .ok());
  EXPECT_EQ(broker_.Append("north-south", 1).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(SequencerTest, CarriesManyLedgersInOneCommit) {
  ASSERT_TRUE(broker_.OpenLedger("second").ok());
  const auto receipts = broker_.sequencer->Run([](Transaction&) -> Entries {
    return std::vector<PendingEntry>{{"north-south", "{\"a\":1}", nullptr},
                                     {"second", "{\"b\":1}", nullptr},
                                     {"north-south", "{\"c\":1}", nullptr}};
  });
  ASSERT_TRUE(receipts.ok());
  ASSERT_EQ(receipts->size(), 3u);
  EXPECT_EQ((*receipts)[0].index, 0u);
  EXPECT_EQ((*receipts)[1].index, 0u);
  EXPECT_EQ((*receipts)[2].index, 1u);
  EXPECT_EQ((*receipts)[2].size, 2u);
  EXPECT_EQ((*receipts)[1].size, 1u);
}

}  // namespace
}  // namespace entente::broker
