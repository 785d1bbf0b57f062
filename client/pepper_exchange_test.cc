#include "client/pepper_exchange.h"

#include <gmock/gmock.h>

#include "client/fake_system.h"
#include "crypto/pepper.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Hex(const absl::StatusOr<crypto::Secret>& pepper) {
  EXPECT_TRUE(pepper.ok()) << Told(pepper.status());
  // The commitment, so that no failure prints the pepper.
  return pepper.ok() ? crypto::ToHex(crypto::PepperCommitment(*pepper)) : "";
}

grpc::Status Away() {
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
}

std::function<grpc::Status(const v1::PutPepperRequest&)> NotTo(
    const std::string& agency) {
  return [agency](const v1::PutPepperRequest& request) {
    const auto message =
        crypto::ParsePepperMessage(crypto::AsBytes(request.message()),
                                   crypto::AsBytes(request.ciphertext()));
    return message->address.to == agency ? Away() : grpc::Status::OK;
  };
}

class PepperExchangeTest : public testing::Test {
 protected:
  FakeBroker broker_;
  FakeSystem north_{&broker_, kNorth};
  FakeSystem west_{&broker_, kWest};
  FakeSystem east_{&broker_, kEast};
};

TEST_F(PepperExchangeTest, TheFirstMakesItAndTheOthersGetIt) {
  const std::string made = Hex(ObtainPepper(north_.Deal()));
  EXPECT_EQ(broker_.put_pepper.calls.size(), 2u);
  EXPECT_THAT(north_.said(), HasSubstr("pepper: made, and left for east"));
  EXPECT_THAT(north_.said(), HasSubstr("pepper: left for west-police"));
  EXPECT_EQ(Hex(ObtainPepper(west_.Deal())), made);
  EXPECT_EQ(Hex(ObtainPepper(east_.Deal())), made);
  EXPECT_EQ(Hex(ObtainPepper(north_.Deal())), made) << "again";
  EXPECT_EQ(broker_.put_pepper.calls.size(), 2u) << "nobody was left out";
}

TEST_F(PepperExchangeTest, WhatWasGotIsKept) {
  const std::string made = Hex(ObtainPepper(north_.Deal()));
  EXPECT_EQ(Hex(ObtainPepper(west_.Deal())), made);
  broker_.get_pepper.alter = [](const auto&, auto* response) {
    response->clear_messages();
  };
  EXPECT_EQ(Hex(ObtainPepper(west_.Deal())), made);
}

TEST_F(PepperExchangeTest, TheMessageIsSealedSignedAndHoldsNoPepper) {
  const auto pepper = ObtainPepper(north_.Deal());
  ASSERT_TRUE(pepper.ok());
  for (const auto& request : broker_.put_pepper.calls) {
    const std::string all = request.SerializeAsString();
    EXPECT_EQ(all.find(std::string(crypto::AsText(pepper->Expose()))),
              std::string::npos);
  }
}

TEST_F(PepperExchangeTest, WhoIsSecondTakesTheCommittedOne) {
  const std::string made = Hex(ObtainPepper(north_.Deal()));
  // The broker had not yet heard of it when west asked.
  int asked = 0;
  broker_.get_pepper.alter = [&](const auto&, auto* response) {
    if (asked++ == 0) response->Clear();
  };
  EXPECT_EQ(Hex(ObtainPepper(west_.Deal())), made);
  EXPECT_EQ(asked, 2);
  EXPECT_THAT(west_.said(), Not(HasSubstr("pepper: made")));
}

TEST_F(PepperExchangeTest, ABrokerThatContradictsItselfIsNotFollowed) {
  Hex(ObtainPepper(north_.Deal()));
  broker_.get_pepper.alter = [](const auto&, auto* r) { r->Clear(); };
  const auto got = ObtainPepper(west_.Deal());
  EXPECT_THAT(Told(got.status()), HasSubstr("COMMITMENT_DIFFERS exit 5"));
}

