#include "tests/attacks/meter.h"

#include <unistd.h>

#include <string>

#include "gtest/gtest.h"

namespace entente::attacks {
namespace {

TEST(Meter, SeesWhatThisProcessSpends) {
  const Cost before = CostOf(getpid());
  EXPECT_GE(before.threads, 1);
  EXPECT_GT(before.memory_mib, 1);
  const std::string memory(64 << 20, 'x');
  // The kernel counts in hundredths of a second.
  uint64_t work = memory.size();
  while (CostOf(getpid()).cpu_seconds < before.cpu_seconds + 0.05) {
    for (int i = 0; i < 100'000; ++i) work = work * 31 + 7;
  }
  const Cost after = CostOf(getpid());
  EXPECT_GT(after.memory_mib, before.memory_mib + 48) << work;
  EXPECT_GE(after.peak_mib, after.memory_mib);
}

TEST(Meter, NobodyCostsNothing) {
  EXPECT_EQ(CostOf(-1).cpu_seconds, 0);
  EXPECT_EQ(CostOf(-1).memory_mib, 0);
}

}  // namespace
}  // namespace entente::attacks
