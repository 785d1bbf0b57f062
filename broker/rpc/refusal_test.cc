#include "broker/rpc/refusal.h"

#include "broker/ledger/ledger_log.h"
#include "broker/rpc/unary.h"
#include "broker/store/test_store.h"
#include "entente/v1/access.pb.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

TEST(Refusal, CarriesEveryConditionToTheCaller) {
  const absl::Status status =
      Refuse(absl::StatusCode::kPermissionDenied,
             {{"FIELD_NOT_RELEASED", "flows[0].release", "no such field: x",
               "leave it out"},
              {"EXPIRED", "valid.until", "ended", "propose a new version"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(StatusDetails(status)));
  ASSERT_EQ(details.details_size(), 2);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "FIELD_NOT_RELEASED");
  EXPECT_EQ(info.domain(), "entente");
  v1::Refusal refusal;
  ASSERT_TRUE(details.details(1).UnpackTo(&refusal));
  ASSERT_EQ(refusal.conditions_size(), 2);
  EXPECT_EQ(refusal.conditions(1).clause(), "valid.until");
}

TEST(Refusal, SaysInASentenceWhatADecisionFound) {
  policy::Decision denied;
  denied.failures.push_back({policy::Reason::kMissing, "case_reference",
                             "flows[0] crimes.require", ""});
  denied.failures.push_back(
      {policy::Reason::kPurposeNotInAgreement, "", "purposes", "gossip"});
  const absl::Status status = Refuse(denied);
  EXPECT_EQ(status.message(), policy::InfoOf(policy::Reason::kMissing).meaning);
  const std::vector<Condition> conditions = ConditionsOf(status);
  ASSERT_EQ(conditions.size(), 2u);
  EXPECT_EQ(conditions[0].reason, "MISSING:case_reference");
  EXPECT_EQ(conditions[1].detail, "the agreement has no such purpose: gossip");
}

TEST(Refusal, NamesItsLedgerEntry) {
  const absl::Status status = RecordedAt(
      Refuse(policy::Reason::kNoAgreement, "no such agreement"), "broker", 7);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(StatusDetails(status)));
  v1::Refusal refusal;
  ASSERT_TRUE(details.details(1).UnpackTo(&refusal));
  EXPECT_EQ(refusal.ledger(), "broker");
  EXPECT_EQ(refusal.entry_index(), 7u);
}

TEST(Refusal, KeepsInternalsInside) {
  const absl::Status status = absl::InternalError("/var/lib/secret: disk I/O");
  EXPECT_EQ(StatusDetails(status).find("secret"), std::string::npos);
  EXPECT_EQ(PublicMessage(status).find("secret"), std::string::npos);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(StatusDetails(status)));
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "INTERNAL");
  EXPECT_TRUE(ConditionsOf(status).empty());
}

TEST(Refusal, SaysOfARefusedLedgerThatAndNothingOfItsFiles) {
  absl::Status status;
  {
    LedgerLog ledgers("broker.test", *crypto::SigningKey::Generate());
    ledgers.Refuse("isa-small", "/var/lib/secret: entry 3 was altered");
    TestStore store;
    status = store.In([&](Transaction& transaction) {
      return ledgers.Size(transaction, "isa-small").status();
    });
  }
  EXPECT_TRUE(ConditionsOf(status).empty());
  const absl::Status told = ForTheWire(status);
  EXPECT_EQ(told.code(), absl::StatusCode::kUnavailable);
  ASSERT_EQ(ConditionsOf(told).size(), 1u);
  EXPECT_EQ(ConditionsOf(told)[0].reason, "LEDGER_REFUSED");
  EXPECT_THAT(ConditionsOf(told)[0].remedy,
              testing::HasSubstr("entente-broker restore"));
  const grpc::Status sent = ToGrpc(status);
  EXPECT_EQ(sent.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(sent.error_message().find("secret"), std::string::npos);
  EXPECT_EQ(sent.error_details().find("secret"), std::string::npos);
  EXPECT_NE(sent.error_details().find("LEDGER_REFUSED"), std::string::npos);
  const absl::Status other = absl::FailedPreconditionError("x");
  EXPECT_EQ(ForTheWire(other), other);
}

}  // namespace
}  // namespace entente::broker
