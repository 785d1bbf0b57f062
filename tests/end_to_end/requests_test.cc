// Requests that the agreement does not allow.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/end_to_end/shared_world.h"
#include "tests/end_to_end/wire.h"

namespace entente::end_to_end {
namespace {

using client::BatchRoute;
using client::OutgoingRecord;
using testing::HasSubstr;

class Requests : public EndToEnd {
 protected:
  std::string Rows(size_t count = 1) {
    return Write("rows.csv", People(count));
  }

  // A batch in kPersons as it should be, but for what `alter` does to it.
  client::Failure Crafted(
      const std::function<void(BatchRoute*, OutgoingRecord*)>& alter) {
    return SendCrafted(LeftSystem(), kAgreement,
                       {kLeft,
                        kRight,
                        kPersons,
                        kPurpose,
                        "push",
                        {{"case_reference", "OP-LANTERN/0142"}}},
                       alter);
  }

  void ExpectRefusedBatch(const client::Failure& failure,
                          const std::string& code, const std::string& clause) {
    EXPECT_EQ(failure.code, code) << failure.what;
    EXPECT_EQ(failure.exit, client::ExitCode::kRefused);
    EXPECT_THAT(failure.why, HasSubstr(clause));
    EXPECT_NE(failure.next, "");
    ASSERT_EQ(failure.ledger, kAgreement);
    const json entry = Entry(kAgreement, failure.entry);
    ASSERT_TRUE(entry.is_object());
    EXPECT_EQ(entry.at("kind"), "batch");
    EXPECT_EQ(entry.at("outcome"), "deny");
    EXPECT_THAT(entry.at("reasons").get<std::string>(), HasSubstr(code));
  }

