#include "broker/ledger/next_part.h"

#include <functional>

#include "broker/store/ledger_table.h"
#include "broker/test_broker.h"
#include "crypto/hex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using policy::ContinuationReason;
using testing::HasSubstr;

// A ledger `isa-1` of five entries.
class NextPartTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(broker_.OpenLedger("isa-1").ok());
    ASSERT_TRUE(broker_.Append("isa-1", 5).ok());
  }

  absl::Status Write(std::function<absl::Status(Transaction&)> work) {
    return broker_.sequencer
        ->Run([&](Transaction& transaction)
                  -> absl::StatusOr<std::vector<PendingEntry>> {
          const absl::Status done = work(transaction);
          if (!done.ok()) return done;
          return std::vector<PendingEntry>();
        })
        .status();
  }
  template <typename Result>
  Result Get(std::function<absl::StatusOr<Result>(Transaction&)> read) {
    absl::StatusOr<Result> result = absl::UnknownError("");
    EXPECT_TRUE(broker_.store
                    ->Read([&](Transaction& transaction) {
                      result = read(transaction);
                      return absl::OkStatus();
                    })
                    .ok());
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : Result();
  }
  SignedHead Head(const std::string& id) {
    return Get<SignedHead>([&](Transaction& transaction) {
      return broker_.ledgers->Head(transaction, id);
    });
  }
  std::string Entry(const std::string& id, uint64_t index) {
    return Get<std::string>([&](Transaction& transaction) {
      return broker_.ledgers->Entry(transaction, id, index);
    });
  }
  std::string Refused(const std::string& ledger) {
    const auto& refused = broker_.ledgers->refused();
    const auto found = refused.find(ledger);
    return found == refused.end() ? "" : found->second;
  }

  TestBroker broker_;
};

TEST_F(NextPartTest, FirstEntryNamesWhatIsClosed) {
  const SignedHead closed = Head("isa-1");
  const auto next = broker_.Continue("isa-1", {0, 8});
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->name, "isa-1.1");
  EXPECT_EQ(next->previous, "isa-1");
  EXPECT_EQ(next->size, 5u);
  EXPECT_EQ(next->signed_size, 8u);
  const std::string line = Entry("isa-1.1", 0);
  EXPECT_EQ(next->digest, crypto::ToHex(crypto::Sha256(line)));
  const auto entry = policy::ParseEntry(line);
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->agreement, "isa-1");
  EXPECT_EQ(*policy::ReadContinuation(*entry),
            (policy::Continuation{"broker.test/ledgers/isa-1", 5, closed.root,
                                  ContinuationReason::kRestored, 8}));
  const SignedHead head = Head("isa-1.1");
  EXPECT_EQ(head.size, 1u);
  EXPECT_TRUE(broker_.ledgers->VerifyCheckpoint("isa-1.1", head).ok());
  EXPECT_FALSE(broker_.ledgers->VerifyCheckpoint("isa-1", head).ok());
}

TEST_F(NextPartTest, EntriesGoToTheNewestPartAndAreCountedOn) {
  ASSERT_TRUE(broker_.Continue("isa-1").ok());
  uint64_t noted = 0;
  const auto receipts = broker_.sequencer->Run(
      [&](Transaction&) -> absl::StatusOr<std::vector<PendingEntry>> {
        return std::vector<PendingEntry>{
            {"isa-1", "{\"n\":6}", [&](Transaction&, uint64_t position) {
               noted = position;
               return absl::OkStatus();
             }}};
      });
  ASSERT_TRUE(receipts.ok()) << receipts.status();
  EXPECT_EQ(receipts->front().part, "isa-1.1");
  EXPECT_EQ(receipts->front().index, 1u);
  EXPECT_EQ(noted, 6u);
  ASSERT_TRUE(broker_.Continue("isa-1").ok());
  EXPECT_EQ(broker_.Append("isa-1", 1)->front().part, "isa-1.2");
  const std::pair<uint64_t, std::pair<std::string, uint64_t>> places[] = {
      {0, {"isa-1", 0}},   {4, {"isa-1", 4}},   {5, {"isa-1.1", 0}},
      {6, {"isa-1.1", 1}}, {7, {"isa-1.2", 0}}, {8, {"isa-1.2", 1}}};
  for (const auto& [position, at] : places) {
    const auto place =
        Get<EntryPlace>([&, wanted = position](Transaction& transaction) {
          return broker_.ledgers->PlaceOf(transaction, "isa-1", wanted);
        });
    EXPECT_EQ(place.part, at.first) << position;
    EXPECT_EQ(place.index, at.second) << position;
  }
  EXPECT_EQ(Get<uint64_t>([&](Transaction& transaction) {
              return broker_.ledgers->Size(transaction, "isa-1");
            }),
            9u);
  EXPECT_TRUE(absl::IsOutOfRange(Write([&](Transaction& transaction) {
    return broker_.ledgers->PlaceOf(transaction, "isa-1", 9).status();
  })));
  EXPECT_TRUE(absl::IsNotFound(Write([&](Transaction& transaction) {
    return broker_.ledgers->PlaceOf(transaction, "isa-2", 0).status();
  })));
}

