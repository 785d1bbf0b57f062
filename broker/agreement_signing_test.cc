// Signing, and two who act at once.
#include <functional>
#include <thread>

#include "broker/store/acts_table.h"
#include "broker/test_partnership.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using certs::ActKind;
using testing::HasSubstr;

class AgreementSigningTest : public testing::Test {
 protected:
  std::string Next(const std::string& first, const std::string& from = "") {
    std::vector<std::pair<std::string, std::string>> changes = {
        {"version: 1\n", absl::StrCat("version: 2\nprevious: \"",
                                      policy::Digest(first), "\"\n")}};
    if (!from.empty()) changes.emplace_back("from: \"2026-11-01\"", from);
    return all_.Document(changes);
  }
  // Both bundles, nothing agreed.
  void Prepare() {
    all_.RegisterAll();
    ASSERT_TRUE(all_.Publish(all_.north).ok());
    ASSERT_TRUE(all_.Publish(all_.west).ok());
  }
  // A colleague of north's chief with the same name in another certificate,
  // whose key is `key`.
  Person Holding(const std::string& name, certs::PrivateKey key) {
    Person person = all_.Make("north-police", certs::Role::kSignatory, name);
    person.certificate = *all_.authorities.at("north-police")
                              .Issue({person.caller.identity,
                                      {},
                                      {},
                                      TestDay(1, 1),
                                      TestDay(1, 1, 2028)},
                                     key);
    person.key = std::move(key);
    person.caller.fingerprint = person.certificate.Fingerprint();
    return person;
  }
  // Runs both at once.
  static std::pair<absl::Status, absl::Status> AtOnce(
      const std::function<absl::Status()>& one,
      const std::function<absl::Status()>& other) {
    absl::Status first;
    std::thread thread([&] { first = one(); });
    const absl::Status second = other();
    thread.join();
    return {first, second};
  }
  static void ExpectOneWinner(
      const std::pair<absl::Status, absl::Status>& ended,
      const std::string& lost) {
    EXPECT_NE(ended.first.ok(), ended.second.ok())
        << ended.first << " " << ended.second;
    EXPECT_EQ(ReasonIn(ended.first.ok() ? ended.second : ended.first), lost);
  }
  size_t Signatures(uint32_t version) {
    return static_cast<size_t>(all_.Get(all_.west, version)->envelopes_size());
  }

  TestPartnership all_;
};

TEST_F(AgreementSigningTest, OneKeyFillsOneLine) {
  Prepare();
  const std::string document = all_.Document(
      {{"role: Chief, name: north-chief }\n",
        "role: Chief, name: north-chief }\n"
        "  - { party: north-police, role: Counsel, name: north-counsel }\n"}});
  ASSERT_TRUE(all_.Propose(all_.north, document).ok());
  v1::SignAgreementResponse response;
  ASSERT_TRUE(all_.Sign(all_.north, document, &response).ok());
  const auto pem = all_.north.key.ToPem();
  ASSERT_TRUE(pem.ok()) << pem.status();
  auto same = certs::PrivateKey::FromPem(crypto::AsText(pem->Expose()));
  ASSERT_TRUE(same.ok()) << same.status();
  const Person counsel = Holding("north-counsel", *std::move(same));
  const absl::Status refused = all_.Sign(counsel, document, &response);
  EXPECT_EQ(ReasonIn(refused), "BAD_SIGNATURE");
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("the key has filled another line"));
  EXPECT_EQ(Signatures(1), 1u);
  EXPECT_TRUE(all_.Sign(all_.Make("north-police", certs::Role::kSignatory,
                                  "north-counsel"),
                        document, &response)
                  .ok());
}

TEST_F(AgreementSigningTest, AnExpiredVersionIsNotSigned) {
  Prepare();
  const std::string document =
      all_.Document({{"\"2028-11-01\"", "\"2027-06-01\""},
                     {"\"2027-10-31\"", "\"2027-05-31\""}});
  ASSERT_TRUE(all_.Propose(all_.north, document).ok());
  v1::SignAgreementResponse response;
  ASSERT_TRUE(all_.Sign(all_.north, document, &response).ok());
  all_.clock.Set(TestDay(6, 1, 2027));
  const absl::Status refused = all_.Sign(all_.west, document, &response);
  EXPECT_EQ(ReasonIn(refused), "EXPIRED");
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("version 1 has expired; west-police can do nothing "
                        "more with it"));
  EXPECT_EQ(Signatures(1), 1u);
}

