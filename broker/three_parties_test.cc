// What becomes of an agreement when its parties are not always the same.
#include "broker/agreement_state.h"
#include "broker/test_partnership.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using certs::ActKind;
using testing::ElementsAre;
using testing::HasSubstr;

class ThreePartiesTest : public testing::Test {
 protected:
  using Changes = std::vector<std::pair<std::string, std::string>>;

  ThreePartiesTest() {
    all_.RegisterAll();
    EXPECT_TRUE(all_.Register("east-police").ok());
    for (const Person* signer : {&all_.north, &all_.west, &east_}) {
      EXPECT_TRUE(all_.Publish(*signer).ok());
    }
  }

  // North and west, and with `more` east, which gets what west gets.
  static Changes East(const std::string& root) {
    return {{"overseers:\n",
             absl::StrCat("  east-police:\n    name: East Police\n"
                          "    capacity: controller\n"
                          "    regime: law_enforcement\n"
                          "    contact: sharing@east.example\n    root: \"",
                          root, "\"\noverseers:\n")},
            {"to: [west-police]", "to: [west-police, east-police]"},
            {"[north-police, west-police]",
             "[north-police, west-police, east-police]"},
            {"role: Chief, name: west-chief }\n",
             "role: Chief, name: west-chief }\n"
             "  - { party: east-police, role: Chief, name: east-chief }\n"}};
  }
  std::string First(bool with_east) {
    return all_.Document(with_east ? East(all_.Root("east-police"))
                                   : Changes());
  }
  std::string Second(const std::string& first, bool with_east,
                     const std::string& valid) {
    Changes changes = with_east ? East(all_.Root("east-police")) : Changes();
    changes.emplace_back("version: 1\n",
                         absl::StrCat("version: 2\nprevious: \"",
                                      policy::Digest(first), "\"\n"));
    changes.emplace_back("  from: \"2026-11-01\"\n", valid);
    return all_.Document(changes);
  }
  // Proposed and signed by all; the state after the last signature.
  std::string Agree(const std::string& document, uint32_t version,
                    bool with_east) {
    const absl::Status proposed = all_.Propose(all_.north, document);
    EXPECT_TRUE(proposed.ok()) << proposed;
    std::vector<const Person*> signers = {&all_.north, &all_.west};
    if (with_east) signers.push_back(&east_);
    v1::SignAgreementResponse response;
    for (const Person* signer : signers) {
      const absl::Status done =
          all_.Sign(*signer, document, &response, version);
      EXPECT_TRUE(done.ok()) << done;
    }
    return response.state();
  }
  std::string InForceFor(const std::string& agency, int64_t version = 0) {
    const auto found = InForce(*all_.agreements.Get(), "isa-small", version,
                               agency, all_.clock.Now());
    return found.ok() ? absl::StrCat((*found)->document().version)
                      : ReasonIn(found.status());
  }
  v1::GetStatusResponse Status(const Person& of) {
    v1::GetStatusResponse status;
    EXPECT_TRUE(all_.directory->GetStatus(of.caller, {}, &status).ok());
    return status;
  }

  TestPartnership all_;
  const Person east_ =
      all_.Make("east-police", certs::Role::kSignatory, "east-chief");
  static constexpr char kAtOnce[] = "  from: \"2026-11-24\"\n";
  static constexpr char kHandover[] =
      "  from: \"2026-11-24\"\n  handover_days: 7\n";
  static constexpr char kNextMonth[] = "  from: \"2026-12-01\"\n";
};

TEST_F(ThreePartiesTest, WhoLeavesHoldsTheOthersUpNoLonger) {
  const std::string first = First(true);
  ASSERT_EQ(Agree(first, 1, true), "active");
  ASSERT_TRUE(all_.Do(all_.Act(ActKind::kSuspend, east_, first), east_).ok());
  ASSERT_TRUE(
      all_.Do(all_.Act(ActKind::kSuspendSending, east_, first), east_).ok());
  EXPECT_EQ(InForceFor("north-police"), "SUSPENDED");
  v1::Receipt receipt;
  EXPECT_EQ(
      *all_.Do(all_.Act(ActKind::kWithdraw, east_, first), east_, &receipt),
      "active");
  const auto entry = policy::ParseEntry(receipt.entry());
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->detail.at("lifted"), "suspend, suspend_sending");
  EXPECT_EQ(InForceFor("north-police"), "1");
  EXPECT_EQ(InForceFor("west-police"), "1");
  EXPECT_EQ(InForceFor("east-police"), "WITHDRAWN");
  const auto got = all_.Get(all_.north);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->state(), "active");
  EXPECT_EQ(got->acts_size(), 1) << "the withdrawal";
}

TEST_F(ThreePartiesTest, WhoIsLeftOutHoldsTheOthersUpNoLonger) {
  const std::string first = First(true);
  ASSERT_EQ(Agree(first, 1, true), "active");
  const certs::AgreementAct suspended =
      all_.Act(ActKind::kSuspend, east_, first);
  ASSERT_TRUE(all_.Do(suspended, east_).ok());
  ASSERT_EQ(Agree(Second(first, false, kAtOnce), 2, false), "active");
  EXPECT_EQ(InForceFor("north-police"), "2");
  EXPECT_EQ(Status(all_.north).agreements(0).suspended_by_size(), 0);
  EXPECT_EQ(InForceFor("east-police"), "VERSION_SUPERSEDED");
  // It can still take back what it did.
  certs::AgreementAct resume = all_.Act(ActKind::kResume, east_, first);
  resume.lifts = TestPartnership::ActDigest(suspended);
  const auto resumed = all_.Do(resume, east_);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_EQ(*resumed, "superseded");
  EXPECT_TRUE(all_.agreements.Get()->Find("isa-small")->suspended_by.empty());
}

