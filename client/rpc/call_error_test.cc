#include "client/rpc/call_error.h"

#include <grpcpp/support/status.h>

#include "client/error.h"
#include "entente/v1/access.pb.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace entente::client {
namespace {

using testing::HasSubstr;

std::string Details(const std::string& reason = "EXPIRED") {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  v1::Refusal refusal;
  for (const char* clause : {"valid.until", "flows[0]"}) {
    auto* condition = refusal.add_conditions();
    condition->set_reason("EXPIRED");
    condition->set_clause(clause);
    condition->set_detail("ended");
    condition->set_remedy("propose a new version");
  }
  refusal.set_ledger("isa-example");
  refusal.set_entry_index(12);
  google::rpc::Status details;
  details.add_details()->PackFrom(info);
  details.add_details()->PackFrom(refusal);
  return details.SerializeAsString();
}

TEST(FromGrpc, KeepsEveryConditionAndItsEntry) {
  const Failure failure = FromStatus(FromGrpc(
      grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "ended", Details())));
  EXPECT_EQ(failure.code, "EXPIRED");
  EXPECT_EQ(failure.exit, ExitCode::kRefused);
  EXPECT_THAT(failure.why, HasSubstr("valid.until"));
  EXPECT_THAT(failure.why, HasSubstr("flows[0]"));
  EXPECT_EQ(failure.next, "propose a new version");
  EXPECT_EQ(failure.ledger, "isa-example");
  EXPECT_EQ(failure.entry, 12u);
}

TEST(FromGrpc, SaysWhatToLookAtWhenTheBrokerIsAway) {
  const Failure failure = FromStatus(
      FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed")));
  EXPECT_EQ(failure.code, "UNAVAILABLE");
  EXPECT_EQ(failure.exit, ExitCode::kUnavailable);
  EXPECT_THAT(failure.next, HasSubstr("certificate"));
}

TEST(FromGrpc, TellsARefusedLoginFromABrokerThatIsAway) {
  const Failure refused = FromStatus(FromGrpc(grpc::Status(
      grpc::StatusCode::UNAVAILABLE,
      "failed to connect to all addresses; last error: UNAVAILABLE: "
      "ipv4:127.0.0.1:7443: Socket closed")));
  EXPECT_EQ(refused.code, "LOGIN_REFUSED");
  EXPECT_EQ(refused.exit, ExitCode::kNotAuthenticated);
  EXPECT_THAT(refused.next, HasSubstr("registered"));
  const Failure away = FromStatus(FromGrpc(
      grpc::Status(grpc::StatusCode::UNAVAILABLE,
                   "failed to connect to all addresses; last error: UNKNOWN: "
                   "ipv4:127.0.0.1:7443: Connection refused")));
  EXPECT_EQ(away.code, "UNAVAILABLE");
  EXPECT_EQ(away.exit, ExitCode::kUnavailable);
}

TEST(FromGrpc, MapsCodesToExitCodes) {
  const std::pair<grpc::StatusCode, ExitCode> cases[] = {
      {grpc::StatusCode::UNAUTHENTICATED, ExitCode::kNotAuthenticated},
      {grpc::StatusCode::ALREADY_EXISTS, ExitCode::kConflict},
      {grpc::StatusCode::NOT_FOUND, ExitCode::kRefused},
      {grpc::StatusCode::RESOURCE_EXHAUSTED, ExitCode::kRefused},
      {grpc::StatusCode::INTERNAL, ExitCode::kFailed},
      {grpc::StatusCode::DEADLINE_EXCEEDED, ExitCode::kUnavailable}};
  for (const auto& [code, exit] : cases) {
    EXPECT_EQ(FromStatus(FromGrpc(grpc::Status(code, "x"))).exit, exit);
  }
}

TEST(FromGrpc, AnOlderLedgerThanWasVerifiedIsAnAlarm) {
  const auto exit_of = [](const std::string& reason) {
    return FromStatus(
               FromGrpc(grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "x",
                                     Details(reason))))
        .exit;
  };
  EXPECT_EQ(exit_of("STALE_VIEW"), ExitCode::kVerificationFailed);
  EXPECT_EQ(exit_of("NO_KEY_BUNDLE"), ExitCode::kRefused);
}

TEST(FromGrpc, LeavesOutDetailsThatCannotBeRead) {
  const Failure failure = FromStatus(
      FromGrpc(grpc::Status(grpc::StatusCode::NOT_FOUND, "none", "\xff\xff")));
  EXPECT_EQ(failure.code, "NOT_FOUND");
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
}

}  // namespace
}  // namespace entente::client
