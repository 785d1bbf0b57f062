// How grants end: by time, by a party, with the agreement; and what is due
// then.
#include <functional>

#include "broker/break_glass_service.h"
#include "broker/test_break_glass.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using certs::BreakGlassAct;
using certs::GlassActKind;
using policy::EntryKind;
using testing::HasSubstr;

TEST_F(BreakGlassServiceTest, LapsesIfNobodyApprovesItInTime) {
  const std::string grant = all_.AskFor();
  all_.clock.Advance(kMaxApprovalWait);
  EXPECT_EQ(all_.After(GlassActKind::kApprove, all_.west, grant), "GRANT_OVER");
  ASSERT_TRUE(Note().ok());
  EXPECT_EQ(all_.LastEntry().kind, EntryKind::kBreakGlassEnded);
  EXPECT_EQ(all_.LastEntry().detail.at("cause"), "not_approved");
  EXPECT_EQ(Told(), "none");
  EXPECT_EQ(all_.After(GlassActKind::kReport, all_.north, grant),
            "NOT_LEGAL_NOW");
  // Once.
  const auto last = all_.LastEntry();
  ASSERT_TRUE(Note().ok());
  EXPECT_EQ(all_.LastEntry(), last);
}

TEST_F(BreakGlassServiceTest, AnyPartyClosesItAtOnceAndAlone) {
  const std::string grant = all_.Grant();
  all_.clock.Advance(absl::Minutes(3));
  const auto closed = all_.DoGlass(
      all_.GlassAct(GlassActKind::kClose, all_.west, grant), all_.west);
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(closed->notice().state(), "report_due");
  EXPECT_FALSE(all_.grants.IsOpen("isa-small", grant, all_.clock.Now()));
  const auto entry = policy::ParseEntry(closed->receipt().entry());
  EXPECT_EQ(entry->kind, EntryKind::kBreakGlassEnded);
  EXPECT_EQ(entry->detail.at("cause"), "closed");
  EXPECT_EQ(closed->notice().until_time().seconds(),
            absl::ToUnixSeconds(all_.clock.Now() + absl::Hours(24)));
  EXPECT_EQ(all_.After(GlassActKind::kClose, all_.north, grant),
            "ALREADY_DONE");
  // Nothing is noted beside it.
  const auto last = all_.LastEntry();
  all_.clock.Advance(absl::Hours(1));
  ASSERT_TRUE(Note().ok());
  EXPECT_EQ(all_.LastEntry(), last);
}

TEST_F(BreakGlassServiceTest, ClosedBeforeItIsApprovedItOpensNeverMore) {
  const std::string grant = all_.AskFor();
  EXPECT_EQ(all_.After(GlassActKind::kClose, all_.north, grant), "closed");
  EXPECT_EQ(all_.After(GlassActKind::kApprove, all_.west, grant), "GRANT_OVER");
  EXPECT_EQ(all_.After(GlassActKind::kReport, all_.north, grant),
            "NOT_LEGAL_NOW");
  EXPECT_EQ(Told(), "none");
}

TEST_F(BreakGlassServiceTest, ItsEndIsNotedWhenItsTimeIsOver) {
  const std::string grant = all_.Grant();
  all_.clock.Advance(absl::Minutes(30) - absl::Milliseconds(1));
  const auto before = all_.LastEntry();
  ASSERT_TRUE(Note().ok());
  EXPECT_EQ(all_.LastEntry(), before);
  all_.clock.Advance(absl::Milliseconds(1));
  ASSERT_TRUE(Note().ok());
  EXPECT_EQ(all_.LastEntry().kind, EntryKind::kBreakGlassEnded);
  EXPECT_EQ(all_.LastEntry().detail.at("cause"), "time_is_over");
  EXPECT_EQ(all_.LastEntry().detail.at("break_glass"), grant);
  EXPECT_EQ(Told(), "report_due");
  EXPECT_EQ(all_.After(GlassActKind::kClose, all_.north, grant),
            "NOT_LEGAL_NOW");
  EXPECT_EQ(all_.After(GlassActKind::kApprove, all_.panel, grant),
            "ALREADY_DONE");
}

