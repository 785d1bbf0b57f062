// A sender who seals what the agreement does not promise.
#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/test_commands_at_broker.h"
#include "client/test_receiver.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kForeignCode[] = "28/9";  // not in the list of codes
constexpr char kNoMonth[] = "on a dark night";

// A value of the record with that index, whatever its type may hold.
struct FalseValue {
  size_t index;
  std::string field;
  std::string value;
};

Falsehood Holding(std::vector<FalseValue> lies) {
  const auto fields = std::make_shared<std::vector<crypto::FieldSpec>>();
  Falsehood falsehood;
  falsehood.route = [fields](BatchRoute& route) { *fields = route.fields; };
  falsehood.records = [fields, lies = std::move(lies)](auto& records) {
    for (const FalseValue& lie : lies) {
      const auto field =
          std::find_if(fields->begin(), fields->end(),
                       [&](const auto& one) { return one.name == lie.field; });
      ASSERT_NE(field, fields->end()) << lie.field;
      records[lie.index].values[field - fields->begin()] =
          crypto::Value::Of(field->type, lie.value);
    }
  };
  return falsehood;
}

class WithheldTest : public ReceiverTest {
 protected:
  using ReceiverTest::ReceiverTest;

  // The entry of the only batch's delivery, as it is written.
  std::string Written() {
    EXPECT_THAT(broker_.batches, SizeIs(1));
    return broker_.Receipt(kPact, broker_.batches.begin()->second.delivery)
        .entry();
  }
  policy::LedgerEntry Delivered() {
    const auto entry = policy::ParseEntry(Written());
    EXPECT_TRUE(entry.ok()) << entry.status();
    return entry.ok() ? *entry : policy::LedgerEntry();
  }
};

TEST_F(WithheldTest, ARecordThatIsNotAsAgreedIsKeptFromTheApplication) {
  const OutgoingBatch batch = Sent(
      3, Holding({{1, "offence", kForeignCode}, {1, "occurred", kNoMonth}}));
  const auto report = Run(sink_);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  EXPECT_THAT(report->refused, IsEmpty());
  ASSERT_THAT(report->batches, SizeIs(1));
  const ReceivedSummary& summary = report->batches[0];
  EXPECT_EQ(summary.records, 3u);
  EXPECT_EQ(summary.withheld, 1u);
  EXPECT_EQ(policy::PrintViolations(summary.violations),
            "2 1:occurred 1:offence");
  EXPECT_EQ(sink_.records, 2u);
  EXPECT_THAT(sink_.text, HasSubstr("\"index\":0"));
  EXPECT_THAT(sink_.text, Not(HasSubstr("\"index\":1")));
  EXPECT_THAT(sink_.text, HasSubstr("\"index\":2"));
  EXPECT_EQ(StateOf(batch), ReceivedState::kAcknowledged);
}

TEST_F(WithheldTest, TheLedgerSaysWhichAndNeverWhat) {
  Sent(2, Holding({{0, "offence", kForeignCode}, {1, "occurred", kNoMonth}}));
  ASSERT_TRUE(Run(sink_).ok());
  EXPECT_EQ(sink_.records, 0u);
  ASSERT_THAT(broker_.acknowledge.calls, SizeIs(1));
  const v1::AcknowledgeRequest& said = broker_.acknowledge.calls[0];
  EXPECT_EQ(said.violations(), "2 0:offence 1:occurred");
  EXPECT_EQ(Delivered().detail["violations"], said.violations());
  for (const std::string& told : {said.SerializeAsString(), Written()}) {
    EXPECT_THAT(told, Not(HasSubstr(kForeignCode)));
    EXPECT_THAT(told, Not(HasSubstr(kNoMonth)));
    EXPECT_THAT(told, Not(HasSubstr("Ann")));
  }
}

TEST_F(WithheldTest, AGoodBatchIsAcknowledgedWithoutAWord) {
  Sent();
  ASSERT_TRUE(Run(sink_).ok());
  ASSERT_THAT(broker_.acknowledge.calls, SizeIs(1));
  EXPECT_EQ(broker_.acknowledge.calls[0].violations(), "");
  EXPECT_EQ(Delivered().detail.count("violations"), 0u);
}

TEST_F(WithheldTest, MoreThanAnEntryHoldsAreCounted) {
  constexpr size_t kRecords = 25;
  std::vector<FalseValue> lies;
  for (size_t i = 0; i < kRecords; ++i) {
    lies.push_back({i, "offence", kForeignCode});
    lies.push_back({i, "occurred", kNoMonth});
  }
  static_assert(2 * kRecords > policy::kMaxListedViolations);
  Sent(kRecords, Holding(std::move(lies)));
  const auto report = Run(sink_);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  ASSERT_THAT(report->batches, SizeIs(1));
  EXPECT_EQ(report->batches[0].withheld, kRecords);
  const auto kept = policy::ParseViolations(Delivered().detail["violations"]);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->total, 2 * kRecords);
  EXPECT_THAT(kept->listed, SizeIs(policy::kMaxListedViolations));
  EXPECT_EQ(*kept, report->batches[0].violations);
}