TEST_F(PepperExchangeTest, WhoIsLeftOutIsToldWhomToAsk) {
  broker_.put_pepper.refuse = NotTo(kEast);
  // Of two, the one that can be reached fixes the commitment.
  const auto first = ObtainPepper(north_.Deal());
  EXPECT_THAT(Told(first.status()), HasSubstr("UNAVAILABLE"));
  broker_.put_pepper.refuse = NotTo(kWest);
  const std::string made = Hex(ObtainPepper(north_.Deal()));
  EXPECT_THAT(north_.said(), HasSubstr("pepper: not left for west-police"));
  const auto missing = ObtainPepper(west_.Deal());
  EXPECT_THAT(Told(missing.status()), HasSubstr("PEPPER_NOT_DELIVERED exit 7"));
  EXPECT_THAT(Told(missing.status()),
              HasSubstr("ask north-police or east-police to run `entente"));
  EXPECT_TRUE(PassPepperOn(west_.Deal()).ok()) << "it has nothing to pass on";
  // Any holder makes up for it.
  broker_.put_pepper.refuse = nullptr;
  EXPECT_EQ(Hex(ObtainPepper(east_.Deal())), made);
  EXPECT_THAT(east_.said(), HasSubstr("pepper: left for west-police"));
  EXPECT_EQ(Hex(ObtainPepper(west_.Deal())), made);
}

TEST_F(PepperExchangeTest, AHolderPassesItOnWhateverItRuns) {
  EXPECT_TRUE(PassPepperOn(north_.Deal()).ok());
  EXPECT_TRUE(broker_.put_pepper.calls.empty()) << "there is none yet";
  broker_.put_pepper.refuse = NotTo(kWest);
  const std::string made = Hex(ObtainPepper(north_.Deal()));
  broker_.put_pepper.refuse = nullptr;
  broker_.put_pepper.calls.clear();
  EXPECT_TRUE(PassPepperOn(north_.Deal()).ok());
  EXPECT_EQ(broker_.put_pepper.calls.size(), 1u);
  EXPECT_EQ(Hex(ObtainPepper(west_.Deal())), made);
  EXPECT_TRUE(PassPepperOn(west_.Deal()).ok());
  EXPECT_EQ(broker_.put_pepper.calls.size(), 1u) << "all have it";
}

TEST_F(PepperExchangeTest, AMessageThatIsNotGoodIsNotBelieved) {
  Hex(ObtainPepper(north_.Deal()));
  using Message = v1::PepperMessage;
  const auto flip = [](std::string* bytes, size_t i) { (*bytes)[i] ^= 1; };
  const struct {
    const char* what;
    std::function<void(Message*)> alter;
  } lies[] = {
      {"signature", [&](Message* m) { flip(m->mutable_signature(), 3); }},
      {"no signature", [](Message* m) { m->clear_signature(); }},
      {"message", [&](Message* m) { flip(m->mutable_message(), 30); }},
      {"ciphertext", [&](Message* m) { flip(m->mutable_ciphertext(), 50); }},
      {"nothing", [](Message* m) { m->Clear(); }}};
  for (const auto& lie : lies) {
    broker_.get_pepper.alter = [&](const auto&, auto* response) {
      ASSERT_EQ(response->messages_size(), 1);
      lie.alter(response->mutable_messages(0));
    };
    const auto got = ObtainPepper(west_.Deal());
    EXPECT_THAT(Told(got.status()), HasSubstr("PEPPER_NOT_DELIVERED"))
        << lie.what;
    EXPECT_THAT(Told(got.status()), HasSubstr("a message is of no use"))
        << lie.what;
  }
  broker_.get_pepper.alter = nullptr;
  EXPECT_TRUE(ObtainPepper(west_.Deal()).ok());
}

TEST_F(PepperExchangeTest, AMessageForSomebodyElseIsOfNoUse) {
  Hex(ObtainPepper(north_.Deal()));
  v1::PepperMessage east;
  broker_.get_pepper.alter = [&](const auto&, auto* response) {
    east = response->messages(0);
  };
  Hex(ObtainPepper(east_.Deal()));
  broker_.get_pepper.alter = [&](const auto&, auto* response) {
    *response->mutable_messages(0) = east;
  };
  EXPECT_THAT(Told(ObtainPepper(west_.Deal()).status()),
              HasSubstr("a message is of no use"));
}

TEST_F(PepperExchangeTest, AMessageOfAnotherPepperIsOfNoUse) {
  Hex(ObtainPepper(north_.Deal()));
  const Dealings dealings = west_.Deal();
  const auto pepper = *crypto::MakePepper();
  const auto digest =
      *crypto::FromHex(dealings.verified.manifest.bundles.at(kWest));
  crypto::PepperAddress address = {kPact, 1, kNorth, kWest, {}};
  std::copy(digest.begin(), digest.end(), address.recipient_bundle.begin());
  const auto sealed =
      *crypto::SealPepper(address, pepper,
                          *crypto::KemPublicKey::Parse(
                              dealings.verified.FindBundle(kWest)->kem_key));
  const auto signature = north_.profile().BatchKey()->Sign("", sealed.message);
  broker_.get_pepper.alter = [&](const auto&, auto* response) {
    auto* message = response->mutable_messages(0);
    message->set_message(std::string(crypto::AsText(sealed.message)));
    message->set_ciphertext(std::string(crypto::AsText(sealed.ciphertext)));
    message->set_signature(std::string(crypto::AsText(signature)));
  };
  EXPECT_THAT(Told(ObtainPepper(dealings).status()),
              HasSubstr("it is not the pepper in the ledger"));
}

