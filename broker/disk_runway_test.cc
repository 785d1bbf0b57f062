#include "broker/disk_runway.h"

#include "broker/test_folder.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

constexpr uint64_t kGigabyte = 1'000'000'000;
const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

TEST(DiskRunway, IsWhatIsLeftOverTheRateSeen) {
  DiskRunway runway;
  for (int hour = 0; hour <= 4; ++hour) {
    runway.Sample(kStart + absl::Hours(hour), (100 - hour) * kGigabyte);
  }
  EXPECT_EQ(runway.Left(), absl::Hours(96));
}

TEST(DiskRunway, IsUnboundedWhileSpaceDoesNotShrink) {
  DiskRunway runway;
  EXPECT_EQ(runway.Left(), absl::InfiniteDuration());
  runway.Sample(kStart, kGigabyte);
  EXPECT_EQ(runway.Left(), absl::InfiniteDuration());
  runway.Sample(kStart + absl::Hours(1), kGigabyte);
  EXPECT_EQ(runway.Left(), absl::InfiniteDuration());
  runway.Sample(kStart + absl::Hours(2), 2 * kGigabyte);
  EXPECT_EQ(runway.Left(), absl::InfiniteDuration());
}

TEST(DiskRunway, TellsNoRateFromTooLittle) {
  DiskRunway runway;
  runway.Sample(kStart, 2 * kGigabyte);
  runway.Sample(kStart + DiskRunway::kLeast - absl::Seconds(1), kGigabyte);
  EXPECT_EQ(runway.Left(), absl::InfiniteDuration());
  runway.Sample(kStart + 2 * DiskRunway::kLeast, kGigabyte);
  EXPECT_EQ(runway.Left(), 2 * DiskRunway::kLeast);
}

TEST(DiskRunway, IsZeroOnAFullDisk) {
  DiskRunway runway;
  runway.Sample(kStart, kGigabyte);
  runway.Sample(kStart + absl::Hours(1), 0);
  EXPECT_EQ(runway.Left(), absl::ZeroDuration());
}

TEST(DiskRunway, ForgetsWhatIsOlderThanADay) {
  DiskRunway runway;
  runway.Sample(kStart, 1000 * kGigabyte);
  runway.Sample(kStart + absl::Hours(1), 100 * kGigabyte);
  for (int hour = 2; hour <= 26; ++hour) {
    runway.Sample(kStart + absl::Hours(hour), 100 * kGigabyte);
  }
  EXPECT_EQ(runway.Left(), absl::InfiniteDuration());
}

TEST(DiskRunway, KeepsOneSampleAMinute) {
  DiskRunway runway;
  runway.Sample(kStart, 10 * kGigabyte);
  runway.Sample(kStart + DiskRunway::kLeast, 9 * kGigabyte);
  runway.Sample(kStart + DiskRunway::kLeast + absl::Seconds(59), kGigabyte);
  EXPECT_EQ(runway.Left(), 9 * DiskRunway::kLeast);
}

TEST(DiskRunway, BeginsAnewWhenTheClockIsSetBack) {
  DiskRunway runway;
  runway.Sample(kStart, 10 * kGigabyte);
  runway.Sample(kStart + absl::Hours(1), 9 * kGigabyte);
  runway.Sample(kStart - absl::Hours(5), 8 * kGigabyte);
  EXPECT_EQ(runway.Left(), absl::InfiniteDuration());
}

TEST(AvailableBytes, AreThoseOfTheFileSystem) {
  const TestFolder folder;
  const absl::StatusOr<uint64_t> bytes = AvailableBytes(folder / ".");
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_GT(*bytes, 0u);
  EXPECT_EQ(AvailableBytes(folder / "absent").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace entente::broker