TEST_F(NextPartTest, AClosedPartTakesNoEntryAndStaysReadable) {
  const SignedHead closed = Head("isa-1");
  ASSERT_TRUE(broker_.Continue("isa-1").ok());
  const absl::Status appended = Write([&](Transaction& transaction) {
    return broker_.ledgers->Append(transaction, "isa-1", "{}").status();
  });
  EXPECT_TRUE(absl::IsFailedPrecondition(appended));
  EXPECT_THAT(std::string(appended.message()), HasSubstr("isa-1.1"));
  EXPECT_EQ(Head("isa-1").checkpoint, closed.checkpoint);
  EXPECT_EQ(Entry("isa-1", 4), "{\"n\":4}");
}

TEST_F(NextPartTest, TheTenthPartFollowsTheNinth) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(broker_.Continue("isa-1").ok());
  EXPECT_EQ(broker_.Append("isa-1", 1)->front().part, "isa-1.10");
  ASSERT_TRUE(broker_.Restart().ok());
  EXPECT_EQ(Refused("isa-1"), "");
  EXPECT_EQ(broker_.Append("isa-1", 1)->front().part, "isa-1.10");
}

TEST_F(NextPartTest, APartThatWasSignedElsewhereIsNotSignedAgain) {
  const auto next = broker_.Continue("isa-1", {3, 0});
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->name, "isa-1.4");
  EXPECT_EQ(next->signed_size, 0u);
  EXPECT_TRUE(absl::IsResourceExhausted(
      broker_.Continue("isa-1", {policy::kMaxLedgerPart, 0}).status()));
}

TEST_F(NextPartTest, ALedgerOfWhichNothingIsLeftGoesOnFromNothing) {
  const auto next = broker_.Continue("isa-gone", {0, 12});
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->name, "isa-gone.1");
  EXPECT_EQ(next->size, 0u);
  EXPECT_EQ(next->signed_size, 12u);
  EXPECT_EQ(Head("isa-gone").size, 0u);
}

TEST_F(NextPartTest, OtherLedgersAreOtherLedgers) {
  ASSERT_TRUE(broker_.OpenLedger("isa-10").ok());
  ASSERT_TRUE(broker_.Continue("isa-10").ok());
  EXPECT_EQ(broker_.Append("isa-1", 1)->front().part, "isa-1");
  EXPECT_EQ(broker_.Append("isa-10", 1)->front().part, "isa-10.1");
}

