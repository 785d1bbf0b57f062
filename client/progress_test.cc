#include "client/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace entente::client {
namespace {

TEST(ProgressText, SaysWhatIsKnown) {
  EXPECT_EQ(ProgressText("sent", 8192, 0.5, absl::Milliseconds(900)),
            "sent 8,192 rows");
  EXPECT_EQ(ProgressText("sent", 1'234'567, std::nullopt, absl::Seconds(10)),
            "sent 1,234,567 rows, 123,456 a second");
  EXPECT_EQ(ProgressText("sent", 1000, 0.25, absl::Seconds(10)),
            "sent 1,000 rows, 100 a second, about 30 s left");
  EXPECT_EQ(ProgressText("sent", 999, 0.1, absl::Minutes(1)),
            "sent 999 rows, 16 a second, about 9 min left");
  EXPECT_EQ(ProgressText("sent", 7, 0.01, absl::Minutes(10)),
            "sent 7 rows, 0 a second, about 17 h left");
  EXPECT_EQ(ProgressText("sent", 7, 0.001, absl::Minutes(10)),
            "sent 7 rows, 0 a second");
}

TEST(Progress, WritesOneLineOverItselfAndClearsIt) {
  std::ostringstream out;
  absl::Time now = absl::FromUnixSeconds(0);
  {
    Progress progress(&out, "sent", [&] { return now; });
    progress.Show(10'000, std::nullopt);
    now += absl::Milliseconds(100);
    progress.Show(10'500, std::nullopt);  // too soon
    now += absl::Milliseconds(150);
    progress.Show(9, std::nullopt);  // shorter
  }
  EXPECT_EQ(out.str(), "\rsent 10,000 rows\rsent 9 rows     \r           \r");
}

TEST(Progress, SaysNothingIfNobodyWatches) {
  Progress progress(nullptr, "sent");
  progress.Show(1, 0.5);
  progress.Clear();
}

}  // namespace
}  // namespace entente::client
