#include "client/shift_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::HasSubstr;

class ShiftKeyTest : public testing::Test {
 protected:
  static Profile Make(const std::string& folder) {
    ProfileSettings settings;
    settings.agency = "north";
    settings.trust_domain = "test.example";
    settings.broker_address = "localhost:1";
    settings.broker_name = "broker.test";
    return *Profile::Create(folder, settings);
  }

  policy::Flow Shifting() const {
    policy::Flow flow;
    flow.id = "study";
    flow.release["seen"].transform = policy::Transform::kShiftDays;
    flow.release["note"].transform = policy::Transform::kAsIs;
    return flow;
  }

  TestFolder folder_;
};

TEST_F(ShiftKeyTest, ASystemHasOneOfItsOwnFromTheBeginning) {
  const Profile profile = Make(folder_ / "p");
  EXPECT_EQ(folder_.Mode("p/shift.key"), 0600u);
  const auto one = OpenDayShift(profile, Shifting());
  const auto again = OpenDayShift(*Profile::Open(folder_ / "p"), Shifting());
  const auto other = OpenDayShift(Make(folder_ / "q"), Shifting());
  ASSERT_TRUE(one.ok() && again.ok() && other.ok()) << one.status();
  int same = 0;
  for (int person = 0; person < 100; ++person) {
    const std::string id = std::to_string(person);
    const int64_t days = *(*one)->Days("isa-a", "opaque/1:x", id, 90);
    EXPECT_EQ(*(*again)->Days("isa-a", "opaque/1:x", id, 90), days);
    same += *(*other)->Days("isa-a", "opaque/1:x", id, 90) == days;
  }
  EXPECT_LT(same, 10);
}

TEST_F(ShiftKeyTest, ALostOneIsNotMadeAgain) {
  const Profile profile = Make(folder_ / "p");
  std::filesystem::remove(folder_ / "p/shift.key");
  for (int i = 0; i < 2; ++i) {
    const absl::Status lost = OpenDayShift(profile, Shifting()).status();
    EXPECT_TRUE(absl::IsNotFound(lost));
    EXPECT_THAT(std::string(lost.message()), HasSubstr("backup"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "p/shift.key"));
}

TEST_F(ShiftKeyTest, IsNotNeededWhereNothingIsShifted) {
  const Profile profile = Make(folder_ / "p");
  std::filesystem::remove(folder_ / "p/shift.key");
  policy::Flow flow = Shifting();
  flow.release.erase("seen");
  const auto none = OpenDayShift(profile, flow);
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*none, nullptr);
}

TEST_F(ShiftKeyTest, RefusesAnotherKeyAndOneThatOthersCanRead) {
  const Profile profile = Make(folder_ / "p");
  const std::string kept = folder_.Read("p/shift.key");
  folder_.Write("p/shift.key", folder_.Read("p/print.key"));
  EXPECT_TRUE(absl::IsDataLoss(OpenDayShift(profile, Shifting()).status()));
  folder_.Write("p/shift.key", kept.substr(0, kept.size() - 1));
  EXPECT_TRUE(absl::IsDataLoss(OpenDayShift(profile, Shifting()).status()));
  folder_.Write("p/shift.key", kept);
  ASSERT_EQ(chmod((folder_ / "p/shift.key").c_str(), 0640), 0);
  EXPECT_TRUE(
      absl::IsFailedPrecondition(OpenDayShift(profile, Shifting()).status()));
  EXPECT_TRUE(
      absl::IsFailedPrecondition(Profile::Open(folder_ / "p").status()));
}

}  // namespace
}  // namespace entente::client
