#include "client/local_failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cerrno>
#include <filesystem>
#include <iterator>

#include "client/durable_file.h"
#include "client/error.h"
#include "client/line_file.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::HasSubstr;

TEST(LocalFailure, WhatADiskDoesHasACodeAndAWayOut) {
  const struct {
    int error;
    std::string code;
    std::string next;
  } cases[] = {{ENOSPC, "LOCAL_DISK_FULL", "free space"},
               {EDQUOT, "LOCAL_DISK_FULL", "raise the quota"},
               {EFBIG, "LOCAL_DISK_FULL", "free space"},
               {EIO, "LOCAL_DISK_FAILED", "check the disk"},
               {EROFS, "LOCAL_DISK_FAILED", "rights of the folder"}};
  for (const auto& one : cases) {
    const Failure failure = FromStatus(FileError(one.error, "cannot write f"));
    EXPECT_EQ(failure.what, "cannot write f");
    EXPECT_NE(failure.why, "");
    EXPECT_EQ(failure.code, one.code) << failure.why;
    EXPECT_THAT(failure.next, HasSubstr(one.next));
    EXPECT_THAT(failure.next, HasSubstr("same command again"));
    EXPECT_EQ(failure.exit, ExitCode::kUnavailable);
  }
}

TEST(LocalFailure, OtherErrorsStayWhatErrnoTells) {
  EXPECT_TRUE(absl::IsNotFound(FileError(ENOENT, "cannot open f")));
  EXPECT_TRUE(absl::IsPermissionDenied(FileError(EACCES, "cannot open f")));
}

// A limit on the size of files is a disk that is full at a place of the test's
// choosing.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    former_ = signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit limit = {bytes, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FileLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, former_);
  }

 private:
  rlimit before_ = {};
  void (*former_)(int) = nullptr;
};

TEST(LocalFailure, AFileThatFindsNoRoomLeavesTheOldOneAndSaysSo) {
  const TestFolder folder;
  folder.Write("out", "as it was");
  const std::string more(100'000, 'x');
  absl::Status whole;
  absl::Status by_lines;
  {
    const FileLimit limit(50'000);
    whole = WriteDurably(folder / "out", more, 0600);
    LineFile lines(folder / "out");
    by_lines = lines.Append(more);
  }
  for (const absl::Status& failed : {whole, by_lines}) {
    EXPECT_EQ(FromStatus(failed).code, "LOCAL_DISK_FULL") << failed;
    EXPECT_THAT(FromStatus(failed).what, HasSubstr(folder / "out."));
  }
  EXPECT_EQ(folder.Read("out"), "as it was");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()),
                          std::filesystem::directory_iterator()),
            1);
  EXPECT_TRUE(WriteDurably(folder / "out", more, 0600).ok());
}

}  // namespace
}  // namespace entente::client
