#include "client/quorum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "client/fake_ledger.h"
#include "client/mirror.h"
#include "client/test_cosigner.h"
#include "client/test_folder.h"
#include "client/test_ran.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class QuorumTest : public testing::Test {
 protected:
  QuorumTest() {
    MirrorAt(4);
    MirrorAt(9);
  }

  void MirrorAt(size_t size) {
    ledger_.Grow(size);
    ASSERT_TRUE(MirrorLedger(ledger_, folder_.path(), ledger_.key()).ok());
  }
  // Puts the lines of `by` on the file `name`.
  void Cosign(const std::string& name, std::vector<const TestCosigner*> by,
              absl::Time time = kTime) {
    std::string note = folder_.Read(name);
    for (const TestCosigner* witness : by) note += witness->Line(note, time);
    folder_.Write(name, note);
  }
  std::string PolicyText(absl::string_view quorum) const {
    return absl::StrCat("log ", ledger_.key().ToString(), "\n", "witness one ",
                        one_.vkey(), "\nwitness two ", two_.vkey(),
                        "\nwitness three ", three_.vkey(),
                        "\ngroup most 2 one two three\nquorum ", quorum, "\n");
  }
  absl::StatusOr<QuorumReport> Check(absl::string_view quorum = "most") {
    const auto report = VerifyMirror(folder_.path(), ledger_.key());
    if (!report.ok()) return report.status();
    return CheckQuorum(folder_.path(), *report,
                       *crypto::TlogPolicy::Parse(PolicyText(quorum)));
  }
  static inline const absl::Time kTime = absl::FromUnixSeconds(1'790'000'000);

  FakeLedger ledger_{"broker.test/ledgers/pact"};
  TestFolder folder_;
  TestCosigner one_{"w.example/1"}, two_{"w.example/2"}, three_{"w.example/3"};
};

TEST_F(QuorumTest, WithoutCosignaturesThereIsNone) {
  const auto quorum = Check();
  ASSERT_TRUE(quorum.ok()) << quorum.status();
  EXPECT_THAT(quorum->cosigned, IsEmpty());
  EXPECT_THAT(quorum->missing, ElementsAre("one", "two", "three"));
  EXPECT_EQ(quorum->size, std::nullopt);
}

TEST_F(QuorumTest, CountsWhoCosignedTheNewest) {
  Cosign("checkpoint", {&one_, &three_});
  const auto quorum = Check();
  ASSERT_TRUE(quorum.ok()) << quorum.status();
  ASSERT_THAT(quorum->cosigned, SizeIs(2));
  EXPECT_EQ(quorum->cosigned[0].witness, "one");
  EXPECT_EQ(quorum->cosigned[0].size, 9u);
  EXPECT_EQ(quorum->cosigned[0].time, kTime);
  EXPECT_THAT(quorum->missing, ElementsAre("two"));
  EXPECT_EQ(quorum->size, 9u);
}

TEST_F(QuorumTest, ALargerCheckpointVouchesForWhatItContinues) {
  Cosign("checkpoints/4", {&one_});
  Cosign("checkpoint", {&two_});
  EXPECT_EQ(Check()->size, 4u);
  // Of one alone, the larger counts.
  Cosign("checkpoint", {&one_});
  EXPECT_EQ(Check()->size, 9u);
}

TEST_F(QuorumTest, OneIsNoQuorumOfTwo) {
  Cosign("checkpoint", {&one_});
  Cosign("checkpoints/4", {&one_});
  EXPECT_EQ(Check()->size, std::nullopt);
  EXPECT_EQ(Check("one")->size, 9u);
  EXPECT_EQ(Check("three")->size, std::nullopt);
}

TEST_F(QuorumTest, StrangersCountForNothing) {
  const TestCosigner stranger("w.example/1");
  Cosign("checkpoint", {&stranger, &two_});
  EXPECT_EQ(Check()->size, std::nullopt);
}

TEST_F(QuorumTest, AnInvalidCosignatureIsTampering) {
  // The cosignature of another checkpoint.
  const std::string line = one_.Line(folder_.Read("checkpoints/4"), kTime);
  folder_.Write("checkpoint", folder_.Read("checkpoint") + line);
  const absl::Status status = Check().status();
  EXPECT_EQ(FromStatus(status).exit, ExitCode::kVerificationFailed);
  EXPECT_THAT(FromStatus(status).what,
              HasSubstr("checkpoint: the cosignature of one"));
}

TEST_F(QuorumTest, AnOldCheckpointIsLookedAtToo) {
  const std::string line = one_.Line(folder_.Read("checkpoint"), kTime);
  folder_.Write("checkpoints/4", folder_.Read("checkpoints/4") + line);
  EXPECT_THAT(FromStatus(Check().status()).what, HasSubstr("checkpoints/4: "));
}

