#include "client/line_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "client/test_folder.h"

namespace entente::client {
namespace {

TEST(LineFile, IsThereOnlyOnceKept) {
  const TestFolder folder;
  {
    LineFile file(folder / "lines");
    EXPECT_TRUE(file.empty());
    ASSERT_TRUE(file.Append("one\n").ok());
    ASSERT_TRUE(file.Append("two\n").ok());
    EXPECT_FALSE(file.empty());
    EXPECT_FALSE(std::filesystem::exists(folder / "lines"));
    ASSERT_TRUE(file.Keep().ok());
  }
  EXPECT_EQ(folder.Read("lines"), "one\ntwo\n");
  EXPECT_EQ(folder.Mode("lines"), 0600u);
  EXPECT_FALSE(std::filesystem::exists(folder / "lines.writing"));
}

TEST(LineFile, LeavesTheOldFileIfItIsNotKept) {
  const TestFolder folder;
  folder.Write("lines", "old\n");
  {
    LineFile file(folder / "lines");
    ASSERT_TRUE(file.Append("new\n").ok());
  }
  EXPECT_EQ(folder.Read("lines"), "old\n");
  EXPECT_FALSE(std::filesystem::exists(folder / "lines.writing"));
}

TEST(LineFile, KeepingNothingRemovesTheOldFile) {
  const TestFolder folder;
  folder.Write("lines", "old\n");
  LineFile file(folder / "lines");
  ASSERT_TRUE(file.Append("").ok());
  ASSERT_TRUE(file.Keep().ok());
  EXPECT_FALSE(std::filesystem::exists(folder / "lines"));
}

TEST(LineFile, HoldsMoreThanItsBuffer) {
  const TestFolder folder;
  const std::string line(1000, 'x');
  LineFile file(folder / "lines");
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(file.Append(line).ok());
  ASSERT_TRUE(file.Keep().ok());
  EXPECT_EQ(folder.Read("lines").size(), 200'000u);
}

TEST(LineFile, SaysThatTheFolderIsMissing) {
  const TestFolder folder;
  LineFile file(folder / "none/lines");
  EXPECT_TRUE(absl::IsNotFound(file.Append("x")));
}

}  // namespace
}  // namespace entente::client
