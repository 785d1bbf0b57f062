#include "broker/pseudonyms_service.h"

#include "broker/rpc/refusal.h"
#include "broker/test_clauses.h"
#include "broker/test_exchange.h"
#include "crypto/pepper.h"
#include "crypto/sha.h"
#include "crypto/voprf.h"
#include "gtest/gtest.h"
#include "policy/ledger_entry.h"

namespace entente::broker {
namespace {

class PseudonymsServiceTest : public testing::Test {
 protected:
  v1::EnrolRequest Request(char id, int count) {
    std::vector<crypto::Point> inputs;
    for (int i = 0; i < count; ++i) inputs.push_back(*crypto::Point::Random());
    blinds_ = *crypto::BlindedBatch::Create(inputs);
    v1::EnrolRequest request;
    request.set_agreement(kAgreement);
    request.set_version(1);
    request.set_scheme("nhs/1");
    request.set_epoch(1);
    request.set_request_id(std::string(16, id));
    request.set_blinded(Text(crypto::PackPoints(blinds_->blinded())));
    return request;
  }
  absl::Status Enrol(const std::string& agency, const v1::EnrolRequest& what) {
    enrolled_.Clear();
    return pseudonyms_.Enrol(TestExchange::Of(agency), what, &enrolled_);
  }
  v1::PutPepperRequest Pepper(const std::string& from, const std::string& to) {
    const crypto::PepperAddress address = {kAgreement, 1, from, to,
                                           world_.agencies[to].bundle};
    const auto key = crypto::KemPublicKey::Parse(crypto::Bytes(32, 9));
    EXPECT_TRUE(key.ok()) << key.status();
    const auto sealed =
        crypto::SealPepper(address, *crypto::MakePepper(), *key);
    EXPECT_TRUE(sealed.ok()) << sealed.status();
    v1::PutPepperRequest request;
    request.set_message(Text(sealed->message));
    request.set_ciphertext(Text(sealed->ciphertext));
    request.set_signature(
        Text(world_.agencies[from].batch.Sign("", sealed->message)));
    return request;
  }
  absl::Status Put(const std::string& agency,
                   const v1::PutPepperRequest& request) {
    v1::PutPepperResponse response;
    return pseudonyms_.PutPepper(TestExchange::Of(agency), request, &response);
  }

