#include "broker/store/data_folder.h"

#include <sys/stat.h>

#include "absl/strings/match.h"
#include "broker/test_folder.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

TEST(DataFolder, IsMadePrivate) {
  const TestFolder parent;
  const auto folder = DataFolder::Open(parent / "data");
  ASSERT_TRUE(folder.ok());
  struct stat found = {};
  ASSERT_EQ(stat((parent / "data").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700u);
  EXPECT_EQ(folder->database(), parent / "data/entente.db");
}

TEST(DataFolder, IsRefusedToASecondBroker) {
  const TestFolder parent;
  {
    auto first = DataFolder::Open(parent / "data");
    ASSERT_TRUE(first.ok());
    const DataFolder moved = *std::move(first);
    const auto second = DataFolder::Open(parent / "data");
    EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(absl::StrContains(second.status().message(), "stop it"));
  }
  EXPECT_TRUE(DataFolder::Open(parent / "data").ok());
}

TEST(DataFolder, IsRefusedIfOthersMayEnter) {
  const TestFolder parent;
  ASSERT_EQ(mkdir((parent / "data").c_str(), 0755), 0);
  ASSERT_EQ(chmod((parent / "data").c_str(), 0755), 0);
  const auto folder = DataFolder::Open(parent / "data");
  EXPECT_EQ(folder.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(folder.status().message(), "chmod 700"));
  EXPECT_FALSE(DataFolder::Open(parent / "no/such/data").ok());
}

}  // namespace
}  // namespace entente::broker