TEST_F(QuorumTest, AnAgreementIsAPolicyToo) {
  policy::Agreement document;
  EXPECT_TRUE(
      absl::IsInvalidArgument(PolicyOf(document, ledger_.key()).status()));
  document.witnesses = policy::Witnesses{
      {{"one", {one_.vkey(), ""}}, {"two", {two_.vkey(), ""}}}, 2, 60};
  const auto policy = PolicyOf(document, ledger_.key());
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_FALSE(policy->IsQuorum({"one"}));
  EXPECT_TRUE(policy->IsQuorum({"one", "two"}));
  Cosign("checkpoint", {&one_, &two_});
  const auto report = VerifyMirror(folder_.path(), ledger_.key());
  EXPECT_EQ(CheckQuorum(folder_.path(), *report, *policy)->size, 9u);
}

TEST_F(QuorumTest, ThePolicyMustKnowTheLog) {
  const auto report = VerifyMirror(folder_.path(), ledger_.key());
  const auto check = [&](const crypto::NoteKey& log) {
    const auto policy = crypto::TlogPolicy::Parse(
        absl::StrCat("log ", log.ToString(), "\nquorum none\n"));
    return CheckQuorum(folder_.path(), *report, *policy).status();
  };
  EXPECT_TRUE(
      absl::IsNotFound(check(FakeLedger("broker.test/ledgers/other").key())));
  EXPECT_EQ(
      FromStatus(check(FakeLedger("broker.test/ledgers/pact").key())).exit,
      ExitCode::kVerificationFailed);
}

// `entente audit verify DIR --policy FILE`, which asks nobody.
class VerifyByPolicyTest : public QuorumTest {
 protected:
  Ran Verify(const std::string& policy) {
    outside_.Write("policy", policy);
    return RunCommands({"audit", "verify", folder_.path(), "--policy",
                        outside_ / "policy", "-o", "json"},
                       {"", outside_ / "nothing", false});
  }

  TestFolder outside_;
};

TEST_F(VerifyByPolicyTest, SaysWhoCosignedAndWhatNobodyDid) {
  Cosign("checkpoint", {&one_});
  Cosign("checkpoints/4", {&two_});
  const Ran ran = Verify(PolicyText("most"));
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const crypto::Json witnesses = ran.Out()["witnesses"];
  EXPECT_EQ(witnesses["quorum_size"], 4);
  EXPECT_EQ(witnesses["cosigned"][0]["witness"], "one");
  EXPECT_EQ(witnesses["cosigned"][0]["size"], 9);
  EXPECT_EQ(witnesses["missing"], crypto::Json({"three"}));
  EXPECT_THAT(ran.Out()["not_checked"].dump(),
              HasSubstr("that witnesses saw entries 4 to 8"));
}

TEST_F(VerifyByPolicyTest, WithoutAQuorumNothingIsVerified) {
  Cosign("checkpoint", {&one_});
  const Ran ran = Verify(PolicyText("most"));
  EXPECT_EQ(ran.exit, 6);
  EXPECT_EQ(ran.Code(), "NO_QUORUM");
  EXPECT_EQ(ran.Out()["verified"], false);
  EXPECT_THAT(ran.Error()["why"].get<std::string>(), HasSubstr("two, three"));
}

TEST_F(VerifyByPolicyTest, AnInvalidCosignatureIsSix) {
  const std::string line = one_.Line(folder_.Read("checkpoints/4"), kTime);
  folder_.Write("checkpoint", folder_.Read("checkpoint") + line);
  EXPECT_EQ(Verify(PolicyText("most")).exit, 6);
}

TEST_F(VerifyByPolicyTest, SaysWhatIsWrongWithThePolicy) {
  const Ran typo = Verify("log x\n");
  EXPECT_EQ(typo.exit, 2);
  EXPECT_THAT(typo.Error()["what"].get<std::string>(), HasSubstr("policy:1: "));
  const Ran other = Verify(absl::StrCat(
      "log ", FakeLedger("broker.test/ledgers/other").key().ToString(),
      "\nquorum none\n"));
  EXPECT_EQ(other.exit, 1);
  EXPECT_EQ(other.Code(), "LOG_NOT_IN_POLICY");
}

TEST_F(VerifyByPolicyTest, WithoutOneItSaysThatWitnessesWereNotChecked) {
  const Ran ran = RunCommands({"audit", "verify", folder_.path(), "-o", "json"},
                              {"", outside_ / "nothing", false});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.Out()["not_checked"].dump(), HasSubstr("--policy"));
  EXPECT_FALSE(ran.Out().contains("witnesses"));
}

}  // namespace
}  // namespace entente::client
