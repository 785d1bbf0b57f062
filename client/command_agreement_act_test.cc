// entente agreement suspend | resume | withdraw | versions | signatures
#include "certs/agreement_act.h"
#include "client/test_commands_at_broker.h"
#include "client/verified_document.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::client {
namespace {

using certs::ActKind;
using testing::HasSubstr;

class AgreementActCommandTest : public CommandsAtBrokerTest {
 protected:
  Ran Do(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "agreement");
    return As(Chief(), std::move(arguments));
  }
  static certs::AgreementAct ActIn(const std::string& envelope) {
    const auto parsed = crypto::ParseEnvelope(envelope);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    const auto act = certs::ParseAgreementAct(parsed->payload);
    EXPECT_TRUE(act.ok()) << act.status();
    return act.value_or(certs::AgreementAct());
  }
  // West's suspension, or other act, as the broker has it.
  void WestSuspends(ActKind kind = ActKind::kSuspend) {
    certs::AgreementAct act;
    act.kind = kind;
    act.agreement = kPact;
    act.version = 1;
    act.digest = crypto::ToHex(crypto::Sha256(broker_.document));
    act.agency = kWest;
    act.reason = "West has its reasons";
    act.signed_at = broker_.now;
    const FakeHolder& chief = broker_.agency(kWest).signatory();
    const auto payload = certs::PrintAgreementAct(act);
    policy::LedgerEntry entry = broker_.Entry(
        kind == ActKind::kWithdraw ? policy::EntryKind::kAgreementWithdrawn
                                   : policy::EntryKind::kAgreementSuspended);
    entry.subject =
        crypto::ToHex(certs::AgreementActDigest(crypto::AsBytes(*payload)));
    broker_.acts.emplace_back();
    broker_.acts.back().set_envelope(crypto::PrintEnvelope(*certs::SignDocument(
        certs::kAgreementActType, crypto::AsBytes(*payload), chief.key,
        chief.chain)));
    *broker_.acts.back().mutable_receipt() =
        broker_.Receipt(kPact, broker_.Write(kPact, entry));
    broker_.state = "suspended";
  }
};

TEST_F(AgreementActCommandTest, SuspendsWithASignedReason) {
  const Ran ran = Do({"suspend", kPact, "--reason", "Odd queries"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.Out().at("state"), "suspended");
  EXPECT_EQ(ran.Out().at("act"), "suspend");
  ASSERT_EQ(broker_.suspend.calls.size(), 1u);
  const std::string envelope = broker_.suspend.calls[0].envelope();
  const certs::AgreementAct act = ActIn(envelope);
  EXPECT_EQ(act.kind, ActKind::kSuspend);
  EXPECT_EQ(act.reason, "Odd queries");
  EXPECT_EQ(act.agency, kNorth);
  EXPECT_TRUE(certs::VerifyAgreementAct(*crypto::ParseEnvelope(envelope),
                                        broker_.agency(kNorth).root_spki())
                  .ok());
  const Ran sending =
      Do({"suspend", kPact, "--sending", "--reason", "Our export is broken"});
  ASSERT_EQ(sending.exit, 0) << sending.err;
  EXPECT_EQ(ActIn(broker_.suspend.calls[1].envelope()).kind,
            ActKind::kSuspendSending);
}

TEST_F(AgreementActCommandTest, ShowsWhoSuspendedAndWhy) {
  WestSuspends();
  const Ran ran = Do({"show", kPact});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.Out().at("state"), "suspended");
  ASSERT_EQ(ran.Out().at("acts").size(), 1u);
  EXPECT_EQ(ran.Out().at("acts")[0].at("agency"), kWest);
  EXPECT_EQ(ran.Out().at("acts")[0].at("reason"), "West has its reasons");
}

TEST_F(AgreementActCommandTest, ASuspensionCountsWhateverTheBrokerCallsIt) {
  WestSuspends();
  broker_.state = "active";
  const Ran ran = Do({"show", kPact});
  EXPECT_EQ(ran.Out().at("state"), "suspended") << ran.err;
}

