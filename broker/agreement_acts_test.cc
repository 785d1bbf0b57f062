// Suspending, resuming and leaving, at the service.
#include <functional>
#include <thread>

#include "broker/agreement_loader.h"
#include "broker/agreement_state.h"
#include "broker/mailbox_signal.h"
#include "broker/store/acts_table.h"
#include "broker/test_partnership.h"
#include "broker/transition.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using certs::ActKind;
using testing::ElementsAre;
using testing::HasSubstr;

class AgreementActsTest : public testing::Test {
 protected:
  certs::AgreementAct Act(ActKind kind, const Person& signer) {
    return all_.Act(kind, signer, document_);
  }
  certs::AgreementAct Resumption(const certs::AgreementAct& of,
                                 const Person& signer) {
    certs::AgreementAct act = Act(ActKind::kResume, signer);
    act.lifts = TestPartnership::ActDigest(of);
    return act;
  }
  std::string CodeInForce(const std::string& agency) {
    return ReasonIn(InForce(*all_.agreements.Get(), "isa-small", 0, agency,
                            all_.clock.Now())
                        .status());
  }
  uint64_t Entries() {
    uint64_t size = 0;
    EXPECT_TRUE(all_.parts.store
                    ->Read([&](Transaction& transaction) -> absl::Status {
                      size =
                          *all_.parts.ledgers->Size(transaction, "isa-small");
                      return absl::OkStatus();
                    })
                    .ok());
    return size;
  }

  TestPartnership all_;
  const std::string document_ = all_.Activate();
};

policy::LedgerEntry EntryIn(const v1::Receipt& receipt) {
  const auto entry = policy::ParseEntry(receipt.entry());
  EXPECT_TRUE(entry.ok()) << entry.status();
  return entry.value_or(policy::LedgerEntry());
}

TEST_F(AgreementActsTest, APartySuspendsAtOnceAndAlone) {
  const certs::AgreementAct act = Act(ActKind::kSuspend, all_.west);
  v1::Receipt receipt;
  const auto state = all_.Do(act, all_.west, &receipt);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(*state, "suspended");
  EXPECT_EQ(CodeInForce("north-police"), "SUSPENDED");
  EXPECT_EQ(CodeInForce("west-police"), "SUSPENDED");
  const policy::LedgerEntry entry = EntryIn(receipt);
  EXPECT_EQ(entry.kind, policy::EntryKind::kAgreementSuspended);
  EXPECT_EQ(entry.actor, all_.west.caller.uri);
  EXPECT_EQ(entry.subject, TestPartnership::ActDigest(act));
  EXPECT_EQ(entry.digest, policy::Digest(document_));
  EXPECT_EQ(entry.detail.at("act"), "suspend");
  EXPECT_EQ(entry.detail.at("reason"), act.reason);

  const auto got = all_.Get(all_.panel);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->state(), "suspended");
  ASSERT_EQ(got->acts_size(), 1);
  const auto shown =
      certs::VerifyAgreementAct(*crypto::ParseEnvelope(got->acts(0).envelope()),
                                all_.Root("west-police"));
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_EQ(shown->act, act);
  EXPECT_EQ(EntryIn(got->acts(0).receipt()).subject, shown->digest);
}

TEST_F(AgreementActsTest, OnlyWhoSuspendedResumes) {
  const certs::AgreementAct suspended = Act(ActKind::kSuspend, all_.west);
  ASSERT_TRUE(all_.Do(suspended, all_.west).ok());
  const absl::Status foreign =
      all_.Do(Resumption(suspended, all_.north), all_.north).status();
  EXPECT_EQ(ReasonIn(foreign), "NOT_IMPOSED_BY_YOU");
  EXPECT_THAT(std::string(foreign.message()),
              HasSubstr("it is west-police's; the agreement is suspended by "
                        "west-police; north-police may now: suspend, suspend "
                        "--sending, withdraw"));
  EXPECT_EQ(CodeInForce("north-police"), "SUSPENDED");
  all_.clock.Advance(absl::Minutes(1));
  v1::Receipt receipt;
  const auto state =
      all_.Do(Resumption(suspended, all_.west), all_.west, &receipt);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(*state, "active");
  EXPECT_EQ(EntryIn(receipt).kind, policy::EntryKind::kAgreementResumed);
  EXPECT_EQ(EntryIn(receipt).detail.at("lifts"),
            TestPartnership::ActDigest(suspended));
  EXPECT_EQ(CodeInForce("north-police"), "OK");
  EXPECT_EQ(all_.Get(all_.north)->acts_size(), 0);
}

