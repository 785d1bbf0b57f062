#include "broker/break_glass_service.h"

#include <functional>
#include <thread>

#include "broker/test_glass.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using certs::BreakGlassAct;
using certs::GlassActKind;
using policy::EntryKind;
using testing::HasSubstr;

class BreakGlassServiceTest : public testing::Test {
 protected:
  BreakGlassAct Ask() { return all_.GlassAct(GlassActKind::kAsk, all_.north); }
  std::string CodeOfAsk(const BreakGlassAct& act, const Person& signer) {
    const auto done = all_.DoGlass(act, signer);
    return done.ok() ? "OK" : ReasonIn(done.status());
  }
  // The state that every party and the overseer are told, or what of it
  // differs.
  std::string Told() {
    std::string told;
    for (const Person* reader : {&all_.north, &all_.west, &all_.panel}) {
      const auto notices = all_.Notices(*reader);
      const std::string state = notices.empty() ? "none" : notices[0].state();
      if (told.empty()) told = state;
      if (told != state) return "they are told different things";
    }
    return told;
  }
  absl::Status Note() { return all_.glass->NoteDue(); }

  TestGlass all_;
};

TEST_F(BreakGlassServiceTest, TwoPartiesOpenAGrantAndAllAreTold) {
  const BreakGlassAct act = Ask();
  const auto asked = all_.DoGlass(act, all_.north);
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->notice().state(), "asked");
  EXPECT_EQ(Told(), "asked");
  policy::LedgerEntry entry = *policy::ParseEntry(asked->receipt().entry());
  const std::string grant = TestGlass::GlassDigest(act);
  EXPECT_EQ(entry.kind, EntryKind::kBreakGlassAsked);
  EXPECT_EQ(entry.subject, grant);
  EXPECT_EQ(entry.detail.at("break_glass"), grant);
  EXPECT_EQ(entry.detail.at("reason"), act.words);
  EXPECT_EQ(entry.detail.at("minutes"), "30");
  EXPECT_EQ(entry.detail.at("mode"), "release");
  EXPECT_EQ(entry.accompanying.at("case_reference"), act.case_reference);
  EXPECT_EQ(entry.fields, act.fields);
  EXPECT_EQ(entry.flow, "crimes-west");
  EXPECT_EQ(entry.actor, all_.north.caller.uri);

  all_.clock.Advance(absl::Minutes(5));
  const auto approved = all_.DoGlass(
      all_.GlassAct(GlassActKind::kApprove, all_.west, grant), all_.west);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->notice().state(), "open");
  EXPECT_EQ(approved->notice().asked_by(), "north-police");
  EXPECT_EQ(approved->notice().approved_by(), "west-police");
  EXPECT_EQ(approved->notice().until_time().seconds(),
            absl::ToUnixSeconds(all_.clock.Now() + absl::Minutes(30)));
  EXPECT_EQ(Told(), "open");
  entry = *policy::ParseEntry(approved->receipt().entry());
  EXPECT_EQ(entry.kind, EntryKind::kBreakGlassApproved);
  EXPECT_EQ(entry.detail.at("break_glass"), grant);
  EXPECT_EQ(entry.detail.at("asked_by"), "north-police");
  EXPECT_EQ(entry.detail.at("until"),
            absl::FormatTime("%E4Y-%m-%dT%H:%M:%E3SZ",
                             all_.clock.Now() + absl::Minutes(30),
                             absl::UTCTimeZone()));
  EXPECT_TRUE(all_.grants.IsOpen("isa-small", grant, all_.clock.Now()));
}

TEST_F(BreakGlassServiceTest, OneAndTheOverseerOpenItAsWell) {
  const std::string grant = all_.AskFor();
  EXPECT_EQ(all_.After(GlassActKind::kApprove, all_.panel, grant), "open");
  EXPECT_EQ(all_.Notices(all_.north)[0].approved_by(), "panel");
}

TEST_F(BreakGlassServiceTest, NobodyApprovesTheirOwn) {
  const std::string grant = all_.AskFor();
  EXPECT_EQ(all_.After(GlassActKind::kApprove, all_.north, grant),
            "SAME_GRANTOR");
  EXPECT_EQ(all_.LastEntry().outcome, policy::Outcome::kDeny);
  EXPECT_EQ(all_.LastEntry().kind, EntryKind::kBreakGlassApproved);
  EXPECT_EQ(all_.LastEntry().detail.at("break_glass"), grant);
  EXPECT_EQ(Told(), "asked");
}

