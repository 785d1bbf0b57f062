#include "tests/demo/process.h"

#include <cstdio>

#include "gtest/gtest.h"

namespace entente::demo {
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

TEST(RunProgram, SaysThatAProgramIsMissing) {
  EXPECT_FALSE(RunProgram({"/nonexistent/program"}).ok());
}

TEST(Background, EndsWhatItStarted) {
  const std::string log = testing::TempDir() + "/entente_process_test.log";
  auto process = Background::Start(
      {"/bin/sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.05; done"},
      log);
  ASSERT_TRUE(process.ok());
  EXPECT_TRUE(process->Running());
  const int code = process->Stop();
  EXPECT_TRUE(code == 7 || code == 128 + 15);
  EXPECT_FALSE(process->Running());
  std::remove(log.c_str());
}

}  // namespace
}  // namespace entente::demo