  void ExpectGoodOneStillGoes() {
    const Ended sent = Send(kPersons, kPurpose, Rows(), {"--case", "C1"});
    ASSERT_EQ(sent.exit_code, 0) << sent.err;
    EXPECT_EQ(sent.out.at("sent"), 1);
    EXPECT_EQ(sent.out.at("resumed").size(), 0u)
        << "a refused batch is not tried again";
  }
};

TEST_F(Requests, AMissingCaseReferenceIsNamed) {
  const Ended ended = Send(kPersons, kPurpose, Rows());
  ExpectFailure(ended, {.exit_code = 3,
                        .code = "MISSING:case_reference",
                        .what = "does not carry what the flow demands",
                        .why = "flows[0] persons.require",
                        .next = "add it to the request"});
  ExpectRefusalEntry(ended, kAgreement,
                     Entry(kAgreement, ended.error.value("entry", 0)), "batch",
                     "MISSING:case_reference");
  ExpectGoodOneStillGoes();
}

TEST_F(Requests, APurposeOfAnotherFlowIsRefused) {
  const Ended ended = Send(kPersons, kOtherPurpose, Rows(), {"--case", "C1"});
  ExpectFailure(ended, {.exit_code = 3,
                        .code = "NO_FLOW",
                        .what = "",
                        .why = "flows[0] persons",
                        .next = "use a flow of the agreement"});
  ExpectRefusalEntry(ended, kAgreement,
                     Entry(kAgreement, ended.error.value("entry", 0)), "batch",
                     "NO_FLOW");
  ExpectGoodOneStillGoes();
}

TEST_F(Requests, APurposeThatNobodyAgreedIsRefused) {
  const Ended ended = Send(kPersons, "gossip", Rows(), {"--case", "C1"});
  ExpectFailure(ended, {.exit_code = 3,
                        .code = "PURPOSE_NOT_IN_AGREEMENT",
                        .what = "no such purpose",
                        .why = "gossip",
                        .next = "state a purpose of the agreement"});
  ExpectRefusalEntry(ended, kAgreement,
                     Entry(kAgreement, ended.error.value("entry", 0)), "batch",
                     "PURPOSE_NOT_IN_AGREEMENT");
}

TEST_F(Requests, AFlowThatIsNoneIsNamedWithThoseThereAre) {
  ExpectFailure(Send("people", kPurpose, Rows(), {"--case", "C1"}),
                {.exit_code = 3,
                 .code = "NO_FLOW",
                 .what = "has no flow people",
                 .why = "persons, scarce",
                 .next = "--flow"});
}

TEST_F(Requests, AMethodThatIsNotAgreedIsRefused) {
  const Ended ended =
      Send(kPersons, kPurpose, Rows(), {"--case", "C1", "--method", "extract"});
  ExpectFailure(ended, {.exit_code = 3,
                        .code = "METHOD_NOT_ALLOWED",
                        .what = "does not allow this method",
                        .why = "flows[0] persons.methods",
                        .next = "use a method of the flow"});
  ExpectRefusalEntry(ended, kAgreement,
                     Entry(kAgreement, ended.error.value("entry", 0)), "batch",
                     "METHOD_NOT_ALLOWED");
}

TEST_F(Requests, ARecipientOutsideTheFlowIsRefused) {
  for (const char* recipient : {kInspector, kLeft, "nobody"}) {
    ExpectFailure(
        Send(kPersons, kPurpose, Rows(), {"--case", "C1", "--to", recipient}),
        {.exit_code = 3,
         .code = "KEY_UNKNOWN",
         .what = absl::StrCat("nothing goes from ", kLeft, " to ", recipient),
         .next = "name a recipient of the flow"});
  }
  // The same past a client that does not look at the keys.
  ExpectRefusedBatch(Crafted([](BatchRoute* route, OutgoingRecord* /*record*/) {
                       route->recipient = kInspector;
                     }),
                     "RECIPIENT_NOT_PARTY", "parties");
  ExpectGoodOneStillGoes();
}

TEST_F(Requests, TheOtherWayRoundIsNoFlow) {
  ExpectFailure(
      Run(RightSystem(), {"send", "--agreement", kAgreement, "--flow", kPersons,
                          "--purpose", kPurpose, "--case", "C1", Rows()}),
      {.exit_code = 3,
       .code = "NO_FLOW",
       .what = absl::StrCat(kRight, " does not send in the flow persons"),
       .why = kLeft,
       .next = "--flow"});
}

TEST_F(Requests, AFieldThatIsWithheldDoesNotLeaveTheBuilding) {
  ExpectFailure(Send(kPersons, kPurpose, Rows(),
                     {"--case", "C1", "--map", "surname=surname"}),
                {.exit_code = 2,
                 .code = "USAGE",
                 .what = "the flow uses no field surname",
                 .next = "it uses date_of_birth, offence_code, person"});
  // Past a client that seals it all the same.
  const client::Failure failure =
      Crafted([](BatchRoute* route, OutgoingRecord* record) {
        route->fields.push_back({"surname", crypto::ValueType::kText, 0});
        record->values.push_back(crypto::Value::Text("Quillfeather"));
      });
  ExpectRefusedBatch(failure, "FIELD_NOT_RELEASED", "surname");
  EXPECT_THAT(failure.why,
              HasSubstr("surname (withheld) (flows[0] persons.release)"));
  ExpectGoodOneStillGoes();
}

TEST_F(Requests, EveryOffendingFieldIsNamed) {
  const client::Failure failure =
      Crafted([](BatchRoute* route, OutgoingRecord* record) {
        for (const char* name : {"shoe_size", "surname"}) {
          route->fields.push_back({name, crypto::ValueType::kText, 0});
          record->values.push_back(crypto::Value::Null());
        }
      });
  ExpectRefusedBatch(failure, "FIELD_NOT_RELEASED", "surname");
  EXPECT_THAT(failure.why, HasSubstr("shoe_size"));
}

TEST_F(Requests, SomebodyElsesNameAsSenderIsRefused) {
  ExpectRefusedBatch(Crafted([](BatchRoute* route, OutgoingRecord* /*record*/) {
                       route->sender = kRight;
                       route->recipient = kLeft;
                     }),
                     "NOT_YOUR_AGENCY", "parties");
}

TEST_F(Requests, OnlyASystemSends) {
  ExpectFailure(Run(Profile(kLeft, "siro"),
                    {"send", "--agreement", kAgreement, "--flow", kPersons,
                     "--purpose", kPurpose, "--case", "C1", Rows()}),
                {.exit_code = 2,
                 .code = "USAGE",
                 .what = "only an agency's system sends",
                 .next = "use the system's profile"});
  ExpectFailure(Run(Profile(kLeft, "siro"),
                    {"enrol", "--agreement", kAgreement, "--scheme", "nhs/1",
                     "--column", "person", "--ref", "reference", Rows()}),
                {.exit_code = 2,
                 .code = "USAGE",
                 .what = "only an agency's system enrols",
                 .next = "use the system's profile"});
}

TEST_F(Requests, RecordsAndCallsOfADayAreCounted) {
  const auto over = [&](size_t rows, const std::string& limit) {
    const Ended ended = Send(kScarce, kOtherPurpose, Rows(rows));
    ExpectFailure(ended, {.exit_code = 3,
                          .code = "QUOTA_EXCEEDED",
                          .what = absl::StrCat(limit, " is used up"),
                          .why = "flows scarce.limits.",
                          .next = "wait until the quota begins anew"});
    ExpectRefusalEntry(ended, kAgreement,
                       Entry(kAgreement, ended.error.value("entry", 0)),
                       "batch", "QUOTA_EXCEEDED");
  };
  ASSERT_EQ(Send(kScarce, kOtherPurpose, Rows(2)).exit_code, 0);
  over(2, "records_per_day of 3");
  // What is refused uses nothing up.
  const Ended fits = Send(kScarce, kOtherPurpose, Rows(1));
  ASSERT_EQ(fits.exit_code, 0) << fits.err;
  EXPECT_EQ(fits.out.at("sent"), 1);
  over(1, "requests_per_day of 2");
  ExpectGoodOneStillGoes();
}

}  // namespace
}  // namespace entente::end_to_end
