#include "broker/durable_file.h"

#include <fcntl.h>
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

uid_t OwnerOf(const std::string& path) {
  struct stat found = {};
  EXPECT_EQ(lstat(path.c_str(), &found), 0) << path;
  return found.st_uid;
}

// What root writes into the broker's folder is the broker's to read.
TEST(DurableFile, BelongsToWhomItsFolderBelongs) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  constexpr uid_t kBroker = 65534;
  const TestFolder folder;
  ASSERT_EQ(chown((folder / "").c_str(), kBroker, kBroker), 0);
  ASSERT_TRUE(WriteDurably(folder / "file", "x").ok());
  EXPECT_EQ(OwnerOf(folder / "file"), kBroker);
  EXPECT_TRUE(CheckPrivate(folder / "file").ok());
}

// The folder's owner may have prepared the name that a new file gets.
TEST(DurableFile, TouchesNothingElseThatHasItsName) {
  const TestFolder other;
  const TestFolder folder;
  std::ofstream(other / "secret") << "another's";
  ASSERT_EQ(link((other / "secret").c_str(), (folder / "file.new").c_str()), 0);
  ASSERT_TRUE(WriteDurably(folder / "file", "x").ok());
  ASSERT_EQ(symlink((other / "secret").c_str(), (folder / "file.new").c_str()),
            0);
  ASSERT_TRUE(WriteDurably(folder / "file", "y").ok());
  EXPECT_EQ(*ReadFile(folder / "file", 10), "y");
  EXPECT_EQ(*ReadFile(other / "secret", 10), "another's");
}

TEST(DurableFile, GivesAwayNoFileThatHasAnotherName) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  const TestFolder other;
  const TestFolder folder;
  ASSERT_EQ(chown((folder / "").c_str(), 65534, 65534), 0);
  std::ofstream(other / "secret") << "root's";
  ASSERT_EQ(link((other / "secret").c_str(), (folder / "lock").c_str()), 0);
  const int fd = open((folder / "lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  const absl::Status refused = GiveToOwnerOfFolder(fd, folder / "lock");
  close(fd);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(refused.message(), "lock")) << refused;
  EXPECT_EQ(OwnerOf(other / "secret"), 0u);
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
