#include "broker/durable_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "broker/test_folder.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

TEST(DurableFile, ReplacesWholeAndPrivate) {
  const TestFolder folder;
  const std::string path = folder / "file";
  std::ofstream(path) << "a longer old content";
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  const std::string content("new\0\n", 5);
  ASSERT_TRUE(WriteDurably(path, content).ok());
  EXPECT_EQ(*ReadFile(path, 100), content);
  EXPECT_TRUE(CheckPrivate(path).ok());
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST(DurableFile, LeavesTheOldFileWhenItFails) {
  const TestFolder folder;
  const std::string path = folder / "file";
  ASSERT_TRUE(WriteDurably(path, "old").ok());
  std::filesystem::create_directory(path + ".new");
  EXPECT_FALSE(WriteDurably(path, "new").ok());
  EXPECT_EQ(*ReadFile(path, 100), "old");
  EXPECT_EQ(WriteDurably(folder / "no/file", "x").code(),
            absl::StatusCode::kNotFound);
}

TEST(DurableFile, ReadsUpToALimit) {
  const TestFolder folder;
  ASSERT_TRUE(WriteDurably(folder / "file", "12345").ok());
  EXPECT_EQ(*ReadFile(folder / "file", 5), "12345");
  EXPECT_EQ(ReadFile(folder / "file", 4).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadFile(folder / "none", 4).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(DurableFile, KnowsWhatOthersMayRead) {
  const TestFolder folder;
  ASSERT_TRUE(WriteDurably(folder / "file", "x").ok());
  ASSERT_EQ(chmod((folder / "file").c_str(), 0640), 0);
  const absl::Status open = CheckPrivate(folder / "file");
  EXPECT_EQ(open.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(open.message(), "chmod 600"));
  EXPECT_EQ(CheckPrivate(folder / "none").code(), absl::StatusCode::kNotFound);
  ASSERT_EQ(chmod((folder / "file").c_str(), 0600), 0);
  ASSERT_EQ(symlink((folder / "file").c_str(), (folder / "link").c_str()), 0);
  EXPECT_EQ(CheckPrivate(folder / "link").code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace entente::broker