TEST_F(AgreementSigningTest, AVersionThatWasPassedOverIsNotSigned) {
  const std::string first = all_.Activate();
  const std::string second = Next(first);
  ASSERT_TRUE(all_.Propose(all_.north, second).ok());
  const std::string third = all_.Document(
      {{"version: 1\n", absl::StrCat("version: 3\nprevious: \"",
                                     policy::Digest(second), "\"\n")}});
  ASSERT_TRUE(all_.Propose(all_.north, third).ok());
  v1::SignAgreementResponse response;
  ASSERT_TRUE(all_.Sign(all_.north, third, &response, 3).ok());
  ASSERT_TRUE(all_.Sign(all_.west, third, &response, 3).ok());
  ASSERT_EQ(response.state(), "active");
  const absl::Status refused = all_.Sign(all_.north, second, &response, 2);
  EXPECT_EQ(ReasonIn(refused), "VERSION_SUPERSEDED");
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("version in force: 3; north-police may now: suspend"));
}

TEST_F(AgreementSigningTest, OfTwoDocumentsForOneVersionOneIsProposed) {
  Prepare();
  const std::string one = all_.Document();
  const std::string other =
      all_.Document({{"Burglary series", "Another title"}});
  ExpectOneWinner(AtOnce([&] { return all_.Propose(all_.north, one); },
                         [&] { return all_.Propose(all_.west, other); }),
                  "VERSION_EXISTS");
}

TEST_F(AgreementSigningTest, OfTwoKeysForOneLineOneSigns) {
  Prepare();
  const std::string document = all_.Document();
  ASSERT_TRUE(all_.Propose(all_.north, document).ok());
  const Person renewed =
      all_.Make("north-police", certs::Role::kSignatory, "north-chief");
  v1::SignAgreementResponse one;
  v1::SignAgreementResponse other;
  ExpectOneWinner(AtOnce([&] { return all_.Sign(all_.north, document, &one); },
                         [&] { return all_.Sign(renewed, document, &other); }),
                  "SIGNED_DIFFERENTLY");
  EXPECT_EQ(Signatures(1), 1u);
}

TEST_F(AgreementSigningTest, WhoHasJustLeftDoesNotSign) {
  const std::string first = all_.Activate();
  const std::string second = Next(first);
  ASSERT_TRUE(all_.Propose(all_.north, second).ok());
  // As it is between the commit of a withdrawal and the register's following.
  ActRow act;
  act.agreement = "isa-small";
  act.digest.assign(32, 1);
  act.kind = ActKind::kWithdraw;
  act.agency = "north-police";
  act.through = 2;
  act.stands = true;
  ASSERT_TRUE(all_.recorder
                  ->Run([&](Transaction& transaction)
                            -> absl::StatusOr<std::vector<PendingEntry>> {
                    ActsTable table(transaction);
                    absl::Status kept = table.Insert(act);
                    if (kept.ok()) {
                      kept = table.SetEntry(act.agreement, act.digest, 0);
                    }
                    if (!kept.ok()) return kept;
                    return std::vector<PendingEntry>();
                  })
                  .ok());
  ASSERT_TRUE(all_.agreements.Get()->Find("isa-small")->withdrawn.empty());
  v1::SignAgreementResponse response;
  const absl::Status refused = all_.Sign(all_.north, second, &response, 2);
  EXPECT_EQ(ReasonIn(refused), "WITHDRAWN");
  EXPECT_EQ(Signatures(2), 0u);
}

TEST_F(AgreementSigningTest, OfSigningAndLeavingTheLaterMeetsTheEarlier) {
  const std::string first = all_.Activate();
  const std::string second = Next(first, "from: \"2026-12-01\"");
  ASSERT_TRUE(all_.Propose(all_.north, second).ok());
  v1::SignAgreementResponse response;
  const std::string leaving = all_.ActEnvelope(
      all_.Act(ActKind::kWithdraw, all_.north, first), all_.north);
  v1::Receipt left;
  const auto [signed_one, withdrawn] = AtOnce(
      [&] { return all_.Sign(all_.north, second, &response, 2); },
      [&] {
        return all_.SendAct(ActKind::kWithdraw, all_.north, leaving, &left)
            .status();
      });
  ASSERT_TRUE(withdrawn.ok()) << withdrawn;
  if (signed_one.ok()) {
    EXPECT_LT(response.receipt().index(), left.index());
  } else {
    EXPECT_EQ(ReasonIn(signed_one), "TERMINATED");
    EXPECT_EQ(Signatures(2), 0u);
  }
  all_.clock.Set(TestDay(12, 2));
  ASSERT_TRUE(all_.service->ActivateDue().ok());
  EXPECT_EQ(all_.Get(all_.west, 2)->state(), "ended");
}

}  // namespace
}  // namespace entente::broker