TEST_F(ThreePartiesTest, InAHandoverASuspensionHoldsTheVersionsOfItsAgency) {
  const std::string first = First(true);
  ASSERT_EQ(Agree(first, 1, true), "active");
  ASSERT_EQ(Agree(Second(first, false, kHandover), 2, false), "active");
  EXPECT_EQ(InForceFor("east-police"), "1");
  EXPECT_EQ(*all_.Do(all_.Act(ActKind::kSuspend, east_, first), east_),
            "suspended");
  EXPECT_EQ(InForceFor("north-police", 1), "SUSPENDED");
  EXPECT_EQ(InForceFor("north-police", 2), "2");
  EXPECT_EQ(InForceFor("north-police"), "2");
  EXPECT_EQ(InForceFor("east-police"), "SUSPENDED");
}

TEST_F(ThreePartiesTest, InAHandoverWhoIsLeftOutStopsAndLeavesAlone) {
  const std::string first = First(true);
  ASSERT_EQ(Agree(first, 1, true), "active");
  ASSERT_EQ(Agree(Second(first, false, kHandover), 2, false), "active");
  EXPECT_EQ(*all_.Do(all_.Act(ActKind::kSuspendSending, east_, first), east_),
            "active");
  EXPECT_EQ(*all_.Do(all_.Act(ActKind::kWithdraw, east_, first), east_),
            "active");
  EXPECT_EQ(InForceFor("east-police"), "WITHDRAWN");
  EXPECT_EQ(InForceFor("north-police", 1), "1");
  EXPECT_EQ(InForceFor("north-police", 2), "2");
  all_.clock.Set(TestDay(12, 1));
  EXPECT_EQ(InForceFor("north-police", 1), "VERSION_SUPERSEDED");
  certs::AgreementAct late = all_.Act(ActKind::kSuspend, east_, first);
  const absl::Status refused = all_.Do(late, east_).status();
  EXPECT_EQ(ReasonIn(refused), "NOT_LEGAL_NOW");
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("superseded; east-police can do nothing more"));
}

TEST_F(ThreePartiesTest, WhoIsAddedTakesItsSignatureBack) {
  const std::string first = First(false);
  ASSERT_EQ(Agree(first, 1, false), "active");
  const std::string second = Second(first, true, kNextMonth);
  ASSERT_EQ(Agree(second, 2, true), "signed");
  const auto own = all_.Get(east_);
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(own->document(), second) << "what names it";
  EXPECT_EQ(InForceFor("east-police"), "NOT_YET_VALID");
  EXPECT_EQ(*all_.Do(all_.Act(ActKind::kWithdraw, east_, second, 2), east_),
            "proposed");
  const auto open = all_.Get(all_.north, 2);
  EXPECT_EQ(open->state(), "proposed");
  EXPECT_THAT(open->missing(), ElementsAre("east-police: east-chief"));
  v1::SignAgreementResponse response;
  EXPECT_EQ(ReasonIn(all_.Sign(east_, second, &response, 2)), "WITHDRAWN");
  all_.clock.Set(TestDay(12, 2));
  ASSERT_TRUE(all_.service->ActivateDue().ok());
  EXPECT_EQ(all_.Get(all_.north, 2)->state(), "proposed");
  EXPECT_EQ(InForceFor("north-police"), "1") << "the first goes on";
}

TEST_F(ThreePartiesTest, WhoIsLeftOutDoesNotReadWhatFollows) {
  const std::string first = First(true);
  ASSERT_EQ(Agree(first, 1, true), "active");
  ASSERT_EQ(Agree(Second(first, false, kHandover), 2, false), "active");
  EXPECT_EQ(all_.Get(east_)->document(), first);
  EXPECT_EQ(all_.Get(east_)->state(), "active");
  EXPECT_EQ(ReasonIn(all_.Get(east_, 2).status()), "NO_AGREEMENT");
  EXPECT_EQ(ReasonIn(all_.Get(east_, 3).status()), "NO_AGREEMENT");
  EXPECT_TRUE(all_.Get(all_.panel, 1).ok());
  EXPECT_TRUE(all_.Get(all_.panel, 2).ok());
  EXPECT_EQ(Status(east_).agreements(0).version(), 1u);
  EXPECT_EQ(Status(all_.north).agreements(0).version(), 2u);
  // Its keys are those of its own version, and the others' are not its affair.
  const auto keys = [&](const Person& of) {
    return all_.Manifest(of)->manifest();
  };
  EXPECT_THAT(keys(east_), HasSubstr("\"version\":1"));
  EXPECT_THAT(keys(all_.north), HasSubstr("\"version\":2"));
  const crypto::Hash digest =
      certs::KeyManifestDigest(crypto::AsBytes(keys(all_.north)));
  EXPECT_EQ(
      ReasonIn(
          all_.Manifest(east_, std::string(crypto::AsText(digest))).status()),
      "MANIFEST_UNKNOWN");
  all_.clock.Set(TestDay(12, 2));
  EXPECT_EQ(all_.Get(east_)->state(), "superseded");
}

TEST_F(ThreePartiesTest, WhoIsAddedReadsWhatItChanges) {
  const std::string first = First(false);
  ASSERT_EQ(Agree(first, 1, false), "active");
  EXPECT_EQ(ReasonIn(all_.Get(east_, 1).status()), "NO_AGREEMENT");
  ASSERT_TRUE(all_.Propose(all_.north, Second(first, true, kNextMonth)).ok());
  EXPECT_EQ(all_.Get(east_, 1)->document(), first);
}

}  // namespace
}  // namespace entente::broker
