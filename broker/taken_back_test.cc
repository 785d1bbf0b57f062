#include "broker/taken_back.h"

#include <string>

#include "broker/agreement_state.h"
#include "broker/test_partnership.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Signed by both before its first day.
class TakenBackTest : public testing::Test {
 protected:
  TakenBackTest() {
    all_.RegisterAll();
    document_ = all_.Document({{"\"2026-11-01\"", "\"2026-12-01\""}});
    EXPECT_TRUE(all_.Publish(all_.north).ok());
    EXPECT_TRUE(all_.Publish(all_.west).ok());
    EXPECT_TRUE(all_.Propose(all_.west, document_).ok());
    EXPECT_EQ(Sign(all_.north), "signed");
    EXPECT_EQ(Sign(all_.west), "signed");
    EXPECT_EQ(InForceNow(), "NOT_YET_VALID");
  }

  std::string Sign(const Person& signer) {
    v1::SignAgreementResponse response;
    const absl::Status done = all_.Sign(signer, document_, &response);
    return done.ok() ? response.state() : ReasonIn(done);
  }
  // By its fingerprint alone.
  absl::Status Revoke(const Person& caller, const Person& whose) {
    v1::RevokeCertificateRequest request;
    request.set_agency(caller.caller.agency());
    request.set_fingerprint(whose.caller.fingerprint);
    request.set_reason("the key is lost");
    v1::RevokeCertificateResponse response;
    return all_.directory->RevokeCertificate(caller.caller, request, &response);
  }
  // Whoever holds the post of north's signatory next.
  Person Successor() {
    return all_.Make("north-police", certs::Role::kSignatory, "north-chief");
  }
  void Begin() {
    all_.clock.Set(TestDay(12, 1));
    EXPECT_TRUE(all_.service->ActivateDue().ok());
  }
  std::string InForceNow() {
    const auto found = InForce(*all_.agreements.Get(), "isa-small", 0,
                               "west-police", all_.clock.Now());
    return found.ok() ? "OK" : ReasonIn(found.status());
  }
  // The entries of the agreement's ledger that take a signature back.
  std::vector<policy::LedgerEntry> TakenBack() {
    std::vector<policy::LedgerEntry> found;
    const absl::Status read =
        all_.parts.store->Read([&](Transaction& transaction) -> absl::Status {
          const auto size = all_.parts.ledgers->Size(transaction, "isa-small");
          if (!size.ok()) return size.status();
          for (uint64_t i = 0; i < *size; ++i) {
            const auto line =
                all_.parts.ledgers->Entry(transaction, "isa-small", i);
            if (!line.ok()) return line.status();
            const auto entry = policy::ParseEntry(*line);
            if (!entry.ok()) return entry.status();
            if (entry->kind == policy::EntryKind::kCertificateRevoked) {
              found.push_back(*entry);
            }
          }
          return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << read;
    return found;
  }

  TestPartnership all_;
  std::string document_;
};

TEST_F(TakenBackTest, ALineOfARevokedCertificateIsOpenAgainAndSaysSo) {
  ASSERT_TRUE(Revoke(all_.op, all_.north).ok());
  const auto shown = all_.Get(all_.west);
  EXPECT_EQ(shown->state(), "proposed");
  EXPECT_THAT(shown->missing(), ElementsAre("north-police: north-chief"));
  EXPECT_EQ(shown->envelopes_size(), 1);
  EXPECT_EQ(InForceNow(), "NOT_FULLY_SIGNED");
  const auto entries = TakenBack();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].outcome, policy::Outcome::kAllow);
  EXPECT_EQ(entries[0].subject, all_.north.caller.fingerprint);
  EXPECT_EQ(entries[0].actor, all_.op.caller.uri);
  EXPECT_EQ(entries[0].agreement, "isa-small");
  EXPECT_EQ(entries[0].version, 1u);
  EXPECT_EQ(entries[0].digest, policy::Digest(document_));
  EXPECT_EQ(entries[0].detail.at("line"), "north-police: north-chief");
  EXPECT_EQ(entries[0].detail.at("reason"), "the key is lost");

  // Its day comes, and it does not start.
  Begin();
  EXPECT_EQ(all_.Get(all_.west)->state(), "proposed");
  EXPECT_EQ(InForceNow(), "NOT_FULLY_SIGNED");
  EXPECT_EQ(Sign(all_.north), "CERTIFICATE_REVOKED");
}

TEST_F(TakenBackTest, AnotherCertificateSignsTheLineAndItStarts) {
  ASSERT_TRUE(Revoke(all_.north, all_.north).ok());
  const Person next = Successor();
  EXPECT_EQ(Sign(next), "signed");
  EXPECT_THAT(all_.Get(all_.west)->missing(), IsEmpty());
  EXPECT_EQ(all_.Get(all_.west)->state(), "signed");
  Begin();
  EXPECT_EQ(all_.Get(all_.west)->state(), "active");
  EXPECT_EQ(InForceNow(), "OK");

  // What is in force keeps its signatures.
  ASSERT_TRUE(Revoke(all_.op, next).ok());
  EXPECT_EQ(all_.Get(all_.west)->state(), "active");
  EXPECT_EQ(all_.Get(all_.west)->envelopes_size(), 2);
  EXPECT_EQ(InForceNow(), "OK");
  EXPECT_EQ(TakenBack().size(), 1u);
}

TEST_F(TakenBackTest, OneThatCannotBeginAnyMoreBeginsWithTheNewLine) {
  Begin();
  ASSERT_EQ(all_.Get(all_.west)->state(), "active");
  const std::string first = document_;
  document_ = all_.Document(
      {{"\"2026-11-01\"", "\"2026-12-01\""},
       {"version: 1\n", absl::StrCat("version: 2\nprevious: \"",
                                     policy::Digest(first), "\"\n")}});
  ASSERT_TRUE(all_.Propose(all_.west, document_).ok());
  v1::SignAgreementResponse response;
  ASSERT_TRUE(all_.Sign(all_.north, document_, &response, 2).ok());
  ASSERT_TRUE(Revoke(all_.op, all_.north).ok());
  ASSERT_TRUE(all_.Sign(all_.west, document_, &response, 2).ok());
  EXPECT_EQ(response.state(), "signed");
  EXPECT_THAT(response.missing(), ElementsAre("north-police: north-chief"));
  EXPECT_EQ(InForceNow(), "OK") << "the first goes on";
  ASSERT_TRUE(all_.Sign(Successor(), document_, &response, 2).ok());
  EXPECT_EQ(response.state(), "active");
}

TEST_F(TakenBackTest, NobodyTakesBackWhatAnotherAgencySigned) {
  ASSERT_TRUE(Revoke(all_.west, all_.north).ok());
  EXPECT_EQ(all_.Get(all_.west)->state(), "signed");
  EXPECT_THAT(TakenBack(), IsEmpty());
  Begin();
  EXPECT_EQ(InForceNow(), "OK");
}

TEST_F(TakenBackTest, ARevocationThatIsRepeatedTakesBackNothingMore) {
  ASSERT_TRUE(Revoke(all_.op, all_.north).ok());
  EXPECT_EQ(Sign(Successor()), "signed");
  ASSERT_TRUE(Revoke(all_.op, all_.north).ok());
  EXPECT_EQ(all_.Get(all_.west)->state(), "signed");
  EXPECT_EQ(TakenBack().size(), 1u);
}

}  // namespace
}  // namespace entente::broker
