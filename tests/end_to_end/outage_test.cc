// The broker goes away and comes back, politely or not.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/end_to_end/shared_world.h"
#include "tests/end_to_end/wire.h"

namespace entente::end_to_end {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Outage : public EndToEnd {
 protected:
  // Back on the same port, where the profiles look for it.
  void ComeBack() {
    const absl::Status started = world().StartBroker(world().address);
    ASSERT_TRUE(started.ok()) << started;
  }

  Ended SendPeople(size_t count) {
    return Send(kPersons, kPurpose, Write("rows.csv", People(count)),
                {"--case", "C1"});
  }

  Ended Receive(const std::string& folder) {
    return Run(RightSystem(), {"receive", "--agreement", kAgreement, "--out",
                               absl::StrCat(Folder(), "/", folder)});
  }

  // Mirrors and verifies both ledgers from scratch; the agreement's size.
  uint64_t ExpectLedgersVerify(const std::string& folder) {
    uint64_t size = 0;
    for (const std::string& ledger : {std::string(), std::string(kAgreement)}) {
      const std::string mirror = absl::StrCat(
          Folder(), "/", folder, "-", ledger.empty() ? "broker" : ledger);
      std::vector<std::string> words = {"audit", "mirror", mirror};
      if (!ledger.empty()) {
        words.push_back("--agreement");
        words.push_back(ledger);
      }
      const Ended mirrored = Run(Profile(kLeft, "auditor"), words);
      EXPECT_EQ(mirrored.exit_code, 0) << mirrored.err;
      const Ended verified =
          Run(Profile(kLeft, "auditor"), {"audit", "verify", mirror});
      EXPECT_EQ(verified.exit_code, 0) << verified.err;
      if (verified.out.is_object()) {
        EXPECT_EQ(verified.out.at("verified"), true) << verified.out;
        size = verified.out.at("size");
      }
    }
    return size;
  }
};

TEST_F(Outage, ABrokerThatIsAwayIsToldAndTheSameCommandGoesLater) {
  ASSERT_EQ(world().broker->Stop(), 0);
  for (const Ended& ended :
       {Run(LeftSystem(), {"status"}), SendPeople(2), Receive("in")}) {
    ExpectFailure(ended, {.exit_code = 7,
                          .code = "UNAVAILABLE",
                          .what = "the broker cannot be reached",
                          .why = "refused",
                          .next = "try again"});
  }
  ComeBack();
  const Ended sent = SendPeople(2);
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  EXPECT_EQ(sent.out.at("sent"), 2);
  const Ended received = Receive("in");
  ASSERT_EQ(received.exit_code, 0) << received.err;
  EXPECT_EQ(received.out.at("received"), 2);
  EXPECT_EQ(received.out.at("matched"), 2);
}

TEST_F(Outage, ASealedBatchGoesOnAfterAKillAndIsNotSentTwice) {
  // The broker stops answering in the middle: it is frozen, then killed.
  const std::string file = Write("rows.csv", People(3));
  world().broker->Signal(SIGSTOP);
  auto sending = world::Background::Start(
      {world().settings.entente, "--no-input", "--profile", LeftSystem(),
       "send", "--agreement", kAgreement, "--flow", kPersons, "--purpose",
       kPurpose, "--case", "C2", file, "-o", "json"},
      Folder() + "/send.log");
  ASSERT_TRUE(sending.ok()) << sending.status();
  EXPECT_EQ(world().broker->End(SIGKILL), 128 + SIGKILL);
  EXPECT_EQ((*sending)->Wait(), 7) << (*sending)->Said();
  EXPECT_THAT((*sending)->Said(), HasSubstr("\"UNAVAILABLE\""));
  ComeBack();
  // The same command without --again, twice.
  const auto again = [&] {
    return Run(LeftSystem(),
               {"send", "--agreement", kAgreement, "--flow", kPersons,
                "--purpose", kPurpose, "--case", "C2", file});
  };
  const Ended sent = again();
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  EXPECT_EQ(sent.out.at("batches").size() + sent.out.at("resumed").size(), 1u)
      << sent.out;
  const Ended repeated = again();
  ASSERT_EQ(repeated.exit_code, 0) << repeated.err;
  EXPECT_EQ(repeated.out.at("sent"), 0);
  EXPECT_EQ(repeated.out.at("sent_before"), 3);
  const Ended received = Receive("in");
  ASSERT_EQ(received.exit_code, 0) << received.err;
  EXPECT_EQ(received.out.at("batches").size(), 1u);
  EXPECT_EQ(received.out.at("received"), 3);
  ExpectLedgersVerify("mirror");
}

TEST_F(Outage, AfterAKillNothingThatWasAnsweredIsLost) {
  const Ended sent = SendPeople(4);
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  EXPECT_EQ(world().broker->End(SIGKILL), 128 + SIGKILL);
  ComeBack();
  const json& batch = sent.out.at("batches").at(0);
  const json entry = Entry(kAgreement, batch.at("entry"));
  ASSERT_TRUE(entry.is_object());
  EXPECT_EQ(entry.at("kind"), "batch");
  EXPECT_EQ(entry.at("subject"), batch.at("digest"));
  const Ended received = Receive("in");
  ASSERT_EQ(received.exit_code, 0) << received.err;
  EXPECT_EQ(received.out.at("batches").at(0).at("batch"), batch.at("batch"));
  EXPECT_EQ(received.out.at("received"), 4);
  const uint64_t before = ExpectLedgersVerify("before");
  // A second kill, right after the delivery was acknowledged.
  EXPECT_EQ(world().broker->End(SIGKILL), 128 + SIGKILL);
  ComeBack();
  EXPECT_GE(ExpectLedgersVerify("after"), before);
  const Ended again = Receive("in");
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.out.at("received"), 0) << "it was acknowledged";
}

