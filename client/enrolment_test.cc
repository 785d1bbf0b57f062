#include "client/enrolment.h"

#include <gmock/gmock.h>

#include "client/enrolment_state.h"
#include "client/fake_system.h"
#include "crypto/identifier_element.h"
#include "crypto/pepper.h"
#include "crypto/voprf.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kScheme[] = "opaque/1:custody";

std::vector<Enrollee> People(size_t from, size_t to) {
  std::vector<Enrollee> people;
  for (size_t i = from; i < to; ++i) {
    people.push_back({absl::StrCat("P", i), absl::StrCat("row-", i)});
  }
  return people;
}

class EnrolmentTest : public testing::Test {
 protected:
  absl::StatusOr<EnrolmentCounts> Run(const std::vector<Enrollee>& people) {
    return Enrol(north_.Deal(), pepper_, kScheme, people);
  }
  absl::Status Resume() { return ResumeEnrolments(north_.Deal(), pepper_); }
  PseudonymTable& table() { return north_.store().pseudonyms(); }
  std::optional<crypto::Point> Found(const std::string& identifier) {
    const auto found = table().Find(kScope, identifier);
    EXPECT_TRUE(found.ok());
    if (!found->has_value()) return std::nullopt;
    return **found;
  }
  size_t PendingCount() { return table().Pending(kPact)->size(); }
  static size_t Asked(const v1::EnrolRequest& request) {
    return request.blinded().size() / crypto::kPointBytes;
  }

  const PseudonymScope kScope = {kPact, kScheme, 1};
  FakeBroker broker_;
  FakeSystem north_{&broker_, kNorth};
  const crypto::Secret pepper_ = *crypto::MakePepper();
};

TEST_F(EnrolmentTest, APseudonymIsTheDomainKeyTimesTheElement) {
  const auto counts = Run({{"A", "1"}, {"B", "2"}, {"A", "3"}});
  ASSERT_TRUE(counts.ok()) << Told(counts.status());
  EXPECT_EQ(counts->identifiers, 2u);
  EXPECT_EQ(counts->fresh, 2u);
  const auto element = *crypto::IdentifierElement(pepper_, kPact, kScheme, "A");
  EXPECT_EQ(*Found("A"), *crypto::Mul(broker_.DomainKey(kNorth), element));
  EXPECT_THAT(*table().ReferencesOf(kScope, *Found("A")),
              ElementsAre("1", "3"));
  EXPECT_EQ(PendingCount(), 0u);
}

TEST_F(EnrolmentTest, TheBrokerSeesNeitherIdentifiersNorElements) {
  ASSERT_TRUE(Run({{"CAROL", "1"}}).ok());
  const auto& request = broker_.enrol.calls.at(0);
  EXPECT_EQ(request.SerializeAsString().find("CAROL"), std::string::npos);
  const auto element =
      *crypto::IdentifierElement(pepper_, kPact, kScheme, "CAROL");
  EXPECT_NE(request.blinded(), crypto::AsText(element.bytes()));
}

TEST_F(EnrolmentTest, ARepeatAsksOnlyForTheNewOnes) {
  ASSERT_TRUE(Run(People(0, 3)).ok());
  const auto again = Run(People(0, 3));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->fresh, 0u);
  EXPECT_THAT(broker_.enrol.calls, SizeIs(1));
  const auto more = Run(People(2, 5));
  ASSERT_TRUE(more.ok());
  EXPECT_EQ(more->identifiers, 3u);
  EXPECT_EQ(more->fresh, 2u);
  ASSERT_THAT(broker_.enrol.calls, SizeIs(2));
  EXPECT_EQ(Asked(broker_.enrol.calls[1]), 2u);
  // A known person's new reference needs no call.
  ASSERT_TRUE(Run({{"P0", "other"}}).ok());
  EXPECT_THAT(broker_.enrol.calls, SizeIs(2));
  EXPECT_THAT(*table().ReferencesOf(kScope, *Found("P0")),
              ElementsAre("other", "row-0"));
  EXPECT_TRUE(Run({}).ok());
  EXPECT_THAT(broker_.enrol.calls, SizeIs(2));
}