TEST_F(BreakGlassServiceTest, OnlyThoseWithALinePermit) {
  const Person deputy =
      all_.Make("north-police", certs::Role::kSignatory, "north-deputy");
  EXPECT_EQ(CodeOfAsk(all_.GlassAct(GlassActKind::kAsk, deputy), deputy),
            "NOT_A_SIGNATORY");
  const std::string grant = all_.AskFor();
  const Person other =
      all_.Make("west-police", certs::Role::kSignatory, "west-deputy");
  EXPECT_EQ(all_.After(GlassActKind::kApprove, other, grant),
            "NOT_A_SIGNATORY");
  // To restrict, any signatory will do.
  EXPECT_EQ(all_.After(GlassActKind::kClose, other, grant), "closed");
}

TEST_F(BreakGlassServiceTest, AnOverseerNeitherAsksNorCloses) {
  EXPECT_EQ(
      CodeOfAsk(all_.GlassAct(GlassActKind::kAsk, all_.panel), all_.panel),
      "BAD_SIGNATURE");
  EXPECT_EQ(all_.After(GlassActKind::kClose, all_.panel, all_.AskFor()),
            "BAD_SIGNATURE");
}

TEST_F(BreakGlassServiceTest, OnlyWhatTheDocumentListsIsAskedFor) {
  struct Case {
    const char* clause;
    std::function<void(BreakGlassAct&)> change;
  };
  const std::vector<Case> kCases = {
      {"break_glass.fields.crimes", [](auto& a) { a.fields = {"name"}; }},
      {"break_glass.minutes", [](auto& a) { a.minutes = 31; }},
      {"flows", [](auto& a) { a.flow = "none"; }},
      {"flows crimes-west.from", [](auto& a) { a.sender = "west-police"; }},
      {"flows crimes-west.to", [](auto& a) { a.recipient = "panel"; }},
      {"flows crimes-west.purposes", [](auto& a) { a.purpose = "else"; }},
  };
  for (const Case& one : kCases) {
    BreakGlassAct act = Ask();
    one.change(act);
    const auto done = all_.DoGlass(act, all_.north);
    ASSERT_FALSE(done.ok()) << one.clause;
    const auto conditions = ConditionsOf(done.status());
    EXPECT_EQ(conditions[0].reason, "GRANT_NOT_LISTED");
    EXPECT_EQ(conditions[0].clause, one.clause);
    EXPECT_THAT(conditions[0].remedy, HasSubstr("break_glass"));
    EXPECT_EQ(all_.LastEntry().reasons[0].clause, one.clause);
  }
  EXPECT_EQ(Told(), "none");
}

TEST_F(BreakGlassServiceTest, RefusesWhatIsNotTheCallersOwnActOfNow) {
  const BreakGlassAct act = Ask();
  const auto code = [&](GlassActKind kind, const Person& caller,
                        const std::string& envelope) {
    const auto done = all_.SendGlass(kind, caller, envelope);
    return done.ok() ? "OK" : ReasonIn(done.status());
  };
  EXPECT_EQ(code(GlassActKind::kAsk, all_.north, "{}"), "BAD_SIGNATURE");
  EXPECT_EQ(code(GlassActKind::kAsk, all_.north,
                 std::string(kMaxGlassEnvelopeBytes + 1, ' ')),
            "BAD_SIGNATURE");
  EXPECT_EQ(code(GlassActKind::kClose, all_.north,
                 all_.GlassEnvelope(act, all_.north)),
            "BAD_REQUEST");
  EXPECT_EQ(
      code(GlassActKind::kAsk, all_.west, all_.GlassEnvelope(act, all_.north)),
      "NOT_YOUR_AGENCY");
  EXPECT_EQ(
      code(GlassActKind::kAsk, all_.north, all_.GlassEnvelope(act, all_.west)),
      "BAD_SIGNATURE");
  const Person deputy =
      all_.Make("north-police", certs::Role::kSignatory, "north-deputy");
  EXPECT_EQ(
      code(GlassActKind::kAsk, deputy, all_.GlassEnvelope(act, all_.north)),
      "BAD_SIGNATURE");
  for (const absl::Duration off : {absl::Minutes(11), -absl::Minutes(11)}) {
    BreakGlassAct early = Ask();
    early.signed_at += off;
    EXPECT_EQ(CodeOfAsk(early, all_.north), "BAD_SIGNATURE");
  }
  BreakGlassAct other = Ask();
  other.version = 2;
  EXPECT_EQ(CodeOfAsk(other, all_.north), "BAD_REQUEST");
  other = Ask();
  other.digest = std::string(64, '0');
  EXPECT_EQ(CodeOfAsk(other, all_.north), "BAD_REQUEST");
  EXPECT_EQ(Told(), "none");
}

