#include "client/error.h"

#include <gtest/gtest.h>

namespace entente::client {
namespace {

const Failure kFailure = {.what = "refused: no field \"ethnicity\"",
                          .why = "clause 4.2 lists 11 fields",
                          .next = "remove the field",
                          .code = "FIELD_NOT_RELEASED",
                          .request_id = "01JDC",
                          .exit = ExitCode::kRefused};

TEST(FailureTest, SurvivesAStatus) {
  const absl::Status status = ToStatus(kFailure);
  EXPECT_TRUE(absl::IsPermissionDenied(status));
  EXPECT_EQ(FromStatus(status), kFailure);
}

TEST(FailureTest, EveryExitSurvivesExceptSuccess) {
  for (int exit = 1; exit <= 8; ++exit) {
    Failure failure = kFailure;
    failure.exit = static_cast<ExitCode>(exit);
    EXPECT_FALSE(ToStatus(failure).ok());
    EXPECT_EQ(FromStatus(ToStatus(failure)).exit, failure.exit);
  }
  Failure success = kFailure;
  success.exit = ExitCode::kOk;
  EXPECT_EQ(FromStatus(ToStatus(success)).exit, ExitCode::kFailed);
}

TEST(FailureTest, PlainStatusesGetTheExitThatFits) {
  const std::pair<absl::Status, ExitCode> kCases[] = {
      {absl::PermissionDeniedError("x"), ExitCode::kRefused},
      {absl::UnauthenticatedError("x"), ExitCode::kNotAuthenticated},
      {absl::AlreadyExistsError("x"), ExitCode::kConflict},
      {absl::DataLossError("x"), ExitCode::kVerificationFailed},
      {absl::UnavailableError("x"), ExitCode::kUnavailable},
      {absl::DeadlineExceededError("x"), ExitCode::kUnavailable},
      {absl::InvalidArgumentError("x"), ExitCode::kFailed},
      {absl::InternalError("x"), ExitCode::kFailed}};
  for (const auto& [status, exit] : kCases) {
    EXPECT_EQ(FromStatus(status).exit, exit) << status;
    EXPECT_EQ(FromStatus(status).what, "x");
    EXPECT_EQ(FromStatus(status).code, absl::StatusCodeToString(status.code()));
  }
  EXPECT_FALSE(FromStatus(absl::InternalError("")).what.empty());
}

TEST(FailureTest, ADamagedPayloadIsIgnored) {
  absl::Status status = ToStatus(kFailure);
  status.SetPayload("entente/failure", absl::Cord("\x09nonsense"));
  EXPECT_EQ(FromStatus(status).code, "PERMISSION_DENIED");
}

TEST(FailureTest, AnnotatingKeepsCodeAdviceAndExit) {
  const Failure failure =
      FromStatus(Annotate(ToStatus(kFailure), "cannot send"));
  EXPECT_EQ(failure.what, "cannot send");
  EXPECT_EQ(failure.why,
            "refused: no field \"ethnicity\": clause 4.2 lists 11 fields");
  EXPECT_EQ(failure.code, kFailure.code);
  EXPECT_EQ(failure.next, kFailure.next);
  EXPECT_EQ(failure.exit, kFailure.exit);
  EXPECT_TRUE(Annotate(absl::OkStatus(), "x").ok());
}

TEST(FailureTest, TextHasTheFourParts) {
  EXPECT_EQ(FailureText(kFailure),
            "error:   refused: no field \"ethnicity\"\n"
            "why:     clause 4.2 lists 11 fields\n"
            "next:    remove the field\n"
            "code:    FIELD_NOT_RELEASED   request: 01JDC\n");
  EXPECT_EQ(FailureText({.what = "a\x1b[2J\nb", .code = "C"}),
            "error:   a<U+001B>[2J<U+000A>b\ncode:    C\n");
}

TEST(FailureTest, JsonHasASchemaAndEscapes) {
  EXPECT_EQ(FailureJson(kFailure),
            "{\"schema\":1,\"error\":{\"what\":\"refused: no field "
            "\\\"ethnicity\\\"\",\"why\":\"clause 4.2 lists 11 fields\","
            "\"next\":\"remove the field\",\"code\":\"FIELD_NOT_RELEASED\","
            "\"request_id\":\"01JDC\",\"exit\":3}}\n");
}

}  // namespace
}  // namespace entente::client