TEST_F(EnrolmentTest, AnAnswerThatDoesNotVerifyIsNotUsed) {
  const struct {
    const char* what;
    std::function<void(v1::EnrolResponse*)> alter;
  } lies[] = {
      {"does not verify", [](auto* r) { (*r->mutable_proof())[0] ^= 1; }},
      {"does not verify", [](auto* r) { r->clear_proof(); }},
      {"does not verify",
       [](auto* r) {
         const std::string two = r->evaluated();
         r->set_evaluated(two.substr(32) + two.substr(0, 32));
       }},
      {"does not verify", [](auto* r) { r->mutable_evaluated()->resize(32); }},
      {"does not verify",
       [](auto* r) { r->set_evaluated(std::string(64, 0)); }},
      // Another key than the manifest's, with an honest proof of its own.
      {"does not verify",
       [&](auto* r) {
         const auto key = *crypto::SecretScalar::Random();
         const auto blinded = *crypto::ParsePoints(
             crypto::AsBytes(broker_.enrol.calls.back().blinded()));
         const auto evaluated = *crypto::BlindEvaluate(key, blinded);
         const auto proof = *crypto::ProveEvaluation(key, *crypto::MulBase(key),
                                                     blinded, evaluated);
         r->set_evaluated(
             std::string(crypto::AsText(crypto::PackPoints(evaluated))));
         r->set_proof(proof.data(), proof.size());
       }},
      {"no receipt", [](auto* r) { r->clear_receipt(); }},
      {"does not prove its entry",
       [](auto* r) { (*r->mutable_receipt()->mutable_entry())[30] ^= 1; }}};
  for (const auto& lie : lies) {
    broker_.enrol.alter = [&](const auto&, auto* r) { lie.alter(r); };
    const auto run = Run(People(0, 2));
    EXPECT_TRUE(absl::IsDataLoss(run.status())) << Told(run.status());
    EXPECT_THAT(Told(run.status()), HasSubstr(lie.what));
    EXPECT_FALSE(Found("P0").has_value());
  }
}

TEST_F(EnrolmentTest, TheEntryMustSayWhatWasEnrolled) {
  const std::function<void(policy::LedgerEntry&)> lies[] = {
      [](auto& e) { e.records = 1; },
      [](auto& e) { e.detail["scheme"] = "nhs/1"; },
      [](auto& e) { e.detail.clear(); },
      [](auto& e) { e.agreement = "isa-big"; }};
  for (const auto& lie : lies) {
    broker_.enrol.alter = [&](const auto& request, auto* response) {
      policy::LedgerEntry entry =
          *policy::ParseEntry(response->receipt().entry());
      lie(entry);
      *response->mutable_receipt() =
          broker_.Receipt(kPact, broker_.Write(kPact, entry), request.known());
    };
    const auto run = Run(People(0, 2));
    EXPECT_THAT(Told(run.status()),
                HasSubstr("the ledger does not say what was enrolled"));
    EXPECT_FALSE(Found("P0").has_value());
  }
}

TEST_F(EnrolmentTest, ALostAnswerIsFetchedAgainUnderItsId) {
  broker_.enrol.lose = [](const auto&) { return true; };
  EXPECT_THAT(Told(Run(People(0, 2)).status()), HasSubstr("UNAVAILABLE"));
  EXPECT_EQ(PendingCount(), 1u);
  EXPECT_FALSE(Found("P0").has_value());
  broker_.enrol.lose = nullptr;
  EXPECT_TRUE(Resume().ok());
  ASSERT_THAT(broker_.enrol.calls, SizeIs(2));
  EXPECT_EQ(broker_.enrol.calls[0].request_id(),
            broker_.enrol.calls[1].request_id());
  EXPECT_EQ(broker_.enrol.calls[0].blinded(), broker_.enrol.calls[1].blinded());
  EXPECT_TRUE(Found("P0").has_value());
  EXPECT_TRUE(Found("P1").has_value());
  EXPECT_EQ(PendingCount(), 0u);
  EXPECT_TRUE(Resume().ok()) << "nothing is left to do";
  EXPECT_THAT(broker_.enrol.calls, SizeIs(2));
}