TEST_F(Outage, OnSigtermCallsAreFinishedAndNewOnesRefused) {
  ASSERT_EQ(SendPeople(1).exit_code, 0);
  FollowedStream stream(RightSystem(), kAgreement, kPatience);
  ASSERT_TRUE(stream.ReadBatch());
  world().broker->Signal(SIGTERM);
  const client::Failure how = stream.ReadToTheEnd().second;
  EXPECT_EQ(how.exit, client::ExitCode::kUnavailable) << how.what;
  EXPECT_EQ(world().broker->Wait(), 0);
  const std::string said = world().broker->Said();
  EXPECT_LT(said.find("\"draining\""), said.find("\"stopped\""));
  ComeBack();
  const Ended received = Receive("in");
  ASSERT_EQ(received.exit_code, 0) << received.err;
  EXPECT_EQ(received.out.at("received"), 1);
  ExpectLedgersVerify("mirror");
}

TEST_F(Outage, WhatTheBrokerKeepsAndSaysHoldsNoPersonalData) {
  const Ended sent = SendPeople(6);
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  EXPECT_NE(Send(kPersons, kOtherPurpose, Write("rows.csv", People(6)),
                 {"--case", "C1"})
                .exit_code,
            0);
  ASSERT_EQ(Receive("in").exit_code, 0);
  ExpectLedgersVerify("mirror");
  // The values are where they belong, so that the search can find something.
  EXPECT_THAT(ReadAll(Folder() + "/rows.csv"), HasSubstr(kFirstNhsNumber));
  size_t files = 0;
  for (const std::string& place :
       {world().Path("operator"), Folder() + "/mirror-broker",
        absl::StrCat(Folder(), "/mirror-", kAgreement)}) {
    for (const auto& file : fs::recursive_directory_iterator(place)) {
      if (!file.is_regular_file()) continue;
      ++files;
      const std::string content = ReadAll(file.path().string());
      for (const absl::string_view canary :
           {kFirstNhsNumber, kFirstSurname, kFirstReference,
            absl::string_view("1961-07-01")}) {
        EXPECT_EQ(content.find(std::string(canary)), std::string::npos)
            << canary << " in " << file.path();
      }
    }
  }
  EXPECT_GT(files, 8u);
}

}  // namespace
}  // namespace entente::end_to_end