TEST_F(WithheldTest, ALostAcknowledgementIsSignedAgainAlike) {
  Sent(2, Holding({{1, "offence", kForeignCode}}));
  broker_.acknowledge.lose = [](const auto&) { return true; };
  EXPECT_FALSE(Run(sink_).ok());
  broker_.acknowledge.lose = nullptr;
  broker_.batches.begin()->second.delivered = false;  // it delivers once more
  const auto again = Run(sink_);
  ASSERT_TRUE(again.ok()) << Told(again.status());
  ASSERT_THAT(again->batches, SizeIs(1));
  EXPECT_TRUE(again->batches[0].before);
  EXPECT_EQ(sink_.records, 1u) << "handed over once";
  const auto& calls = broker_.acknowledge.calls;
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(calls[0].violations(), "1 1:offence");
  EXPECT_EQ(calls[1].violations(), calls[0].violations());
  EXPECT_EQ(calls[1].signature(), calls[0].signature());
}

struct LedgerLie {
  std::string name;
  std::function<void(policy::LedgerEntry&)> alter;
};

// A broker that records another delivery than the recipient signed.
class ViolationsLieTest : public WithheldTest,
                          public testing::WithParamInterface<LedgerLie> {
 protected:
  static FakeBrokerPlan Plan() {
    FakeBrokerPlan plan;
    plan.entry = [](policy::LedgerEntry& entry) {
      if (entry.kind == policy::EntryKind::kDelivery) GetParam().alter(entry);
    };
    return plan;
  }
  ViolationsLieTest() : WithheldTest(Plan()) {}
};

TEST_P(ViolationsLieTest, IsNotAcceptedAsTheReceipt) {
  const OutgoingBatch batch = Sent(3, Holding({{0, "offence", kForeignCode}}));
  const auto report = Run(sink_);
  EXPECT_TRUE(absl::IsDataLoss(report.status()));
  EXPECT_THAT(Told(report.status()),
              HasSubstr("exit 6: the ledger has another delivery than was "
                        "signed: its violations differ"));
  EXPECT_EQ(StateOf(batch), ReceivedState::kHandedOver);
}

INSTANTIATE_TEST_SUITE_P(
    All, ViolationsLieTest,
    testing::Values(
        LedgerLie{"KeptSilent",
                  [](auto& entry) { entry.detail.erase("violations"); }},
        LedgerLie{"AnotherField",
                  [](auto& entry) { entry.detail["violations"] = "1 0:name"; }},
        LedgerLie{"OneMore",
                  [](auto& entry) {
                    entry.detail["violations"] = "2 0:offence 1:offence";
                  }}),
    [](const auto& test) { return test.param.name; });

TEST_F(CommandsAtBrokerTest, WithheldRecordsEndWithEightAndAreNotWritten) {
  FakeSystem north(&broker_, kNorth);
  const OutgoingBatch batch =
      PutBatch(&north, kWest, 2, Holding({{1, "offence", kForeignCode}}));
  ASSERT_TRUE(SendStored(north.Deal(), batch.batch_id).ok());
  const Ran ran = Receive(folder_ / "inbox");
  EXPECT_EQ(ran.exit, 8) << ran.err;
  EXPECT_EQ(ran.Code(), "NOT_AS_AGREED");
  const crypto::Json error = ran.Error();
  EXPECT_EQ(error["what"], "1 records were withheld");
  EXPECT_THAT(error["next"].get<std::string>(), HasSubstr("tell the sender"));
  const crypto::Json out = ran.Out();
  EXPECT_EQ(out["received"], 1);
  ASSERT_THAT(out["batches"], SizeIs(1));
  EXPECT_EQ(out["batches"][0]["withheld"], 1);
  EXPECT_EQ(out["batches"][0]["violations"], "1 1:offence");
  const std::string lines =
      folder_.Read("inbox/" + crypto::ToHex(batch.batch_id) + ".jsonl");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1);
  for (const std::string& told : {ran.out, ran.err, lines}) {
    EXPECT_THAT(told, Not(HasSubstr(kForeignCode)));
  }
  // Acknowledged, so it does not come again.
  EXPECT_EQ(Receive(folder_ / "inbox").exit, 0);
}

}  // namespace
}  // namespace entente::client
