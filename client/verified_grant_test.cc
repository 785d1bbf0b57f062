// Grants that a broker serves, true and false.
#include "client/verified_grant.h"

#include <gmock/gmock.h>

#include <functional>

#include "client/fake_system.h"
#include "crypto/dsse.h"

namespace entente::client {
namespace {

using certs::BreakGlassAct;
using certs::GlassActKind;
using policy::EntryKind;
using testing::HasSubstr;

// A broker whose agreement knows emergencies, and who signs what.
class VerifiedGrantTest : public testing::Test {
 protected:
  static FakeBrokerPlan Plan(const FakeAgency& panel) {
    FakeBrokerPlan plan;
    plan.replaced = {{"onward:\n",
                      "break_glass: { minutes: 30, report_hours: 24, fields: "
                      "{ crimes: [age, occurred] } }\nonward:\n"},
                     {std::string(64, '3'), panel.root_spki()}};
    return plan;
  }

  BreakGlassAct Act(GlassActKind kind, const std::string& agency) {
    BreakGlassAct act;
    act.kind = kind;
    act.agreement = kPact;
    act.version = 1;
    act.digest = Digest();
    act.agency = agency;
    act.words = kind == GlassActKind::kReport ? "One record was sent and used."
                                              : "A child is missing";
    act.signed_at = broker_.now;
    if (kind != GlassActKind::kAsk) {
      act.grant = grant_;
      return act;
    }
    act.flow = "crimes-west";
    act.sender = kNorth;
    act.recipient = kWest;
    act.purpose = "find-series";
    act.case_reference = "OP/1";
    act.fields = {"age", "occurred"};
    act.minutes = 30;
    act.nonce = std::string(64, 'c');
    return act;
  }
  std::string Digest() {
    return crypto::ToHex(crypto::Sha256(broker_.document));
  }
  const FakeHolder& ChiefOf(const std::string& agency) {
    return broker_.agency(agency).signatory();
  }

  // Serves `act`, signed by `holder`, recorded now. Asking names the grant.
  void Serve(const BreakGlassAct& act, const FakeHolder& holder,
             const std::function<void(policy::LedgerEntry&)>& lie = nullptr) {
    const std::string payload = *certs::PrintBreakGlassAct(act);
    const std::string digest =
        crypto::ToHex(certs::BreakGlassActDigest(crypto::AsBytes(payload)));
    if (act.kind == GlassActKind::kAsk) grant_ = digest;
    policy::LedgerEntry entry = broker_.Entry(EntryOfGrantAct(act.kind));
    entry.subject = digest;
    if (lie) lie(entry);
    v1::GrantAct* served = served_.add_acts();
    served->set_envelope(crypto::PrintEnvelope(*certs::SignDocument(
        certs::kBreakGlassActType, crypto::AsBytes(payload), holder.key,
        holder.chain)));
    *served->mutable_receipt() =
        broker_.Receipt(kPact, broker_.Write(kPact, entry));
  }
  void ServeAll(std::vector<GlassActKind> kinds) {
    served_.Clear();
    for (const GlassActKind kind : kinds) {
      const std::string by = kind == GlassActKind::kApprove ? kWest : kNorth;
      Serve(Act(kind, by), ChiefOf(by));
    }
  }
  void ServeOwn(EntryKind kind, const std::string& grant) {
    policy::LedgerEntry entry = broker_.Entry(kind);
    entry.detail["break_glass"] = grant;
    *served_.add_entries() =
        broker_.Receipt(kPact, broker_.Write(kPact, entry));
  }
  absl::StatusOr<VerifiedGrant> Verify() {
    return VerifyGrant(north_.link(), north_.profile(),
                       &north_.store().knowledge(), broker_.agreement(),
                       Digest(), served_);
  }
  // Why it is not believed.
  std::string Doubt() {
    const auto grant = Verify();
    if (grant.ok()) return "it is believed";
    const Failure failure = FromStatus(grant.status());
    EXPECT_EQ(failure.exit, ExitCode::kVerificationFailed) << failure.what;
    return absl::StrCat(failure.what, ": ", failure.why);
  }

