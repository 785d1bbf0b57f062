#include "tests/world/process.h"

#include <signal.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "gtest/gtest.h"

namespace entente::world {
namespace {

TEST(RunProgram, KeepsBothStreamsAndTheExitCode) {
  const auto finished =
      RunProgram({"/bin/sh", "-c", "echo out; echo err >&2; exit 6"});
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->out, "out\n");
  EXPECT_EQ(finished->err, "err\n");
  EXPECT_EQ(finished->exit_code, 6);
}

TEST(RunProgram, ReadsMoreThanAPipeHolds) {
  const auto finished =
      RunProgram({"/bin/sh", "-c",
                  "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2"});
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->out.size(), 300000u);
  EXPECT_EQ(finished->err.size(), 300000u);
}

TEST(RunProgram, TellsWhatTheProgramHeldAtMost) {
  const auto little = RunProgram({"/bin/sh", "-c", ":"});
  const auto much = RunProgram(
      {"/bin/sh", "-c", "x=$(head -c 30000000 /dev/zero | tr '\\0' a)"});
  ASSERT_TRUE(little.ok() && much.ok());
  EXPECT_GT(little->peak_mib, 0.1);
  EXPECT_GT(much->peak_mib, little->peak_mib + 25);
}

TEST(RunAtTerminal, IsOneAndAPipeIsNone) {
  const std::vector<std::string> command = {
      "/bin/sh", "-c",
      "[ -t 1 ] && [ -t 2 ] && echo seen || echo unseen; exit 3"};
  const auto seen = RunAtTerminal(command);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->out, "seen\r\n");
  EXPECT_EQ(seen->exit_code, 3);
  EXPECT_EQ(RunProgram(command)->out, "unseen\n");
}

TEST(RunProgram, SaysThatAProgramIsMissing) {
  EXPECT_FALSE(RunProgram({"/nonexistent/program"}).ok());
}

class BackgroundTest : public testing::Test {
 protected:
  void TearDown() override { std::remove(log_.c_str()); }
  std::unique_ptr<Background> Start(const std::string& script) {
    auto process = Background::Start({"/bin/sh", "-c", script}, log_);
    EXPECT_TRUE(process.ok()) << process.status();
    return process.ok() ? *std::move(process) : nullptr;
  }

  const std::string log_ = testing::TempDir() + "/entente_process_test.log";
};

bool IsReady(const std::string& line) { return line == "ready"; }

TEST_F(BackgroundTest, EndsWhatItStarted) {
  const auto process =
      Start("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done");
  ASSERT_NE(process, nullptr);
  ASSERT_TRUE(process->WaitForLine(IsReady, absl::Seconds(60)).ok());
  EXPECT_EQ(process->Stop(), 7);
  EXPECT_EQ(process->Stop(), 0) << "ended already";
}

TEST_F(BackgroundTest, SaysWhichSignalEndedIt) {
  const auto process = Start("echo ready; exec sleep 600");
  ASSERT_NE(process, nullptr);
  ASSERT_TRUE(process->WaitForLine(IsReady, absl::Seconds(60)).ok());
  EXPECT_EQ(process->End(SIGKILL), 128 + SIGKILL);
}

TEST_F(BackgroundTest, FindsALineOfEitherStreamAndKeepsTheLog) {
  const auto process = Start("echo one; echo ready >&2; printf last");
  ASSERT_NE(process, nullptr);
  EXPECT_EQ(process->WaitForLine(IsReady, absl::Seconds(60)).value(), "ready");
  EXPECT_EQ(process->Wait(), 0);
  const auto missing = process->WaitForLine(
      [](const std::string& line) { return line == "two"; }, absl::Seconds(60));
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(process->Said(), "one\nready\nlast");
  std::ifstream log(log_);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(log), {}),
            "one\nready\nlast");
}

TEST_F(BackgroundTest, LosesPatience) {
  const auto process = Start("exec sleep 600");
  ASSERT_NE(process, nullptr);
  EXPECT_EQ(process->WaitForLine(IsReady, absl::ZeroDuration()).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace entente::world