TEST_F(EnrolmentTest, TheRequestIsDurableBeforeItIsSent) {
  size_t there = 0;
  broker_.enrol.refuse = [&](const auto&) {
    const auto other = LocalStore::Open(north_.profile());
    there = (*other)->pseudonyms().Pending(kPact)->size();
    return grpc::Status::OK;
  };
  ASSERT_TRUE(Run(People(0, 1)).ok());
  EXPECT_EQ(there, 1u);
}

TEST_F(EnrolmentTest, ARefusalHalfWayKeepsWhatWasGot) {
  const size_t all = crypto::kMaxVoprfBatch + 3;
  broker_.enrol.refuse = [](const v1::EnrolRequest& request) {
    return Asked(request) == crypto::kMaxVoprfBatch
               ? grpc::Status::OK
               : Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED",
                         "tomorrow again");
  };
  const auto run = Run(People(0, all));
  EXPECT_THAT(Told(run.status()), HasSubstr("QUOTA_EXCEEDED exit 3"));
  EXPECT_EQ(*table().Count(kScope), crypto::kMaxVoprfBatch);
  EXPECT_EQ(PendingCount(), 0u) << "the refused one is forgotten";
  broker_.enrol.refuse = nullptr;
  broker_.enrol.calls.clear();
  const auto rest = Run(People(0, all));
  ASSERT_TRUE(rest.ok()) << Told(rest.status());
  EXPECT_EQ(rest->fresh, 3u);
  ASSERT_THAT(broker_.enrol.calls, SizeIs(1));
  EXPECT_EQ(Asked(broker_.enrol.calls[0]), 3u);
}

TEST_F(EnrolmentTest, WhatCannotBeFinishedIsForgotten) {
  broker_.enrol.lose = [](const auto&) { return true; };
  ASSERT_FALSE(Run(People(0, 1)).ok());
  broker_.enrol.lose = nullptr;
  // The broker refuses it for good.
  broker_.enrol.refuse = [](const auto&) {
    return Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED");
  };
  EXPECT_TRUE(Resume().ok());
  EXPECT_EQ(PendingCount(), 0u);
  broker_.enrol.refuse = nullptr;
  // It belongs to another epoch.
  PendingRequest old;
  old.request_id = {9};
  old.scheme = kScheme;
  old.epoch = 7;
  old.blinds = {*crypto::SecretScalar::Random()};
  old.identifiers = {"P0"};
  old.references = {{"row"}};
  ASSERT_TRUE(PutPendingRequest(kPact, old, &table()).ok());
  broker_.enrol.calls.clear();
  EXPECT_TRUE(Resume().ok());
  EXPECT_EQ(PendingCount(), 0u);
  EXPECT_THAT(broker_.enrol.calls, IsEmpty());
}

TEST_F(EnrolmentTest, AnOutageKeepsTheRequest) {
  broker_.enrol.refuse = [](const auto&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
  };
  EXPECT_FALSE(Run(People(0, 1)).ok());
  EXPECT_FALSE(Resume().ok());
  EXPECT_EQ(PendingCount(), 1u);
}

TEST(SealedEnrolmentTest, NobodyIsEnrolledInASealedDomain) {
  FakeBroker broker({.replaced = {{"recipient_domain: matching",
                                   "recipient_domain: sealed"}}});
  FakeSystem west(&broker, kWest);
  const auto run =
      Enrol(west.Deal(), *crypto::MakePepper(), kScheme, {{"A", "1"}});
  EXPECT_THAT(Told(run.status()), HasSubstr("DOMAIN_SEALED exit 3"));
  EXPECT_THAT(broker.enrol.calls, IsEmpty());
}

}  // namespace
}  // namespace entente::client
