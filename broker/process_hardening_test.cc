#include "broker/process_hardening.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace entente::broker {
namespace {

// In a child, so that the tests' own process stays as it is.
int InChild(int (*work)()) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ProcessHardening, ForbidsCoreDumpsAndAttaching) {
  EXPECT_EQ(InChild([] {
              if (!HardenProcess().ok()) return 1;
              rlimit core = {};
              if (getrlimit(RLIMIT_CORE, &core) != 0) return 2;
              if (core.rlim_cur != 0 || core.rlim_max != 0) return 3;
              return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 4;
            }),
            0);
}

TEST(ProcessHardening, SaysWhenNoMemoryCanBeLocked) {
  if (geteuid() == 0) {
    GTEST_SKIP() << "root may always lock memory";
  }
  EXPECT_EQ(InChild([] {
              const rlimit none = {0, 0};
              if (setrlimit(RLIMIT_MEMLOCK, &none) != 0) return 1;
              return HardenProcess().code() ==
                             absl::StatusCode::kFailedPrecondition
                         ? 0
                         : 2;
            }),
            0);
}

}  // namespace
}  // namespace entente::broker