TEST_F(AgreementActCommandTest, BeforeTheStartWhoLeavesTakesItsLineBack) {
  broker_.activated = false;
  EXPECT_EQ(Do({"show", kPact}).Out().at("missing").size(), 0u);
  WestSuspends(ActKind::kWithdraw);
  const Ran ran = Do({"show", kPact});
  EXPECT_EQ(ran.Out().at("state"), "proposed") << ran.err;
  ASSERT_EQ(ran.Out().at("missing").size(), 1u);
  EXPECT_EQ(ran.Out().at("missing")[0], "west-police: west-chief");
}

TEST_F(AgreementActCommandTest, ASuspensionDoesNotBringBackAnOldVersion) {
  WestSuspends();
  broker_.state = "superseded";
  const Ran ran = Do({"versions", kPact});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.Out().at("versions")[0].at("state"), "superseded");
}

TEST_F(AgreementActCommandTest, AnInventedOrOldSuspensionIsFoundOut) {
  WestSuspends();
  const v1::StandingAct honest = broker_.acts[0];
  const std::vector<std::function<void()>> kLies = {
      [&] {  // signed by somebody else
        auto envelope = *crypto::ParseEnvelope(honest.envelope());
        const FakeHolder other = broker_.agency(kEast).signatory();
        broker_.acts[0].set_envelope(crypto::PrintEnvelope(
            *certs::SignDocument(certs::kAgreementActType, envelope.payload,
                                 other.key, other.chain)));
      },
      [&] {  // the entry of another act
        policy::LedgerEntry entry =
            broker_.Entry(policy::EntryKind::kAgreementSuspended);
        entry.subject = std::string(64, '0');
        *broker_.acts[0].mutable_receipt() =
            broker_.Receipt(kPact, broker_.Write(kPact, entry));
      },
      [&] {  // an old one, recorded now
        const auto parsed = policy::ParseEntry(honest.receipt().entry());
        policy::LedgerEntry entry = *parsed;
        entry.time += certs::kMaxActAge + absl::Seconds(1);
        *broker_.acts[0].mutable_receipt() =
            broker_.Receipt(kPact, broker_.Write(kPact, entry));
      },
      [&] { broker_.acts[0].set_envelope("{}"); },
  };
  for (size_t i = 0; i < kLies.size(); ++i) {
    broker_.acts = {honest};
    kLies[i]();
    const Ran ran = Do({"show", kPact});
    EXPECT_EQ(ran.exit, 6) << i << ran.err;
  }
}