TEST_F(BreakGlassServiceTest, StrangersLearnThatThereIsNoAgreement) {
  const auto done =
      all_.SendGlass(GlassActKind::kAsk, all_.north,
                     all_.GlassEnvelope(Ask(), all_.north), "isa-other");
  EXPECT_EQ(ReasonIn(done.status()), "NO_AGREEMENT");
  v1::ListBreakGlassRequest request;
  request.set_agreement("isa-other");
  v1::ListBreakGlassResponse response;
  EXPECT_EQ(ReasonIn(all_.glass->List(all_.north.caller, request, &response)),
            "NO_AGREEMENT");
}

TEST_F(BreakGlassServiceTest, TheSameActAgainGetsTheFirstAnswer) {
  const BreakGlassAct act = Ask();
  const auto first = all_.DoGlass(act, all_.north);
  const auto again = all_.DoGlass(act, all_.north);
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(first->receipt().index(), again->receipt().index());
  const std::string grant = TestGlass::GlassDigest(act);
  const BreakGlassAct approval =
      all_.GlassAct(GlassActKind::kApprove, all_.west, grant);
  const auto one = all_.DoGlass(approval, all_.west);
  all_.clock.Advance(absl::Minutes(1));
  const auto two = all_.DoGlass(approval, all_.west);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_EQ(one->receipt().index(), two->receipt().index());
  EXPECT_EQ(two->notice().until_time().seconds(),
            one->notice().until_time().seconds());
}

TEST_F(BreakGlassServiceTest, OfTwoApprovalsAtOnceOneCounts) {
  const std::string grant = all_.AskFor();
  std::vector<std::string> came(2);
  std::thread one(
      [&] { came[0] = all_.After(GlassActKind::kApprove, all_.west, grant); });
  std::thread two(
      [&] { came[1] = all_.After(GlassActKind::kApprove, all_.panel, grant); });
  one.join();
  two.join();
  std::sort(came.begin(), came.end());
  EXPECT_EQ(came[0], "ALREADY_DONE");
  EXPECT_EQ(came[1], "open");
}

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

TEST_F(BreakGlassServiceTest, NothingIsGrantedWhileTheAgreementIsStopped) {
  const std::string asked = all_.AskFor();
  const certs::AgreementAct act =
      all_.Act(certs::ActKind::kSuspend, all_.west, all_.document);
  ASSERT_TRUE(all_.Do(act, all_.west).ok());
  EXPECT_EQ(CodeOfAsk(Ask(), all_.north), "SUSPENDED");
  EXPECT_EQ(all_.After(GlassActKind::kApprove, all_.west, asked), "GRANT_OVER");
  certs::AgreementAct left =
      all_.Act(certs::ActKind::kWithdraw, all_.west, all_.document);
  ASSERT_TRUE(all_.Do(left, all_.west).ok());
  EXPECT_EQ(CodeOfAsk(Ask(), all_.north), "TERMINATED");
}

TEST_F(BreakGlassServiceTest, ARevokedSignatoryGrantsNothing) {
  ASSERT_TRUE(all_.parts.sequencer
                  ->Run([&](Transaction& transaction)
                            -> absl::StatusOr<std::vector<PendingEntry>> {
                    const auto revoked =
                        AgenciesTable(transaction)
                            .Revoke({all_.north.caller.fingerprint,
                                     "north-police", "lost", "somebody",
                                     all_.clock.Now()});
                    if (!revoked.ok()) return revoked.status();
                    return std::vector<PendingEntry>();
                  })
                  .ok());
  EXPECT_EQ(CodeOfAsk(Ask(), all_.north), "CERTIFICATE_REVOKED");
}

TEST_F(BreakGlassServiceTest, AtMostSoManyAreUnsettled) {
  for (size_t i = 0; i < kMaxUnsettledGrants; ++i) all_.AskFor();
  EXPECT_EQ(CodeOfAsk(Ask(), all_.north), "TOO_MANY_GRANTS");
  ASSERT_EQ(all_.After(GlassActKind::kClose, all_.west,
                       all_.grants.All()[0].grant.id),
            "closed");
  EXPECT_EQ(CodeOfAsk(Ask(), all_.north), "OK");
}

