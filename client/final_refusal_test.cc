#include "client/final_refusal.h"

#include <gtest/gtest.h>

#include "client/error.h"

namespace entente::client {
namespace {

absl::Status Refused(const std::string& code) {
  return ToStatus(
      {.what = "refused", .code = code, .exit = ExitCode::kRefused});
}

TEST(FinalRefusalTest, WhatTheSameBytesMeetAgainIsFinal) {
  for (const char* code :
       {"NO_FLOW", "MISSING:case_reference", "FIELD_NOT_RELEASED",
        "QUOTA_EXCEEDED", "BAD_HEADER", "MANIFEST_UNKNOWN", "BATCH_EXPIRED",
        "REPLAYED_DIFFERENTLY"}) {
    EXPECT_TRUE(IsFinalRefusal(Refused(code))) << code;
  }
}

TEST(FinalRefusalTest, WhatMayPassIsNot) {
  EXPECT_FALSE(IsFinalRefusal(absl::OkStatus()));
  EXPECT_FALSE(IsFinalRefusal(absl::UnavailableError("gone")));
  EXPECT_FALSE(IsFinalRefusal(absl::DataLossError("a lie")));
  for (const char* code : {"CHUNK_ORDER", "OVERLOADED", "LOG_UNAVAILABLE",
                           "DISK_FULL", "SHUTTING_DOWN", "NO_SUCH_CODE"}) {
    EXPECT_FALSE(IsFinalRefusal(Refused(code))) << code;
  }
}

}  // namespace
}  // namespace entente::client
