#include "client/verified_agreement.h"

#include <gmock/gmock.h>

#include "client/fake_system.h"
#include "client/send_plan.h"

namespace entente::client {
namespace {

using testing::HasSubstr;

TEST(FetchVerifiedTest, WhatIsNotInForceIsSaidSo) {
  FakeBroker broker;
  FakeSystem north(&broker, kNorth);
  broker.activated = false;
  EXPECT_THAT(Told(north.Fetch().status()), HasSubstr("NOT_IN_FORCE exit 3"));
  broker.envelopes.pop_back();
  EXPECT_THAT(Told(north.Fetch().status()),
              HasSubstr("1 signatures are missing"));
}

TEST(FetchVerifiedTest, RefusalsAndOutagesComeAsTheyAre) {
  FakeBroker broker;
  FakeSystem north(&broker, kNorth);
  EXPECT_THAT(
      Told(FetchVerified(north.link(), north.profile(), nullptr, "isa-none", 0)
               .status()),
      HasSubstr("NO_AGREEMENT exit 3"));
  const auto away = [](const auto&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
  };
  broker.get_bundle.refuse = away;
  EXPECT_THAT(Told(north.Fetch().status()), HasSubstr("UNAVAILABLE exit 7"));
  broker.get_bundle.refuse = nullptr;
  broker.get_manifest.refuse = away;
  EXPECT_THAT(Told(north.Fetch().status()), HasSubstr("UNAVAILABLE exit 7"));
  broker.get_manifest.refuse = nullptr;
  EXPECT_TRUE(north.Fetch().ok());
}

TEST(BundleInDateTest, ABundleThatIsOverIsNotSealedTo) {
  FakeBroker broker;
  FakeSystem north(&broker, kNorth);
  const Dealings dealings = north.Deal();
  const absl::Time end = dealings.verified.FindBundle(kWest)->not_after;
  EXPECT_TRUE(
      dealings.verified.BundleInDate(kWest, end - absl::Seconds(1)).ok());
  const auto over = dealings.verified.BundleInDate(kWest, end);
  EXPECT_THAT(Told(over.status()), HasSubstr("BUNDLE_EXPIRED exit 3"));
  EXPECT_THAT(Told(over.status()), HasSubstr("entente keys request"));
  EXPECT_THAT(Told(dealings.verified.BundleInDate("nobody", end).status()),
              HasSubstr("KEY_UNKNOWN exit 3"));

  const SendRequest request = {kNorth,        kWest,
                               "crimes-west", "find-series",
                               "push",        {{"case_reference", "OP/1"}}};
  const KeptCheckpoint view = *north.view().Known();
  EXPECT_TRUE(PlanSending(dealings.verified, view, broker.now, request).ok());
  EXPECT_THAT(Told(PlanSending(dealings.verified, view, end, request).status()),
              HasSubstr("BUNDLE_EXPIRED"));
  // The agreement can still be read, and what came before be received.
  broker.now = end;
  EXPECT_TRUE(north.Fetch().ok());
}

}  // namespace
}  // namespace entente::client