TEST_F(AgreementActsTest, TwoPartiesSuspendEachForItself) {
  const certs::AgreementAct one = Act(ActKind::kSuspend, all_.west);
  const certs::AgreementAct other = Act(ActKind::kSuspend, all_.north);
  ASSERT_TRUE(all_.Do(one, all_.west).ok());
  ASSERT_TRUE(all_.Do(other, all_.north).ok());
  EXPECT_EQ(*all_.Do(Resumption(one, all_.west), all_.west), "suspended");
  EXPECT_EQ(CodeInForce("west-police"), "SUSPENDED");
  EXPECT_EQ(*all_.Do(Resumption(other, all_.north), all_.north), "active");
}

TEST_F(AgreementActsTest, SuspendingOnesSendingLeavesTheAgreementActive) {
  const certs::AgreementAct act = Act(ActKind::kSuspendSending, all_.north);
  EXPECT_EQ(*all_.Do(act, all_.north), "active");
  EXPECT_EQ(all_.agreements.Get()->Find("isa-small")->sending_suspended_by,
            std::set<std::string>{"north-police"});
  EXPECT_EQ(CodeInForce("west-police"), "OK");
  EXPECT_EQ(*all_.Do(Resumption(act, all_.north), all_.north), "active");
  EXPECT_TRUE(
      all_.agreements.Get()->Find("isa-small")->sending_suspended_by.empty());
}