  policy::LedgerEntry Last(const std::string& ledger) {
    policy::LedgerEntry last;
    const absl::Status read = world_.broker.store->Read(
        [&](Transaction& transaction) -> absl::Status {
          const auto head = world_.broker.ledgers->Head(transaction, ledger);
          if (!head.ok()) return head.status();
          const auto line =
              world_.broker.ledgers->Entry(transaction, ledger, head->size - 1);
          if (!line.ok()) return line.status();
          const auto entry = policy::ParseEntry(*line);
          if (!entry.ok()) return entry.status();
          last = *entry;
          return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << read;
    return last;
  }

  TestExchange world_;
  Trust trust_{"test", *certs::Certificate::FromPem(kOperatorRoot)};
  Context context_{"broker.test",
                   world_.broker.store.get(),
                   world_.broker.ledgers.get(),
                   world_.broker.sequencer.get(),
                   &world_.recorder,
                   &world_.receipts,
                   &world_.masters,
                   &world_.clock,
                   &trust_,
                   &world_.agreements,
                   nullptr};
  PseudonymsService pseudonyms_{&context_};
  absl::optional<crypto::BlindedBatch> blinds_;
  v1::EnrolResponse enrolled_;
};

TEST_F(PseudonymsServiceTest, EvaluatesWithAProofAndRepeatsItsAnswer) {
  const auto request = Request('a', 2);
  const absl::Status done = Enrol("north", request);
  ASSERT_TRUE(done.ok()) << done;
  const v1::EnrolResponse first = enrolled_;
  EXPECT_TRUE(
      blinds_
          ->Finish(
              world_.keys.FindDomain("north", crypto::Role::kMatching)->key,
              *crypto::ParsePoints(crypto::AsBytes(first.evaluated())),
              crypto::AsBytes(first.proof()))
          .ok());
  ASSERT_TRUE(Enrol("north", request).ok());
  EXPECT_EQ(enrolled_.evaluated(), first.evaluated());
  EXPECT_EQ(enrolled_.receipt().index(), first.receipt().index());
  EXPECT_EQ(CodeOf(Enrol("north", Request('a', 2))), "REPLAYED_DIFFERENTLY");
  EXPECT_EQ(CodeOf(Enrol("north", Request('b', 2))), "QUOTA_EXCEEDED");
  EXPECT_TRUE(Enrol("north", Request('c', 1)).ok());
  EXPECT_TRUE(Enrol("south", Request('a', 3)).ok());
}

TEST_F(PseudonymsServiceTest, RefusesToEnrolOutsideTheAgreement) {
  auto request = Request('a', 1);
  EXPECT_EQ(CodeOf(Enrol("east", request)), "NO_AGREEMENT");
  EXPECT_EQ(CodeOf(Enrol("west", request)), "SCHEME_NOT_IN_AGREEMENT");
  request.set_scheme("pnc/1");
  EXPECT_EQ(CodeOf(Enrol("north", request)), "SCHEME_NOT_IN_AGREEMENT");
  request = Request('a', 1);
  request.set_epoch(2);
  EXPECT_EQ(CodeOf(Enrol("north", request)), "KEY_UNKNOWN");
  request = Request('a', 1);
  request.set_blinded(std::string(32, '\0'));
  EXPECT_EQ(CodeOf(Enrol("north", request)), "BAD_ELEMENT");
  request.set_blinded("");
  EXPECT_EQ(CodeOf(Enrol("north", request)), "BAD_ELEMENT");
  request = Request('a', 1);
  request.set_version(2);
  const absl::Status unknown = Enrol("north", request);
  EXPECT_EQ(CodeOf(unknown), "VERSION_UNKNOWN");
  EXPECT_NE(unknown.message().find("version in force: 1"),
            absl::string_view::npos)
      << unknown;
  world_.clock.Advance(absl::Hours(24 * 365));
  EXPECT_EQ(CodeOf(Enrol("north", Request('a', 1))), "EXPIRED");
}

TEST_F(PseudonymsServiceTest, ASealedRecipientEnrolsNobody) {
  ASSERT_TRUE(Enrol("south", Request('a', 1)).ok());
  world_.agreement.flows[0].recipient_domain = policy::DomainRole::kSealed;
  world_.PutRecord([](policy::AgreementRecord*) {});
  EXPECT_EQ(
      CodeOf(Enrol("south", Request('b', 1))),
      PromisedCode(world_.agreement, "flows[0] crimes-south.recipient_domain"));
  EXPECT_EQ(CodeOf(Enrol("south", Request('c', 1))), "DOMAIN_SEALED");
  EXPECT_EQ(CodeOf(Enrol("west", Request('d', 1))), "SCHEME_NOT_IN_AGREEMENT");
  EXPECT_TRUE(Enrol("north", Request('e', 1)).ok());
}

// What `agreement clauses` calls enforced here meets the code that it tells.
TEST_F(PseudonymsServiceTest, ABreachMeetsTheCodeThatItsClauseTells) {
  auto request = Request('a', 1);
  request.set_scheme("pnc/1");
  EXPECT_EQ(CodeOf(Enrol("north", request)),
            PromisedCode(world_.agreement, "datasets.crimes.identifiers"));
  EXPECT_EQ(CodeOf(Enrol("north", Request('b', 4))),
            PromisedCode(world_.agreement,
                         "flows[0] crimes-south.limits.enrolments_per_day"));
  EXPECT_TRUE(Enrol("north", Request('c', 3)).ok());
}

TEST_F(PseudonymsServiceTest, ANewVersionTakesEnrolmentsOverAfterTheHandover) {
  policy::Agreement next = world_.agreement;
  next.version = 2;
  next.parties.erase("north");
  next.flows[0].from = {"west"};
  next.valid.from = absl::CivilDay(2026, 6, 1);
  next.valid.handover_days = 7;
  world_.PutRecord([&](auto* record) {
    record->versions[2] = {
        *policy::CompiledAgreement::Create(next, crypto::Sha256("next")),
        {},
        true};
  });
  EXPECT_TRUE(Enrol("north", Request('a', 1)).ok())
      << "the first version lives on, also for whom the second does not name";
  world_.clock.Advance(absl::Hours(24 * 7));
  const absl::Status refused = Enrol("north", Request('b', 1));
  EXPECT_EQ(CodeOf(refused), "VERSION_SUPERSEDED");
  EXPECT_NE(refused.message().find("version in force: 2"),
            absl::string_view::npos)
      << refused;
}

TEST_F(PseudonymsServiceTest, NobodyEnrolsUnderWhatStandsUnderNothing) {
  world_.agreement.under = "isa-none";
  world_.PutRecord([](auto*) {});
  const absl::Status refused = Enrol("north", Request('a', 1));
  EXPECT_EQ(CodeOf(refused), "PARENT_NOT_IN_FORCE");
  EXPECT_EQ(refused.message(), "isa-none: it is not known here");
}

TEST_F(PseudonymsServiceTest, PassesPeppersOnUnderTheFirstCommitment) {
  v1::GetPepperRequest ask;
  ask.set_agreement(kAgreement);
  v1::GetPepperResponse got;
  ASSERT_TRUE(pseudonyms_.GetPepper(TestExchange::Of("south"), ask, &got).ok());
  EXPECT_EQ(got.generation(), 0u);
  const auto first = Pepper("north", "south");
  const absl::Status put = Put("north", first);
  ASSERT_TRUE(put.ok()) << put;
  EXPECT_TRUE(Put("north", first).ok());
  EXPECT_EQ(CodeOf(Put("south", Pepper("south", "north"))),
            "COMMITMENT_DIFFERS");
  ASSERT_TRUE(pseudonyms_.GetPepper(TestExchange::Of("south"), ask, &got).ok());
  EXPECT_EQ(got.generation(), 1u);
  ASSERT_EQ(got.messages_size(), 1);
  EXPECT_EQ(got.messages(0).message(), first.message());
  EXPECT_EQ(got.delivered_to(0), "south");
  EXPECT_EQ(got.commitment().index(), 3u);
  EXPECT_EQ(CodeOf(pseudonyms_.GetPepper(TestExchange::Of("west"), ask, &got)),
            "DOMAIN_SEALED");
}

TEST_F(PseudonymsServiceTest, RefusesPeppersThatAreNotTheSenders) {
  const auto good = Pepper("north", "south");
  EXPECT_EQ(CodeOf(Put("south", good)), "NOT_YOUR_AGENCY");
  auto bad = good;
  (*bad.mutable_signature())[1] ^= 1;
  EXPECT_EQ(CodeOf(Put("north", bad)), "BAD_SIGNATURE");
  bad = good;
  (*bad.mutable_ciphertext())[40] ^= 1;
  EXPECT_EQ(CodeOf(Put("north", bad)), "BAD_PEPPER_MESSAGE");
  EXPECT_EQ(CodeOf(Put("north", Pepper("north", "west"))), "DOMAIN_SEALED");
}

TEST_F(PseudonymsServiceTest, TheEntryBindsTheElementsAskedFor) {
  const auto request = Request('a', 2);
  ASSERT_TRUE(Enrol("north", request).ok());
  const std::string subject =
      crypto::ToHex(crypto::Sha256(crypto::AsBytes(request.blinded())));
  policy::LedgerEntry entry = Last(kAgreement);
  EXPECT_EQ(entry.kind, policy::EntryKind::kEnrolment);
  EXPECT_EQ(entry.subject, subject);
  EXPECT_EQ(entry.records, 2u);
  EXPECT_EQ(entry.detail.at("scheme"), "nhs/1");
  EXPECT_EQ(entry.detail.at("epoch"), "1");
  // A refused one too.
  const auto refused = Request('b', 2);
  EXPECT_EQ(CodeOf(Enrol("north", refused)), "QUOTA_EXCEEDED");
  entry = Last(kAgreement);
  EXPECT_EQ(entry.outcome, policy::Outcome::kDeny);
  EXPECT_EQ(entry.subject,
            crypto::ToHex(crypto::Sha256(crypto::AsBytes(refused.blinded()))));
}

TEST_F(PseudonymsServiceTest, RefusesRequestsOfAnotherForm) {
  auto request = Request('a', 1);
  request.set_request_id("short");
  EXPECT_EQ(CodeOf(Enrol("north", request)), "BAD_REQUEST");
  request = Request('a', 1);
  request.set_version(0);
  EXPECT_EQ(CodeOf(Enrol("north", request)), "VERSION_UNKNOWN");
  request = Request('a', 1);
  request.mutable_blinded()->pop_back();
  EXPECT_EQ(CodeOf(Enrol("north", request)), "BAD_ELEMENT");
  request.set_blinded(
      std::string((crypto::kMaxVoprfBatch + 1) * crypto::kPointBytes, 'x'));
  EXPECT_EQ(CodeOf(Enrol("north", request)), "BAD_ELEMENT");
  request = Request('a', 1);
  request.mutable_blinded()->back() = '\xff';  // bit 255
  EXPECT_EQ(CodeOf(Enrol("north", request)), "BAD_ELEMENT");
  request = Request('a', 1);
  request.mutable_known()->set_size(1000);
  EXPECT_EQ(CodeOf(Enrol("north", request)), "STALE_VIEW");
}

TEST_F(PseudonymsServiceTest, RefusalsOfStrangersAreInTheBrokersLedger) {
  EXPECT_EQ(CodeOf(Enrol("east", Request('a', 1))), "NO_AGREEMENT");
  EXPECT_EQ(Last("broker").kind, policy::EntryKind::kEnrolment);
  EXPECT_EQ(CodeOf(Enrol("west", Request('a', 1))), "SCHEME_NOT_IN_AGREEMENT");
  EXPECT_EQ(Last(kAgreement).kind, policy::EntryKind::kEnrolment);
}

TEST_F(PseudonymsServiceTest, ARevokedCertificateEnrolsNothing) {
  trust_.Revoke(TestExchange::Of("north").fingerprint, "north");
  EXPECT_EQ(CodeOf(Enrol("north", Request('a', 1))), "CERTIFICATE_REVOKED");
  EXPECT_EQ(CodeOf(Put("north", Pepper("north", "south"))),
            "CERTIFICATE_REVOKED");
}

TEST_F(PseudonymsServiceTest, RefusesPeppersThatAreTooLongOrNone) {
  auto pepper = Pepper("north", "south");
  pepper.set_message(std::string(3000, 'x'));
  EXPECT_EQ(CodeOf(Put("north", pepper)), "BAD_PEPPER_MESSAGE");
  pepper = Pepper("north", "south");
  pepper.set_ciphertext(std::string(2000, 'x'));
  EXPECT_EQ(CodeOf(Put("north", pepper)), "BAD_PEPPER_MESSAGE");
  EXPECT_EQ(CodeOf(Put("north", {})), "BAD_PEPPER_MESSAGE");
  pepper = Pepper("north", "south");
  pepper.clear_signature();
  EXPECT_EQ(CodeOf(Put("north", pepper)), "BAD_SIGNATURE");
}

TEST_F(PseudonymsServiceTest, FlippingAnyBitOfAPepperRefusesIt) {
  const auto good = Pepper("north", "south");
  for (size_t bit = 0; bit < 8 * good.message().size(); bit += 7) {
    auto bad = good;
    (*bad.mutable_message())[bit / 8] =
        static_cast<char>(bad.message()[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(Put("north", bad).ok()) << "bit " << bit;
  }
  EXPECT_TRUE(Put("north", good).ok());
}

}  // namespace
}  // namespace entente::broker