  FakeAgency panel_{"panel", FakeBrokerPlan().now};
  FakeBroker broker_{Plan(panel_)};
  FakeSystem north_{&broker_, kNorth};
  v1::ServedGrant served_;
  std::string grant_;
};

TEST_F(VerifiedGrantTest, TwoPartiesMakeAGrant) {
  ServeAll({GlassActKind::kAsk, GlassActKind::kApprove});
  const auto grant = Verify();
  ASSERT_TRUE(grant.ok()) << Told(grant.status());
  EXPECT_EQ(grant->grant.id, grant_);
  EXPECT_EQ(grant->grant.from, broker_.now);
  EXPECT_EQ(grant->grant.until, broker_.now + absl::Minutes(30));
  EXPECT_EQ(grant->approver, kWest);
  EXPECT_EQ(policy::ReportDue(grant->grant, grant->life),
            broker_.now + absl::Minutes(30) + absl::Hours(24));
  EXPECT_EQ(ToJson(ToRecord(*grant, broker_.now)).find("\"state\":\"open\"") ==
                std::string::npos,
            false);
}

TEST_F(VerifiedGrantTest, OneAloneOpensNothing) {
  ServeAll({GlassActKind::kAsk});
  const auto grant = Verify();
  ASSERT_TRUE(grant.ok()) << Told(grant.status());
  EXPECT_FALSE(policy::IsOpen(grant->grant, broker_.now));
}

TEST_F(VerifiedGrantTest, TheOverseersAuditorMayBeTheSecond) {
  ServeAll({GlassActKind::kAsk});
  Serve(Act(GlassActKind::kApprove, "panel"), panel_.Issue("auditor", "clerk"));
  const auto grant = Verify();
  ASSERT_TRUE(grant.ok()) << Told(grant.status());
  EXPECT_TRUE(policy::IsOpen(grant->grant, broker_.now));
}

TEST_F(VerifiedGrantTest, AnEndShortensIt) {
  ServeAll({GlassActKind::kAsk, GlassActKind::kApprove});
  broker_.now += absl::Minutes(5);
  Serve(Act(GlassActKind::kClose, kEast), ChiefOf(kEast));
  auto grant = Verify();
  ASSERT_TRUE(grant.ok()) << Told(grant.status());
  EXPECT_EQ(grant->grant.until, broker_.now);
  ServeAll({GlassActKind::kAsk, GlassActKind::kApprove});
  broker_.now += absl::Minutes(7);
  ServeOwn(EntryKind::kBreakGlassEnded, grant_);
  grant = Verify();
  ASSERT_TRUE(grant.ok()) << Told(grant.status());
  EXPECT_EQ(grant->grant.until, broker_.now);
}

TEST_F(VerifiedGrantTest, AReportSettlesIt) {
  ServeAll({GlassActKind::kAsk, GlassActKind::kApprove, GlassActKind::kReport});
  ServeOwn(EntryKind::kBreakGlassEnded, grant_);
  ServeOwn(EntryKind::kBreakGlassOverdue, grant_);
  const auto grant = Verify();
  ASSERT_TRUE(grant.ok()) << Told(grant.status());
  EXPECT_TRUE(grant->life.reported);
  EXPECT_TRUE(grant->overdue_noted);
}

TEST_F(VerifiedGrantTest, EveryLieIsFoundOut) {
  const FakeHolder deputy =
      broker_.agency(kWest).Issue("signatory", "west-deputy");
  const auto ask = [&] { ServeAll({GlassActKind::kAsk}); };
  const std::vector<std::pair<std::string, std::function<void()>>> kLies = {
      {"nobody asked", [&] { served_.Clear(); }},
      {"out of order",
       [&] {
         ask();
         served_.Clear();
         Serve(Act(GlassActKind::kApprove, kWest), ChiefOf(kWest));
       }},
      {"out of order",
       [&] {
         ServeAll({GlassActKind::kAsk, GlassActKind::kApprove});
         *served_.add_acts() = served_.acts(1);
       }},
      {"one party signed",
       [&] {
         ask();
         Serve(Act(GlassActKind::kApprove, kNorth), ChiefOf(kNorth));
       }},
      {"has no line",
       [&] {
         ask();
         Serve(Act(GlassActKind::kApprove, kWest), deputy);
       }},
      {"neither party nor overseer",
       [&] {
         ask();
         Serve(Act(GlassActKind::kApprove, "south-police"), ChiefOf(kWest));
       }},
      {"",  // under another root
       [&] {
         ask();
         Serve(Act(GlassActKind::kApprove, kWest), ChiefOf(kEast));
       }},
      {"another grant",
       [&] {
         ask();
         BreakGlassAct act = Act(GlassActKind::kApprove, kWest);
         act.grant = std::string(64, 'f');
         Serve(act, ChiefOf(kWest));
       }},
      {"another document",
       [&] {
         served_.Clear();
         BreakGlassAct act = Act(GlassActKind::kAsk, kNorth);
         act.digest = std::string(64, 'f');
         Serve(act, ChiefOf(kNorth));
       }},
      {"entry is that of another act",
       [&] {
         served_.Clear();
         Serve(Act(GlassActKind::kAsk, kNorth), ChiefOf(kNorth),
               [](auto& entry) { entry.subject = std::string(64, '0'); });
       }},
      {"not recorded when it was signed",
       [&] {
         served_.Clear();
         Serve(Act(GlassActKind::kAsk, kNorth), ChiefOf(kNorth),
               [](auto& entry) {
                 entry.time += certs::kMaxGlassActAge + absl::Seconds(1);
               });
       }},
      {"",  // an entry of another kind
       [&] {
         served_.Clear();
         Serve(Act(GlassActKind::kAsk, kNorth), ChiefOf(kNorth),
               [](auto& entry) { entry.kind = EntryKind::kAgreementResumed; });
       }},
      {"break_glass.fields.crimes",
       [&] {
         served_.Clear();
         BreakGlassAct act = Act(GlassActKind::kAsk, kNorth);
         act.fields = {"name"};
         Serve(act, ChiefOf(kNorth));
       }},
      {"break_glass.minutes",
       [&] {
         served_.Clear();
         BreakGlassAct act = Act(GlassActKind::kAsk, kNorth);
         act.minutes = 31;
         Serve(act, ChiefOf(kNorth));
       }},
      {"about another grant",
       [&] {
         ask();
         ServeOwn(EntryKind::kBreakGlassEnded, std::string(64, '0'));
       }},
  };
  for (size_t i = 0; i < kLies.size(); ++i) {
    kLies[i].second();
    EXPECT_THAT(Doubt(), HasSubstr(kLies[i].first)) << i;
    EXPECT_NE(Doubt(), "it is believed") << i;
  }
}

TEST_F(VerifiedGrantTest, AFlippedByteOfASignatureIsFoundOut) {
  ServeAll({GlassActKind::kAsk, GlassActKind::kApprove});
  const v1::ServedGrant honest = served_;
  for (int act = 0; act < 2; ++act) {
    const auto envelope = *crypto::ParseEnvelope(honest.acts(act).envelope());
    for (size_t i = 0; i < envelope.payload.size(); i += 7) {
      crypto::Envelope bad = envelope;
      bad.payload[i] ^= 1;
      served_ = honest;
      served_.mutable_acts(act)->set_envelope(crypto::PrintEnvelope(bad));
      EXPECT_NE(Doubt(), "it is believed") << act << " " << i;
    }
  }
}

TEST(BreakGlassWords, SayWhatStandsAndUntilWhen) {
  v1::BreakGlassNotice notice;
  notice.set_grant(std::string(32, '\x1f'));
  notice.set_state("open");
  notice.set_asked_by("north-police");
  notice.set_approved_by("west-police");
  notice.mutable_until_time()->set_seconds(1795000000);
  EXPECT_EQ(NoticeInWords(notice),
            "break-glass 1f1f1f1f1f1f1f1f is OPEN until 2026-11-18T11:06:40Z: "
            "asked for by north-police, approved by west-police");
  notice.set_state("report_overdue");
  EXPECT_THAT(NoticeInWords(notice), HasSubstr("report is OVERDUE since"));
  notice.set_state("report_due");
  EXPECT_THAT(NoticeInWords(notice), HasSubstr("report is due by"));
  notice.set_state("asked");
  notice.clear_approved_by();
  notice.set_drill(true);
  EXPECT_THAT(NoticeInWords(notice), HasSubstr("break-glass drill"));
  EXPECT_THAT(NoticeInWords(notice), HasSubstr("waits for a second signature"));
}

}  // namespace
}  // namespace entente::client