TEST_F(PepperExchangeTest, TheEntryOfTheCommitmentIsVerified) {
  Hex(ObtainPepper(north_.Deal()));
  const auto show = [&](std::function<void(policy::LedgerEntry&)> alter) {
    policy::LedgerEntry entry = broker_.Entry(policy::EntryKind::kPepper);
    entry.sender = kNorth;
    entry.subject = std::string(64, 'a');
    entry.detail["generation"] = "1";
    alter(entry);
    const uint64_t index = broker_.Write(kPact, entry);
    broker_.get_pepper.alter = [=](const auto&, auto* response) {
      response->mutable_commitment()->set_index(index);
    };
  };
  const struct {
    const char* found;
    std::function<void(policy::LedgerEntry&)> alter;
  } lies[] = {{"another one's", [](auto& e) { e.detail["generation"] = "2"; }},
              {"another one's", [](auto& e) { e.detail.clear(); }},
              {"wanted an allowed pepper",
               [](auto& e) { e.kind = policy::EntryKind::kBatch; }},
              {"wanted an allowed pepper",
               [](auto& e) {
                 e.outcome = policy::Outcome::kDeny;
                 e.reasons = {{"COMMITMENT_DIFFERS", ""}};
               }},
              {"cannot be read", [](auto& e) { e.subject = ""; }}};
  for (const auto& lie : lies) {
    show(lie.alter);
    const auto got = ObtainPepper(west_.Deal());
    EXPECT_TRUE(absl::IsDataLoss(got.status())) << Told(got.status());
    EXPECT_THAT(Told(got.status()), HasSubstr(lie.found));
  }
  // A commitment of another's making does not fit what north holds.
  show([](auto&) {});
  EXPECT_THAT(Told(ObtainPepper(north_.Deal()).status()),
              HasSubstr("is not the one that this agency holds"));
  EXPECT_TRUE(absl::IsDataLoss(PassPepperOn(north_.Deal())));
}

TEST_F(PepperExchangeTest, TheReceiptOfAMessageIsVerified) {
  const Dealings dealings = north_.Deal();
  broker_.put_pepper.alter = [&](const auto& request, auto* response) {
    *response->mutable_receipt() = broker_.Receipt(
        kPact, broker_.Write(kPact, broker_.Entry(policy::EntryKind::kPepper)),
        request.known());
  };
  EXPECT_TRUE(absl::IsDataLoss(ObtainPepper(dealings).status()));
}

TEST_F(PepperExchangeTest, NothingIsSealedToABundleThatIsOver) {
  FakeBrokerPlan plan;
  plan.bundle = [&](certs::KeyBundle& bundle) {
    if (bundle.agency == kEast) bundle.not_after = plan.now + absl::Hours(1);
  };
  FakeBroker broker(plan);
  broker.now += absl::Hours(2);
  FakeSystem north(&broker, kNorth);
  const auto made = ObtainPepper(north.Deal());
  EXPECT_TRUE(made.ok()) << Told(made.status());
  EXPECT_EQ(broker.put_pepper.calls.size(), 1u);
  EXPECT_THAT(north.said(), HasSubstr("made, and left for west-police"));
  EXPECT_THAT(north.said(),
              HasSubstr("not left for east-police: the key bundle of "
                        "east-police is over"));
}

TEST_F(PepperExchangeTest, ASealedDomainHasNone) {
  FakeBroker broker({.replaced = {{"recipient_domain: matching",
                                   "recipient_domain: sealed"}}});
  FakeSystem west(&broker, kWest);
  EXPECT_THAT(Told(ObtainPepper(west.Deal()).status()),
              HasSubstr("DOMAIN_SEALED exit 3"));
  EXPECT_TRUE(PassPepperOn(west.Deal()).ok());
  // The only one that enrols needs nobody.
  FakeSystem north(&broker, kNorth);
  const std::string made = Hex(ObtainPepper(north.Deal()));
  EXPECT_EQ(Hex(ObtainPepper(north.Deal())), made);
  EXPECT_TRUE(broker.put_pepper.calls.empty());
}

}  // namespace
}  // namespace entente::client
