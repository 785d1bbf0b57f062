// Sendings and receivings that are open when an agreement is stopped.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "tests/end_to_end/wire.h"
#include "tests/lifecycle/life.h"
#include "tests/world/agreed_pair.h"

namespace entente::lifecycle {
namespace {

using testing::HasSubstr;
using world::Background;
using world::kAgreement;
using world::kLeft;
using world::kPatience;
using world::kRight;

// As many rows as `send` reads at once, twice the batch that is allowed. They
// fit a pipe.
constexpr int kBlock = 8192;

// From the answer to whoever stops the agreement, to the end of a stream.
constexpr absl::Duration kPromised = absl::Seconds(1);

class Streams : public world::AgreedPair {
 protected:
  std::string Content() const override {
    return absl::StrReplaceAll(
        world::kPairContent,
        {{"limits: { requests_per_day: 2, records_per_day: 3 }",
          absl::StrCat("limits: { records_per_request: ", kBlock / 2, " }")}});
  }
  std::string Siro(const std::string& agency) {
    return world_.Profile(agency, "siro");
  }
  std::unique_ptr<Background> Start(const std::string& profile,
                                    std::vector<std::string> words,
                                    const std::string& log) {
    words.insert(words.begin(),
                 {world_.settings.entente, "--no-input", "--profile", profile});
    auto started = Background::Start(words, world_.Path(log));
    EXPECT_TRUE(started.ok()) << started.status();
    return *std::move(started);
  }
  std::unique_ptr<Background> Follow(const std::string& name) {
    return Start(Right(),
                 {"receive", "--agreement", kAgreement, "--follow", "--out",
                  world_.Path(name), "-o", "ndjson"},
                 name + ".log");
  }
  static void Says(const Background& program, const std::string& text) {
    const auto line = program.WaitForLine(
        [&](const std::string& said) { return absl::StrContains(said, text); },
        kPatience);
    EXPECT_TRUE(line.ok()) << line.status();
  }
  static void Put(int pipe, const std::string& rows) {
    EXPECT_EQ(write(pipe, rows.data(), rows.size()), ssize_t(rows.size()));
  }

  // `act` is done while a sending is under way and its recipient follows: both
  // end with `code`, at once.
  void ExpectBothCut(const std::string& name, std::vector<std::string> act,
                     const std::string& code) {
    const std::string path = world_.Path(name + ".csv");
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    // For reading too, so that opening it waits for nobody.
    const int pipe = open(path.c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_GE(pipe, 0);
    const auto follower = Follow(name);
    const auto sender =
        Start(Left(),
              {"send", "--agreement", kAgreement, "--flow", "patrols",
               "--purpose", world::kOtherPurpose, path, "-o", "json"},
              name + "-sender.log");
    std::string rows = "offence\n";
    for (int i = 0; i < kBlock; ++i)
      absl::StrAppend(&rows, name.substr(0, 1), i, "\n");
    Put(pipe, rows);
    Says(*follower, "\"records\":4096");
    act.insert(act.begin(), "agreement");
    Run(Siro(kRight), act);
    const absl::Time at = absl::Now();
    EXPECT_EQ(follower->Wait(), kRefused) << follower->Said();
    EXPECT_THAT(follower->Said(), HasSubstr(code));
    Put(pipe, "one more\n");
    close(pipe);
    EXPECT_EQ(sender->Wait(), kRefused) << sender->Said();
    EXPECT_LT(absl::Now() - at, kCutWithin);
    EXPECT_THAT(sender->Said(), HasSubstr(code));
    EXPECT_THAT(sender->Said(), HasSubstr("after 1 batches that are sent"));
  }

  // An open stream that has had its batch ends with `code`, in time, once the
  // right's signatory has done `act`.
  void ExpectCutInTime(std::vector<std::string> act, const std::string& code) {
    end_to_end::FollowedStream stream(Right(), kAgreement, kPatience);
    ASSERT_TRUE(stream.ReadBatch());
    absl::Time ended;
    client::Failure how;
    std::thread reading([&] { std::tie(ended, how) = stream.ReadToTheEnd(); });
    act.insert(act.begin(), "agreement");
    Run(Siro(kRight), act);
    const absl::Time answered = absl::Now();
    reading.join();
    EXPECT_EQ(how.code, code) << how.what;
    EXPECT_LE(ended - answered, kPromised);
  }
};

TEST_F(Streams, WhatIsOpenEndsWithASuspensionAndWithAWithdrawal) {
  ExpectBothCut("suspended", {"suspend", kAgreement, "--reason", "Odd queries"},
                "SUSPENDED");
  Run(Siro(kRight),
      {"agreement", "resume", kAgreement, "--reason", "They are explained"});
  ExpectBothCut("left",
                {"withdraw", kAgreement, "--reason", "It is over", "--confirm",
                 kAgreement},
                "TERMINATED");
}

TEST_F(Streams, EndWithinASecondOfTheAnswer) {
  const std::string file = world_.Path("one.csv");
  std::ofstream(file) << "offence\n28A\n";
  Run(Left(), {"send", "--agreement", kAgreement, "--flow", "patrols",
               "--purpose", world::kOtherPurpose, file});
  ExpectCutInTime({"suspend", kAgreement, "--reason", "Odd queries"},
                  "SUSPENDED");
  Run(Siro(kRight),
      {"agreement", "resume", kAgreement, "--reason", "They are explained"});
  // It was not acknowledged, so it comes again.
  ExpectCutInTime({"withdraw", kAgreement, "--reason", "It is over",
                   "--confirm", kAgreement},
                  "TERMINATED");
}

}  // namespace
}  // namespace entente::lifecycle