TEST_F(BreakGlassServiceTest, AnUnknownGrantIsSaidToBeSo) {
  for (const GlassActKind kind :
       {GlassActKind::kApprove, GlassActKind::kClose, GlassActKind::kReport}) {
    EXPECT_EQ(all_.After(kind, all_.west, std::string(64, '0')),
              "GRANT_UNKNOWN");
  }
  EXPECT_EQ(ReasonIn(all_.ListGlass(all_.west, std::string(64, '0')).status()),
            "GRANT_UNKNOWN");
}

TEST_F(BreakGlassServiceTest, ListsTheNewestFirstWithAllThatProvesThem) {
  const std::string first = all_.Grant();
  all_.clock.Advance(absl::Minutes(31));
  ASSERT_TRUE(Note().ok());
  ASSERT_EQ(all_.After(GlassActKind::kReport, all_.north, first), "reported");
  const std::string second = all_.AskFor();
  const auto all = all_.ListGlass(all_.panel);
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->grants_size(), 2);
  EXPECT_EQ(crypto::ToHex(crypto::AsBytes(all->grants(0).notice().grant())),
            second);
  EXPECT_EQ(all->grants(0).acts_size(), 1);
  EXPECT_EQ(all->grants(1).notice().state(), "reported");
  ASSERT_EQ(all->grants(1).acts_size(), 3);
  ASSERT_EQ(all->grants(1).entries_size(), 1);
  const std::vector<std::pair<const Person*, GlassActKind>> kSigned = {
      {&all_.north, GlassActKind::kAsk},
      {&all_.west, GlassActKind::kApprove},
      {&all_.north, GlassActKind::kReport}};
  for (int i = 0; i < 3; ++i) {
    const auto& [by, kind] = kSigned[static_cast<size_t>(i)];
    const auto act = certs::VerifyBreakGlassAct(
        *crypto::ParseEnvelope(all->grants(1).acts(i).envelope()),
        all_.Root(by->caller.agency()), certs::GlassSigner::kParty);
    ASSERT_TRUE(act.ok()) << act.status();
    EXPECT_EQ(act->act.kind, kind);
    EXPECT_EQ(
        policy::ParseEntry(all->grants(1).acts(i).receipt().entry())->subject,
        act->digest);
  }
  const auto one = all_.ListGlass(all_.west, first);
  ASSERT_EQ(one->grants_size(), 1);
  const auto page = all_.ListGlass(all_.west, "", 1);
  ASSERT_EQ(page->grants_size(), 1);
  const auto rest = all_.ListGlass(all_.west, "", 1, page->next_page_token());
  ASSERT_EQ(rest->grants_size(), 1);
  EXPECT_EQ(rest->next_page_token(), "");
  EXPECT_EQ(rest->grants(0).notice().grant(), one->grants(0).notice().grant());
  EXPECT_EQ(ReasonIn(all_.ListGlass(all_.west, "", -1).status()),
            "BAD_REQUEST");
  EXPECT_EQ(ReasonIn(all_.ListGlass(all_.west, "", 1, "x").status()),
            "BAD_REQUEST");
}

TEST_F(BreakGlassServiceTest, ARestartedBrokerKnowsItsGrants) {
  const std::string grant = all_.Grant();
  GrantBoard fresh;
  Context context = all_.context;
  context.grants = &fresh;
  ASSERT_TRUE(LoadGrants(context).ok());
  EXPECT_TRUE(fresh.IsOpen("isa-small", grant, all_.clock.Now()));
  EXPECT_FALSE(
      fresh.IsOpen("isa-small", grant, all_.clock.Now() + absl::Minutes(30)));
  // What ended while it was away is noted when it is back.
  all_.clock.Advance(absl::Hours(1));
  ASSERT_TRUE(BreakGlassService(context).NoteDue().ok());
  EXPECT_EQ(all_.LastEntry().kind, EntryKind::kBreakGlassEnded);
}

TEST_F(BreakGlassServiceTest, StatusAndListTellEveryParty) {
  all_.Grant();
  for (const Person* reader : {&all_.north, &all_.west, &all_.panel}) {
    v1::GetStatusResponse status;
    ASSERT_TRUE(all_.directory->GetStatus(reader->caller, {}, &status).ok());
    ASSERT_EQ(status.agreements(0).break_glass_size(), 1);
    EXPECT_EQ(status.agreements(0).break_glass(0).state(), "open");
  }
  v1::ListAgreementsResponse listed;
  ASSERT_TRUE(all_.service->List(all_.west.caller, {}, &listed).ok());
  ASSERT_EQ(listed.agreements(0).break_glass_size(), 1);
}

}  // namespace
}  // namespace entente::broker
