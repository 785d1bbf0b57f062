#include "broker/break_glass_service.h"

#include <functional>
#include <thread>

#include "broker/test_break_glass.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using certs::BreakGlassAct;
using certs::GlassActKind;
using policy::EntryKind;
using testing::HasSubstr;

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