TEST_F(AgreementActsTest, OfTwoAtOnceOneWinsAndOneIsToldSo) {
  const Person deputy =
      all_.Make("west-police", certs::Role::kSignatory, "west-deputy");
  std::vector<absl::Status> done(2);
  const std::string chief =
      all_.ActEnvelope(Act(ActKind::kSuspend, all_.west), all_.west);
  certs::AgreementAct other = Act(ActKind::kSuspend, deputy);
  other.reason = "Another reason";
  const std::string second = all_.ActEnvelope(other, deputy);
  std::thread one([&] {
    done[0] = all_.SendAct(ActKind::kSuspend, all_.west, chief).status();
  });
  std::thread two([&] {
    done[1] = all_.SendAct(ActKind::kSuspend, deputy, second).status();
  });
  one.join();
  two.join();
  const absl::Status& lost = done[0].ok() ? done[1] : done[0];
  EXPECT_NE(done[0].ok(), done[1].ok());
  EXPECT_EQ(ReasonIn(lost), "ALREADY_DONE");
  EXPECT_EQ(lost.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(all_.Get(all_.north)->acts_size(), 1);
}

TEST_F(AgreementActsTest, TheSameActAgainGetsTheFirstAnswer) {
  const certs::AgreementAct act = Act(ActKind::kSuspend, all_.west);
  const std::string envelope = all_.ActEnvelope(act, all_.west);
  v1::Receipt first;
  ASSERT_TRUE(
      all_.SendAct(ActKind::kSuspend, all_.west, envelope, &first).ok());
  const uint64_t size = Entries();
  v1::Receipt again;
  const auto repeated =
      all_.SendAct(ActKind::kSuspend, all_.west, envelope, &again);
  ASSERT_TRUE(repeated.ok()) << repeated.status();
  EXPECT_EQ(again.index(), first.index());
  EXPECT_EQ(Entries(), size);
  const certs::AgreementAct lift = Resumption(act, all_.west);
  const std::string resumed = all_.ActEnvelope(lift, all_.west);
  ASSERT_TRUE(all_.SendAct(ActKind::kResume, all_.west, resumed, &first).ok());
  ASSERT_TRUE(all_.SendAct(ActKind::kResume, all_.west, resumed, &again).ok());
  EXPECT_EQ(again.index(), first.index());
  EXPECT_EQ(
      ReasonIn(all_.SendAct(ActKind::kSuspend, all_.west, envelope).status()),
      "ALREADY_DONE")
      << "whoever kept it cannot suspend with it again";
  EXPECT_EQ(CodeInForce("north-police"), "OK");
}

TEST_F(AgreementActsTest, AWithdrawalThatLeavesOneEndsTheAgreement) {
  certs::AgreementAct act = Act(ActKind::kWithdraw, all_.west);
  act.notice_days = 90;
  v1::Receipt receipt;
  EXPECT_EQ(*all_.Do(act, all_.west, &receipt), "ended");
  const policy::LedgerEntry entry = EntryIn(receipt);
  EXPECT_EQ(entry.kind, policy::EntryKind::kAgreementWithdrawn);
  EXPECT_EQ(entry.detail.at("notice_days"), "90");
  EXPECT_EQ(entry.detail.at("notice_until"), "2027-02-23");
  EXPECT_EQ(entry.detail.at("ended"), "true");
  for (const char* agency : {"north-police", "west-police"}) {
    EXPECT_EQ(CodeInForce(agency), "TERMINATED");
  }
  EXPECT_EQ(all_.Get(all_.panel)->state(), "ended");
  EXPECT_EQ(
      ReasonIn(
          all_.Do(Act(ActKind::kSuspend, all_.north), all_.north).status()),
      "NOT_LEGAL_NOW");
  const std::string next = all_.Document(
      {{"version: 1\n", absl::StrCat("version: 2\nprevious: \"",
                                     policy::Digest(document_), "\"\n")}});
  v1::SignAgreementResponse response;
  for (const absl::Status& refused :
       {all_.Propose(all_.north, next),
        all_.Sign(all_.north, document_, &response)}) {
    EXPECT_EQ(ReasonIn(refused), "TERMINATED");
    EXPECT_THAT(std::string(refused.message()),
                HasSubstr("the agreement is ended; north-police can do nothing "
                          "more with it"));
  }
}

TEST_F(AgreementActsTest, AWithdrawalEndsAProposalToo) {
  const std::string next = all_.Document(
      {{"version: 1\n", absl::StrCat("version: 2\nprevious: \"",
                                     policy::Digest(document_), "\"\n")}});
  ASSERT_TRUE(all_.Propose(all_.north, next).ok());
  v1::SignAgreementResponse response;
  ASSERT_TRUE(all_.Sign(all_.north, next, &response, 2).ok());
  ASSERT_TRUE(all_.Do(Act(ActKind::kWithdraw, all_.north), all_.north).ok());
  EXPECT_FALSE(all_.Sign(all_.west, next, &response, 2).ok());
  ASSERT_TRUE(all_.service->ActivateDue().ok());
  EXPECT_EQ(all_.Get(all_.west, 1)->state(), "ended");
  EXPECT_EQ(all_.Get(all_.west, 2)->state(), "ended");
}

TEST_F(AgreementActsTest, AfterARestartItStands) {
  ASSERT_TRUE(all_.Do(Act(ActKind::kSuspend, all_.west), all_.west).ok());
  ASSERT_TRUE(
      all_.Do(Act(ActKind::kSuspendSending, all_.north), all_.north).ok());
  PolicyRegister loaded;
  Context context = all_.context;
  context.agreements = &loaded;
  ASSERT_TRUE(LoadAgreements(context).ok());
  const policy::AgreementRecord* record = loaded.Get()->Find("isa-small");
  ASSERT_NE(record, nullptr);
  EXPECT_THAT(record->suspended_by, ElementsAre("west-police"));
  EXPECT_THAT(record->sending_suspended_by, ElementsAre("north-police"));
}

TEST_F(AgreementActsTest, ItWakesWhoWaitsForBatches) {
  MailboxSignal signal;
  all_.context.mailboxes = &signal;
  AgreementsService service(all_.context);
  int woken = 0;
  const uint64_t id =
      signal.Watch("west-police", "isa-small", [&](int64_t) { ++woken; });
  v1::SuspendAgreementRequest request;
  request.set_agreement("isa-small");
  request.set_envelope(
      all_.ActEnvelope(Act(ActKind::kSuspend, all_.west), all_.west));
  v1::SuspendAgreementResponse response;
  ASSERT_TRUE(service.Suspend(all_.west.caller, request, &response).ok());
  EXPECT_EQ(woken, 1);
  signal.Unwatch(id);
}

TEST_F(AgreementActsTest, RefusesForItsReasonAndLeavesNothing) {
  const Person stranger =
      all_.Make("panel", certs::Role::kSignatory, "panel-chief");
  const Person deputy =
      all_.Make("west-police", certs::Role::kSignatory, "west-deputy");
  using Change = std::function<void(certs::AgreementAct&)>;
  const auto with = [&](const Change& change) {
    certs::AgreementAct act = Act(ActKind::kSuspend, all_.west);
    change(act);
    return act;
  };
  struct Case {
    certs::AgreementAct act;
    const Person* signer;
    const Person* caller;
    ActKind call;
    std::string want;
  };
  const Change as_it_is = [](auto&) {};
  const std::vector<Case> kCases = {
      {with(as_it_is), &all_.west, &stranger, ActKind::kSuspend,
       "NO_AGREEMENT"},
      {with(as_it_is), &all_.west, &all_.north, ActKind::kSuspend,
       "NOT_YOUR_AGENCY"},
      {with(as_it_is), &deputy, &all_.west, ActKind::kSuspend, "BAD_SIGNATURE"},
      {with([&](auto& act) { act.agency = "north-police"; }), &all_.west,
       &all_.north, ActKind::kSuspend, "BAD_SIGNATURE"},
      {with(as_it_is), &all_.west, &all_.west, ActKind::kWithdraw,
       "BAD_REQUEST"},
      {with([](auto& act) { act.agreement = "isa-other"; }), &all_.west,
       &all_.west, ActKind::kSuspend, "BAD_REQUEST"},
      {with([](auto& act) { act.version = 2; }), &all_.west, &all_.west,
       ActKind::kSuspend, "BAD_REQUEST"},
      {with([](auto& act) { act.digest = std::string(64, '0'); }), &all_.west,
       &all_.west, ActKind::kSuspend, "BAD_REQUEST"},
      {with([](auto& act) {
         act.signed_at -= certs::kMaxActAge + absl::Milliseconds(1);
       }),
       &all_.west, &all_.west, ActKind::kSuspend, "BAD_SIGNATURE"},
      {with([](auto& act) {
         act.signed_at += certs::kMaxActAge + absl::Milliseconds(1);
       }),
       &all_.west, &all_.west, ActKind::kSuspend, "BAD_SIGNATURE"},
      {with([](auto& act) {
         act.kind = ActKind::kResume;
         act.lifts = std::string(64, '0');
       }),
       &all_.west, &all_.west, ActKind::kResume, "NOT_LEGAL_NOW"},
  };
  for (const Case& one : kCases) {
    const absl::Status refused =
        all_.SendAct(one.call, *one.caller,
                     all_.ActEnvelope(one.act, *one.signer))
            .status();
    EXPECT_EQ(ReasonIn(refused), one.want) << refused;
  }
  for (const std::string& envelope :
       {std::string("{}"), std::string(kMaxActEnvelopeBytes + 1, ' '),
        all_.Envelope(certs::kAgreementType, document_, all_.west)}) {
    EXPECT_EQ(
        ReasonIn(all_.SendAct(ActKind::kSuspend, all_.west, envelope).status()),
        "BAD_SIGNATURE");
  }
  EXPECT_EQ(CodeInForce("west-police"), "OK");
  EXPECT_EQ(all_.Get(all_.west)->acts_size(), 0);
}

TEST_F(AgreementActsTest, ARevokedSignatoryCanDoNothing) {
  v1::RevokeCertificateRequest revoke;
  revoke.set_fingerprint(all_.west.caller.fingerprint);
  revoke.set_reason("lost");
  v1::RevokeCertificateResponse revoked;
  ASSERT_TRUE(
      all_.directory->RevokeCertificate(all_.op.caller, revoke, &revoked).ok());
  EXPECT_EQ(
      ReasonIn(all_.Do(Act(ActKind::kSuspend, all_.west), all_.west).status()),
      "CERTIFICATE_REVOKED");
}

TEST_F(AgreementActsTest, ARefusedActIsAnEntryAndSaysWhatIsLegal) {
  ASSERT_TRUE(all_.Do(Act(ActKind::kSuspend, all_.west), all_.west).ok());
  const uint64_t size = Entries();
  certs::AgreementAct again = Act(ActKind::kSuspend, all_.west);
  again.reason = "Once more";
  const absl::Status refused = all_.Do(again, all_.west).status();
  EXPECT_EQ(ReasonIn(refused), "ALREADY_DONE");
  const std::string legal =
      "the agreement is suspended by west-police; west-police may now: suspend "
      "--sending, resume, withdraw";
  EXPECT_THAT(std::string(refused.message()), HasSubstr(legal));
  EXPECT_EQ(Entries(), size + 1);
  certs::AgreementAct sending = Act(ActKind::kResume, all_.west);
  sending.lifts = TestPartnership::ActDigest(again);
  const absl::Status none = all_.Do(sending, all_.west).status();
  EXPECT_EQ(ReasonIn(none), "NOT_LEGAL_NOW");
  EXPECT_THAT(std::string(none.message()),
              HasSubstr(absl::StrCat("there is no such suspension; ", legal)));
}

TEST_F(AgreementActsTest, AnOverdueReviewSuspendsAndIsAnEntryOnce) {
  const absl::Time overdue = TestDay(9, 15, 2027);
  all_.clock.Set(overdue - absl::Milliseconds(1));
  ASSERT_TRUE(all_.service->ActivateDue().ok());
  const uint64_t size = Entries();
  EXPECT_EQ(CodeInForce("west-police"), "OK");
  all_.clock.Set(overdue);
  EXPECT_EQ(CodeInForce("west-police"), "REVIEW_OVERDUE");
  EXPECT_EQ(all_.Get(all_.west)->state(), "suspended");
  ASSERT_TRUE(all_.service->ActivateDue().ok());
  ASSERT_TRUE(all_.service->ActivateDue().ok());
  EXPECT_EQ(Entries(), size + 1);
  AgreementsService restarted(all_.context);
  ASSERT_TRUE(restarted.ActivateDue().ok());
  EXPECT_EQ(Entries(), size + 1);
}

TEST_F(AgreementActsTest, TheStatusSaysWhoSuspendedAndWhatIsDue) {
  ASSERT_TRUE(all_.Do(Act(ActKind::kSuspend, all_.west), all_.west).ok());
  ASSERT_TRUE(
      all_.Do(Act(ActKind::kSuspendSending, all_.north), all_.north).ok());
  v1::GetStatusResponse status;
  ASSERT_TRUE(all_.directory->GetStatus(all_.panel.caller, {}, &status).ok());
  ASSERT_EQ(status.agreements_size(), 1);
  const v1::AgreementSummary& summary = status.agreements(0);
  EXPECT_EQ(summary.state(), "suspended");
  EXPECT_THAT(summary.suspended_by(), ElementsAre("west-police"));
  EXPECT_THAT(summary.sending_suspended_by(), ElementsAre("north-police"));
  ASSERT_EQ(summary.reviews_size(), 2);
  EXPECT_EQ(summary.reviews(0).clause(), "governance.dpia.review_by");
  EXPECT_EQ(absl::FromUnixSeconds(summary.reviews(0).overdue_time().seconds()),
            TestDay(9, 15, 2027));
}

TEST_F(AgreementActsTest, ASignatoryOfALaterVersionIsShownWhatItChanges) {
  const std::string next = all_.Document(
      {{"version: 1\n", absl::StrCat("version: 2\nprevious: \"",
                                     policy::Digest(document_), "\"\n")},
       {"records_per_day: 5000", "records_per_day: 6000"}});
  ASSERT_TRUE(all_.Propose(all_.north, next).ok());
  v1::SignAgreementRequest request;
  request.set_agreement("isa-small");
  request.set_version(2);
  request.set_envelope(all_.Envelope(certs::kAgreementType, next, all_.north));
  v1::SignAgreementResponse response;
  const auto sign = [&] {
    return ReasonIn(all_.service->Sign(all_.north.caller, request, &response));
  };
  EXPECT_EQ(sign(), "DIFF_NOT_SHOWN");
  all_.SetShown(&request);
  const std::string digest = request.diff_digest();
  request.set_diff_base(2);
  EXPECT_EQ(sign(), "DIFF_NOT_SHOWN");
  request.set_diff_base(1);
  request.set_diff_digest(std::string(32, 'x'));
  EXPECT_EQ(sign(), "DIFF_NOT_SHOWN");
  EXPECT_EQ(all_.Get(all_.north, 2)->envelopes_size(), 0);
  request.set_diff_digest(digest);
  EXPECT_EQ(sign(), "OK");
  EXPECT_EQ(EntryIn(response.receipt()).detail.at("diff"),
            crypto::ToHex(crypto::AsBytes(digest)));
  EXPECT_EQ(EntryIn(response.receipt()).detail.at("diff_base"), "1");
  EXPECT_EQ(all_.Get(all_.west, 2)->notes(0).diff(), digest);
}

TEST_F(AgreementActsTest, AVersionIsShownAgainstTheOneInForce) {
  const auto version = [&](int number, const std::string& previous) {
    return all_.Document(
        {{"version: 1\n", absl::StrCat("version: ", number, "\nprevious: \"",
                                       policy::Digest(previous), "\"\n")}});
  };
  const std::string second = version(2, document_);
  const std::string third = version(3, second);
  ASSERT_TRUE(all_.Propose(all_.north, second).ok());
  ASSERT_TRUE(all_.Propose(all_.north, third).ok());
  const auto snapshot = all_.agreements.Get();
  const policy::AgreementRecord& record = *snapshot->Find("isa-small");
  const auto base = [&](int64_t number, absl::Time now) {
    return DiffBase(record, number, now).agreement->document().version;
  };
  EXPECT_EQ(base(3, all_.clock.Now()), 1);
  EXPECT_EQ(base(3, TestDay(1, 1)), 2) << "none is in force";
}

}  // namespace
}  // namespace entente::broker
