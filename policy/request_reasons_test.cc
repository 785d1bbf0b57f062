#include "policy/request_reasons.h"

#include "gtest/gtest.h"

namespace entente::policy {
namespace {

TEST(RequestReasons, AreThoseThatAnotherQuestionWouldNotHaveMet) {
  for (const Reason reason :
       {Reason::kNoFlow, Reason::kPurposeNotInAgreement, Reason::kMissing,
        Reason::kFieldNotReleased, Reason::kRoleNotAllowed}) {
    EXPECT_TRUE(IsAboutRequest(reason)) << CodeOf(reason);
  }
}

TEST(RequestReasons, AreNotThoseOfTimeStateKeysQuotasOrFaults) {
  for (const Reason reason :
       {Reason::kInternal, Reason::kExpired, Reason::kSuspended,
        Reason::kVersionSuperseded, Reason::kKeyUnknown, Reason::kStaleView,
        Reason::kQuotaExceeded, Reason::kGrantOver, Reason::kLogUnavailable,
        Reason::kOverloaded, Reason::kNotBuilt, Reason(9999)}) {
    EXPECT_FALSE(IsAboutRequest(reason)) << CodeOf(reason);
  }
}

}  // namespace
}  // namespace entente::policy
