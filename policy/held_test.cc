#include "policy/held.h"

#include <functional>

#include "gtest/gtest.h"
#include "policy/test_route.h"

namespace entente::policy {
namespace {

using Change = std::function<void(Agreement&)>;

// `CODE | detail`, or nothing.
std::string HeldOn(std::vector<AgreementRecord> records,
                   const Request& batch = Push(), absl::Time now = kNow) {
  const auto held = WhyHeld(*Register::Create(std::move(records)), now, batch);
  return held.has_value() ? held->Code() + " | " + held->detail : "";
}

// Version 2 is in force at kNow.
AgreementRecord Amended(const Change& change, int handover_days = 0) {
  AgreementRecord record = Record(Document());
  Agreement next = Document();
  next.version = 2;
  next.valid.from = absl::CivilDay(2027, 3, 1);
  next.valid.handover_days = handover_days;
  change(next);
  record.versions[2] = Signed(next);
  return record;
}

void AsItWas(Agreement&) {}

TEST(WhyHeld, WhatIsInForceIsDelivered) {
  EXPECT_EQ(HeldOn({Record(Document())}), "");
  EXPECT_EQ(HeldOn({Record(Under()), Record(Tier())}), "");
}

TEST(WhyHeld, KeepsWhatWaitsForWitnessesThatAreRequired) {
  AgreementRecord optional = Record(Document());
  optional.quorum_missing = true;
  EXPECT_EQ(HeldOn({optional}), "");
  Agreement document = Document();
  document.witness = Witness::kRequired;
  AgreementRecord required = Record(document);
  EXPECT_EQ(HeldOn({required}), "");
  required.quorum_missing = true;
  EXPECT_EQ(HeldOn({required}), "WITNESSES_MISSING | ");
}

TEST(WhyHeld, KeepsWhatTheStateStops) {
  using ChangeRecord = std::function<void(AgreementRecord&)>;
  const std::pair<ChangeRecord, std::string> kCases[] = {
      {[](auto& r) { r.terminated = true; }, "TERMINATED | "},
      {[](auto& r) { r.suspended_by = {"east"}; }, "SUSPENDED | east"},
      {[](auto& r) { r.sending_suspended_by = {"north"}; },
       "SUSPENDED_BY_SENDER | north"},
      {[](auto& r) { r.sending_suspended_by = {"west"}; }, ""},
      {[](auto& r) {
         r.withdrawn = {{"north", 1}};
       },
       "WITHDRAWN | north"},
      {[](auto& r) {
         r.withdrawn = {{"west", 1}};
       },
       "WITHDRAWN | west"},
      {[](auto& r) {
         r.withdrawn = {{"east", 1}};
       },
       ""},
      {[](auto& r) { r.suspended_by = {"stranger"}; }, ""},
  };
  for (const auto& [change, want] : kCases) {
    AgreementRecord record = Record(Document());
    change(record);
    EXPECT_EQ(HeldOn({record}), want);
  }
  EXPECT_EQ(HeldOn({}), "NO_AGREEMENT | ");
  Request other = Push();
  other.version = 3;
  EXPECT_EQ(HeldOn({Record(Document())}, other),
            "VERSION_UNKNOWN | version in force: 1");
}

TEST(WhyHeld, KeepsWhatIsPastItsTime) {
  const AgreementRecord record = Record(Document());
  const absl::Time end = At(2028, 1, 1);
  EXPECT_EQ(HeldOn({record}, Push(), end - absl::Nanoseconds(1)), "");
  EXPECT_EQ(HeldOn({record}, Push(), end), "EXPIRED | ");
  Agreement reviewed = Document();
  reviewed.valid.review_by = absl::CivilDay(2027, 2, 28);
  EXPECT_EQ(HeldOn({Record(reviewed)}).substr(0, 14), "REVIEW_OVERDUE");
}

TEST(WhyHeld, ANarrowerVersionKeepsWhatItDropped) {
  const std::pair<Change, std::string> kCases[] = {
      {AsItWas, ""},
      {[](Agreement& d) { d.flows[0].from = {"west"}; },
       "VERSION_SUPERSEDED | isa-north-west/2 has no flow of crimes from north "
       "to west for analysis"},
      {[](Agreement& d) { d.flows[0].purposes = {"investigation"}; },
       "VERSION_SUPERSEDED | isa-north-west/2 has no flow of crimes from north "
       "to west for analysis"},
      {[](Agreement& d) { d.flows[0].methods = {Method::kQuery}; },
       "VERSION_SUPERSEDED | isa-north-west/2 does not allow push"},
      {[](Agreement& d) {
         d.flows[0].release["offence"].transform = Transform::kFlag;
       },
       "VERSION_SUPERSEDED | isa-north-west/2 does not release so: offence"},
      {[](Agreement& d) {
         d.flows[0].release["person"].transform = Transform::kWithhold;
       },
       "VERSION_SUPERSEDED | isa-north-west/2 does not release so: person"},
      {[](Agreement& d) { d.flows[0].release.erase("offence"); },
       "VERSION_SUPERSEDED | isa-north-west/2 does not release so: offence"},
      {[](Agreement& d) { d.flows[0].recipient_domain = DomainRole::kSealed; },
       "VERSION_SUPERSEDED | version 2 seals the recipient's domain"},
  };
  for (const auto& [change, want] : kCases) {
    EXPECT_EQ(HeldOn({Amended(change)}), want);
    EXPECT_EQ(HeldOn({Amended(change, 7)}), "") << "in the handover";
    EXPECT_EQ(HeldOn({Amended(change)}, Push(), At(2027, 2, 28, 23)), "")
        << "before it starts";
  }
}

TEST(WhyHeld, AWiderVersionStopsNothing) {
  const Change kCases[] = {
      [](Agreement& d) {
        d.flows[0].release["victim"].transform = Transform::kAsIs;
      },
      [](Agreement& d) {
        d.flows[0].release["person"].transform = Transform::kAsIs;
      },
      [](Agreement& d) { d.flows[0].id = "renamed"; },
      [](Agreement& d) { d.flows[0].limits.records_per_request = 1; },
      [](Agreement& d) { d.flows[0].require = {Requirement::kApprover}; },
      [](Agreement& d) { d.flows[0].to.push_back("east"); },
  };
  for (const Change& change : kCases) {
    EXPECT_EQ(HeldOn({Amended(change)}), "");
  }
}

TEST(WhyHeld, OnceSupersededTheVersionInForceGoverns) {
  // The first ends, or is overdue, when the second goes on.
  AgreementRecord record = Amended(AsItWas);
  Agreement first = Document();
  first.valid.until = absl::CivilDay(2027, 3, 1);
  first.valid.review_by = absl::CivilDay(2027, 2, 1);
  record.versions[1] = Signed(first);
  EXPECT_EQ(HeldOn({record}), "");
  // East, which the second does not name, suspended the first.
  record = Amended([](Agreement& d) { d.parties.erase("east"); });
  record.suspended_by = {"east"};
  EXPECT_EQ(HeldOn({record}), "");
  EXPECT_EQ(HeldOn({record}, Push(), At(2027, 2, 1)), "SUSPENDED | east");
  // Who left, and came back, does not get what was sent before.
  record = Amended(AsItWas);
  record.withdrawn = {{"west", 1}};
  EXPECT_EQ(HeldOn({record}), "WITHDRAWN | west");
}

TEST(WhyHeld, UnderAGrantOnlyTheStatesCount) {
  const auto held = [](std::vector<AgreementRecord> records) {
    Request batch = Push();
    batch.fields = {"victim"};
    const auto why =
        WhyStateHolds(*Register::Create(std::move(records)), kNow, batch);
    return why.has_value() ? why->Code() : "";
  };
  EXPECT_EQ(held({Record(Under()), Record(Tier())}), "");
  EXPECT_EQ(held({Amended(AsItWas)}), "");
  AgreementRecord tier = Record(Tier());
  tier.suspended_by = {"east"};
  EXPECT_EQ(held({Record(Under()), tier}), "PARENT_NOT_IN_FORCE");
  AgreementRecord record = Record(Document());
  record.withdrawn = {{"north", 1}};
  EXPECT_EQ(held({record}), "WITHDRAWN");
}

TEST(WhyHeld, WhatStandsAboveMustLetItPass) {
  AgreementRecord tier = Record(Tier());
  tier.suspended_by = {"east"};
  EXPECT_EQ(HeldOn({Record(Under()), tier}),
            "PARENT_NOT_IN_FORCE | isa-tier: it is suspended");
  EXPECT_EQ(HeldOn({Record(Under())}),
            "PARENT_NOT_IN_FORCE | isa-tier: it is not known here");
  tier = Record(Tier());
  tier.sending_suspended_by = {"north"};
  EXPECT_EQ(HeldOn({Record(Under()), tier}),
            "PARENT_NOT_IN_FORCE | isa-tier: the sender has suspended its own "
            "sending under it");
  tier = Record(Tier());
  tier.withdrawn = {{"west", 1}};
  EXPECT_EQ(HeldOn({Record(Under()), tier}),
            "PARENT_NOT_IN_FORCE | isa-tier: the sender or the recipient has "
            "withdrawn from it");
  Agreement narrow = Tier();
  narrow.flows[0].release.erase("offence");
  EXPECT_EQ(HeldOn({Record(Under()), Record(narrow)}),
            "PARENT_NOT_IN_FORCE | isa-tier/1 does not release so: offence");
  narrow = Tier();
  narrow.flows[0].purposes = {"investigation"};
  EXPECT_EQ(HeldOn({Record(Under()), Record(narrow)}),
            "PARENT_NOT_IN_FORCE | isa-tier/1 has no flow of crimes from north "
            "to west for analysis");
}

}  // namespace
}  // namespace entente::policy