TEST_F(NextPartTest, PartsAreMadeInOrder) {
  for (const char* id : {"isa-1.x", "isa-1.0", "isa-1.1.1", "", "isa 1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(broker_.OpenLedger(id))) << id;
  }
  EXPECT_TRUE(absl::IsNotFound(broker_.OpenLedger("isa-2.1")));
  ASSERT_TRUE(broker_.Continue("isa-1", {1, 0}).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(broker_.OpenLedger("isa-1.2")));
  EXPECT_TRUE(absl::IsFailedPrecondition(broker_.OpenLedger("isa-1.1")));
  const absl::Status unsigned_entries = Write([&](Transaction& transaction) {
    const auto index =
        broker_.ledgers->Append(transaction, "isa-1.2", "{\"n\":1}");
    if (!index.ok()) return index.status();
    return broker_.ledgers->Create(transaction, "isa-1.3");
  });
  EXPECT_TRUE(absl::IsFailedPrecondition(unsigned_entries));
}

struct Lie {
  const char* name;
  std::function<void(policy::Continuation&)> tell;
};

class LyingPartTest : public NextPartTest,
                      public testing::WithParamInterface<Lie> {};

TEST_P(LyingPartTest, FirstEntryIsRefused) {
  const SignedHead closed = Head("isa-1");
  policy::Continuation says = {"broker.test/ledgers/isa-1", closed.size,
                               closed.root, ContinuationReason::kRestored, 0};
  policy::LedgerEntry blank;
  blank.time = absl::FromUnixSeconds(1800000000);
  const auto append = [&] {
    const std::string line =
        *policy::SerialiseEntry(policy::ContinuationEntry(blank, says));
    return Write([&](Transaction& transaction) {
      const absl::Status made = broker_.ledgers->Create(transaction, "isa-1.1");
      if (!made.ok()) return made;
      return broker_.ledgers->Append(transaction, "isa-1.1", line).status();
    });
  };
  const policy::Continuation truth = says;
  GetParam().tell(says);
  const absl::Status lied = append();
  EXPECT_TRUE(absl::IsInvalidArgument(lied)) << lied;
  EXPECT_THAT(std::string(lied.message()),
              HasSubstr("does not continue isa-1 at 5 entries"));
  says = truth;
  EXPECT_TRUE(append().ok());
}

INSTANTIATE_TEST_SUITE_P(
    All, LyingPartTest,
    testing::Values(
        Lie{"Origin", [](auto& c) { c.origin = "broker.test/ledgers/isa-2"; }},
        Lie{"Smaller", [](auto& c) { c.size = 4; }},
        Lie{"Larger", [](auto& c) { c.size = 6; }},
        Lie{"Root", [](auto& c) { c.root[31] ^= 1; }}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(NextPartTest, FirstEntryOfAnotherKindIsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(Write([&](Transaction& transaction) {
    const absl::Status made = broker_.ledgers->Create(transaction, "isa-1.1");
    if (!made.ok()) return made;
    return broker_.ledgers->Append(transaction, "isa-1.1", "{\"n\":0}")
        .status();
  })));
}

// Somebody with the key and the file adds to a part that is closed.
TEST_F(NextPartTest, AStartFindsAPartThatWentOnAfterItWasClosed) {
  ASSERT_TRUE(broker_.OpenLedger("isa-2").ok());
  ASSERT_TRUE(broker_.Continue("isa-1").ok());
  ASSERT_TRUE(Write([&](Transaction& transaction) {
                LedgerTable table(transaction);
                absl::Status put = table.InsertEntry("isa-1", 5, "{\"n\":5}");
                if (put.ok()) put = table.SetSize("isa-1", 6);
                if (!put.ok()) return put;
                return broker_.ledgers->Sign(transaction, "isa-1").status();
              }).ok());
  ASSERT_TRUE(broker_.Restart().ok());
  EXPECT_THAT(Refused("isa-1"),
              HasSubstr("does not continue isa-1 at 6 entries"));
  EXPECT_EQ(Refused("isa-2"), "");
  // The whole ledger is refused, whichever part is asked for.
  for (const char* id : {"isa-1", "isa-1.1"}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(Write([&](Transaction& transaction) {
      return broker_.ledgers->Head(transaction, id).status();
    }))) << id;
  }
  EXPECT_TRUE(absl::IsFailedPrecondition(broker_.Append("isa-1", 1).status()));
}

TEST_F(NextPartTest, AStartFindsAPartThatTheDatabaseForgot) {
  ASSERT_TRUE(broker_.Continue("isa-1").ok());
  broker_.Stop();
  ASSERT_TRUE(broker_
                  .Tamper("DELETE FROM tiles WHERE ledger = 'isa-1.1';"
                          "DELETE FROM entries WHERE ledger = 'isa-1.1';"
                          "DELETE FROM ledgers WHERE id = 'isa-1.1'")
                  .ok());
  ASSERT_TRUE(broker_.Start().ok());
  EXPECT_THAT(Refused("isa-1"), HasSubstr("isa-1.1 is not served"));
  EXPECT_THAT(Refused("isa-1"), HasSubstr("--new-ledgers"));
}

}  // namespace
}  // namespace entente::broker