TEST_F(AgreementActCommandTest, ResumesWhatItsAgencySuspended) {
  ASSERT_EQ(Do({"suspend", kPact, "--reason", "Odd queries"}).exit, 0);
  broker_.state = "suspended";
  const Ran ran = Do({"resume", kPact, "--reason", "All is well"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const certs::AgreementAct act = ActIn(broker_.resume.calls.at(0).envelope());
  const auto suspended =
      *crypto::ParseEnvelope(broker_.suspend.calls[0].envelope());
  EXPECT_EQ(act.lifts,
            crypto::ToHex(certs::AgreementActDigest(suspended.payload)));
}

TEST_F(AgreementActCommandTest, CannotResumeWhatAnotherSuspended) {
  WestSuspends();
  const Ran ran = Do({"resume", kPact, "--reason", "All is well"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("NOTHING_TO_RESUME"));
  EXPECT_THAT(ran.err, HasSubstr("west-police (west-chief)"));
  EXPECT_THAT(ran.err, HasSubstr("north-police may now: suspend, suspend "
                                 "--sending, withdraw"));
  EXPECT_TRUE(broker_.resume.calls.empty());
}

TEST_F(AgreementActCommandTest, WhatHasEndedCannotBeResumed) {
  broker_.state = "ended";
  const Ran ran = Do({"resume", kPact, "--reason", "All is well"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("the agreement is ended; north-police can do "
                                 "nothing more with it"));
}

TEST_F(AgreementActCommandTest, WithdrawsOnlyIfTheIdIsRepeated) {
  const Ran unsure = Do({"withdraw", kPact, "--reason", "It is over"});
  EXPECT_EQ(unsure.exit, 2);
  EXPECT_THAT(unsure.err, HasSubstr("--confirm"));
  const Ran other = Do(
      {"withdraw", kPact, "--reason", "It is over", "--confirm", "isa-other"});
  EXPECT_EQ(other.exit, 2);
  EXPECT_TRUE(broker_.withdraw.calls.empty());
  const Ran ran =
      Do({"withdraw", kPact, "--reason", "It is over", "--confirm", kPact});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ActIn(broker_.withdraw.calls.at(0).envelope()).notice_days, 90u)
      << "what the agreement says";
  EXPECT_EQ(ran.Out().at("notice_days"), 90);
  const Ran at_once = Do({"withdraw", kPact, "--reason", "It is over",
                          "--notice", "0", "--confirm", kPact});
  ASSERT_EQ(at_once.exit, 0) << at_once.err;
  EXPECT_EQ(ActIn(broker_.withdraw.calls.at(1).envelope()).notice_days, 0u);
}

TEST_F(AgreementActCommandTest, ABadReasonIsAUsageError) {
  for (const std::string& reason :
       {std::string("x"), std::string(301, 'x'), std::string("two\nlines")}) {
    const Ran ran = Do({"suspend", kPact, "--reason", reason});
    EXPECT_EQ(ran.exit, 2) << reason;
  }
  EXPECT_EQ(Do({"suspend", kPact}).exit, 2);
  EXPECT_TRUE(broker_.suspend.calls.empty());
}

TEST_F(AgreementActCommandTest, ARefusalComesWithItsCodeAndExit) {
  broker_.suspend.refuse = [](const auto&) {
    return Refusal(grpc::StatusCode::ALREADY_EXISTS, "ALREADY_DONE");
  };
  const Ran ran = Do({"suspend", kPact, "--reason", "Odd queries"});
  EXPECT_EQ(ran.exit, 5);
  EXPECT_THAT(ran.err, HasSubstr("ALREADY_DONE"));
}

TEST_F(AgreementActCommandTest, AReceiptOfAnotherActIsNoReceipt) {
  broker_.suspend.alter = [&](const auto&, auto* response) {
    policy::LedgerEntry entry =
        broker_.Entry(policy::EntryKind::kAgreementSuspended);
    entry.subject = std::string(64, '0');
    *response->mutable_receipt() =
        broker_.Receipt(kPact, broker_.Write(kPact, entry));
  };
  EXPECT_EQ(Do({"suspend", kPact, "--reason", "Odd queries"}).exit, 6);
}

TEST_F(AgreementActCommandTest, ListsVersionsAndSignatures) {
  const Ran versions = Do({"versions", kPact});
  ASSERT_EQ(versions.exit, 0) << versions.err;
  ASSERT_EQ(versions.Out().at("versions").size(), 1u);
  EXPECT_EQ(versions.Out().at("versions")[0].at("state"), "active");
  EXPECT_EQ(versions.Out().at("versions")[0].at("signed"), "3 of 3");
  const Ran signatures = Do({"signatures", kPact});
  ASSERT_EQ(signatures.exit, 0) << signatures.err;
  ASSERT_EQ(signatures.Out().at("signatures").size(), 3u);
  EXPECT_EQ(signatures.Out().at("signatures")[0].at("signed"), true);
  broker_.envelopes.pop_back();
  broker_.activated = false;
  const Ran open = Do({"signatures", kPact});
  EXPECT_EQ(open.Out().at("signatures")[2].at("signed"), false) << open.err;
}

}  // namespace
}  // namespace entente::client