TEST_F(BreakGlassServiceTest, AReportIsOverdueUntilAGrantorFilesIt) {
  const std::string grant = all_.Grant();
  EXPECT_EQ(all_.After(GlassActKind::kReport, all_.north, grant),
            "NOT_LEGAL_NOW")
      << "it is open still";
  all_.clock.Advance(absl::Minutes(30));
  ASSERT_TRUE(Note().ok());
  all_.clock.Advance(absl::Hours(24));
  EXPECT_EQ(Told(), "report_overdue");
  ASSERT_TRUE(Note().ok());
  policy::LedgerEntry entry = all_.LastEntry();
  EXPECT_EQ(entry.kind, EntryKind::kBreakGlassOverdue);
  EXPECT_EQ(entry.detail.at("asked_by"), "north-police");
  EXPECT_EQ(entry.detail.at("approved_by"), "west-police");
  ASSERT_TRUE(Note().ok());
  EXPECT_EQ(all_.LastEntry(), entry) << "noted once";

  // Nothing is granted anew before.
  EXPECT_EQ(CodeOfAsk(Ask(), all_.north), "REPORT_OVERDUE");
  EXPECT_EQ(all_.After(GlassActKind::kReport, all_.panel, grant),
            "NOT_A_GRANTOR");
  EXPECT_EQ(all_.After(GlassActKind::kReport, all_.west, grant), "reported");
  entry = all_.LastEntry();
  EXPECT_EQ(entry.kind, EntryKind::kBreakGlassReported);
  EXPECT_THAT(entry.detail.at("report"), HasSubstr("found at his aunt's"));
  EXPECT_EQ(Told(), "none");
  EXPECT_EQ(all_.After(GlassActKind::kReport, all_.north, grant),
            "ALREADY_DONE");
  EXPECT_EQ(CodeOfAsk(Ask(), all_.north), "OK");
}

TEST_F(BreakGlassServiceTest, AnOverseerWhoApprovedMayReport) {
  const std::string grant = all_.AskFor();
  ASSERT_EQ(all_.After(GlassActKind::kApprove, all_.panel, grant), "open");
  all_.clock.Advance(absl::Minutes(31));
  EXPECT_EQ(all_.After(GlassActKind::kReport, all_.west, grant),
            "NOT_A_GRANTOR");
  EXPECT_EQ(all_.After(GlassActKind::kReport, all_.panel, grant), "reported");
}

TEST_F(BreakGlassServiceTest, ADrillGoesTheWholeWayAndOpensNothing) {
  const std::string grant = all_.Grant(/*drill=*/true);
  EXPECT_EQ(all_.LastEntry().detail.at("mode"), "drill");
  EXPECT_TRUE(all_.Notices(all_.panel)[0].drill());
  EXPECT_FALSE(all_.grants.IsOpen("isa-small", grant, all_.clock.Now()));
  all_.clock.Advance(absl::Minutes(30) + absl::Hours(24));
  ASSERT_TRUE(Note().ok());
  ASSERT_TRUE(Note().ok());
  EXPECT_EQ(all_.LastEntry().kind, EntryKind::kBreakGlassOverdue);
  EXPECT_EQ(all_.LastEntry().detail.at("mode"), "drill");
  EXPECT_EQ(all_.After(GlassActKind::kReport, all_.north, grant), "reported");
}

TEST_F(BreakGlassServiceTest, StoppingTheAgreementEndsItForGood) {
  struct Case {
    certs::ActKind kind;
    const Person* by;
    bool ends;
  };
  const std::vector<Case> kCases = {
      {certs::ActKind::kSuspend, &all_.west, true},
      {certs::ActKind::kSuspendSending, &all_.north, true},
      {certs::ActKind::kSuspendSending, &all_.west, false}};
  for (const Case& one : kCases) {
    const std::string grant = all_.Grant();
    const std::string asked = all_.AskFor();
    all_.clock.Advance(absl::Minutes(1));
    const certs::AgreementAct act = all_.Act(one.kind, *one.by, all_.document);
    ASSERT_TRUE(all_.Do(act, *one.by).ok());
    EXPECT_EQ(all_.grants.IsOpen("isa-small", grant, all_.clock.Now()),
              !one.ends);
    if (one.ends) {
      EXPECT_EQ(all_.LastEntry().kind, EntryKind::kBreakGlassEnded);
      EXPECT_EQ(all_.LastEntry().detail.at("cause"), certs::ActName(one.kind));
      EXPECT_EQ(all_.LastEntry(2).kind, EntryKind::kAgreementSuspended);
    }
    certs::AgreementAct lift =
        all_.Act(certs::ActKind::kResume, *one.by, all_.document);
    lift.lifts = TestPartnership::ActDigest(act);
    ASSERT_TRUE(all_.Do(lift, *one.by).ok());
    // Resumed, the agreement lives again; the grant does not.
    EXPECT_EQ(all_.grants.IsOpen("isa-small", grant, all_.clock.Now()),
              !one.ends);
    EXPECT_EQ(all_.After(GlassActKind::kApprove, all_.west, asked),
              one.ends ? "GRANT_OVER" : "open");
    all_.clock.Advance(absl::Hours(2));
    EXPECT_EQ(all_.After(GlassActKind::kReport, all_.north, grant), "reported");
    if (!one.ends) {
      EXPECT_EQ(all_.After(GlassActKind::kReport, all_.north, asked),
                "reported");
    }
  }
}

}  // namespace
}  // namespace entente::broker
