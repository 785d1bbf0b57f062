#include "broker/ledger/anchor_file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/durable_file.h"
#include "broker/store/sqlite.h"
#include "broker/test_folder.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

Anchor At(const std::string& origin, uint64_t size, uint8_t fill) {
  Anchor anchor = {origin, size, {}};
  anchor.root.fill(fill);
  return anchor;
}

class AnchorFileTest : public testing::Test {
 protected:
  void SetUp() override {
    file_ = *AnchorFile::Create(path_);
    ASSERT_TRUE(file_->Record({At("b/ledgers/x", 1, 1)}).ok());
    ASSERT_TRUE(
        file_->Record({At("b/ledgers/x", 3, 3), At("b/ledgers/y", 2, 2)}).ok());
  }
  std::string Content() { return *ReadFile(path_, 1 << 20); }
  absl::StatusOr<std::unique_ptr<AnchorFile>> OpenWith(
      const std::string& content) {
    EXPECT_TRUE(WriteDurably(path_, content).ok());
    return AnchorFile::Open(path_);
  }

  TestFolder folder_;
  const std::string path_ = folder_ / "anchors";
  std::unique_ptr<AnchorFile> file_;
};

TEST_F(AnchorFileTest, RemembersTheLastOfEachOrigin) {
  EXPECT_EQ(file_->Find("b/ledgers/x")->size, 3u);
  EXPECT_FALSE(file_->Find("b/ledgers/z").has_value());
  const auto opened = AnchorFile::Open(path_);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ((*opened)->all().size(), 2u);
  EXPECT_EQ((*opened)->Find("b/ledgers/x")->size, 3u);
  EXPECT_EQ((*opened)->Find("b/ledgers/x")->root, At("", 0, 3).root);
  EXPECT_EQ((*opened)->Find("b/ledgers/y")->size, 2u);
  struct stat found = {};
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(AnchorFileTest, GoesOnAfterItWasOpened) {
  auto opened = *AnchorFile::Open(path_);
  ASSERT_TRUE(opened->Record({At("b/ledgers/y", 9, 9)}).ok());
  EXPECT_EQ((*AnchorFile::Open(path_))->Find("b/ledgers/y")->size, 9u);
}

TEST_F(AnchorFileTest, NeverGoesBack) {
  const std::string before = Content();
  for (const Anchor& wrong :
       {At("b/ledgers/x", 2, 3), At("b/ledgers/x", 3, 4)}) {
    EXPECT_EQ(file_->Record({At("b/ledgers/y", 5, 5), wrong}).code(),
              absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_EQ(Content(), before);
  EXPECT_EQ(file_->Find("b/ledgers/y")->size, 2u);
  EXPECT_TRUE(file_->Record({At("b/ledgers/x", 3, 3)}).ok());
  EXPECT_TRUE(file_->Record({}).ok());
}

TEST_F(AnchorFileTest, IsMadeOnceAndMissedWhenGone) {
  EXPECT_EQ(AnchorFile::Create(path_).status().code(),
            absl::StatusCode::kAlreadyExists);
  std::filesystem::remove(path_);
  EXPECT_EQ(AnchorFile::Open(path_).status().code(),
            absl::StatusCode::kNotFound);
}

// An append that the power cut short was never released.
TEST_F(AnchorFileTest, DropsATornLastLine) {
  const std::string whole = Content();
  const size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  for (size_t end = last; end < whole.size(); ++end) {
    const auto opened = OpenWith(whole.substr(0, end));
    ASSERT_TRUE(opened.ok()) << end;
    EXPECT_EQ((*opened)->Find("b/ledgers/x")->size, 1u);
    EXPECT_FALSE((*opened)->Find("b/ledgers/y").has_value());
  }
  const auto zeros =
      OpenWith(whole.substr(0, last) + std::string(50, '\0') + "\n");
  ASSERT_TRUE(zeros.ok());
  EXPECT_EQ((*zeros)->Find("b/ledgers/x")->size, 1u);
}

TEST_F(AnchorFileTest, RefusesDamageInAnEarlierLine) {
  const std::string whole = Content();
  const size_t first = whole.find('\n');
  for (size_t bit = 0; bit < first * 8; ++bit) {
    std::string altered = whole;
    altered[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_EQ(OpenWith(altered).status().code(), absl::StatusCode::kDataLoss)
        << bit;
  }
}

TEST_F(AnchorFileTest, RefusesLinesInTheWrongOrder) {
  const std::vector<std::string> lines = absl::StrSplit(Content(), '\n');
  EXPECT_EQ(
      OpenWith(absl::StrCat(lines[1], "\n", lines[0], "\n")).status().code(),
      absl::StatusCode::kDataLoss);
}

// A limit on the size of files stands for a full disk.
class FullDisk {
 public:
  explicit FullDisk(size_t bytes) {
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit full = {bytes, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  }
  ~FullDisk() {
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before_), 0);
    signal(SIGXFSZ, handler_);
  }

 private:
  const sighandler_t handler_ = signal(SIGXFSZ, SIG_IGN);
  rlimit before_ = {};
};

TEST_F(AnchorFileTest, ReplacesTheFileAfterTheDiskWasFull) {
  absl::Status failed;
  {
    const FullDisk full(Content().size() + 10);
    failed = file_->Record({At("b/ledgers/x", 4, 4)});
  }
  EXPECT_EQ(failed.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(IsDiskFull(failed)) << failed;
  EXPECT_EQ(file_->Find("b/ledgers/x")->size, 3u);
  ASSERT_TRUE(file_->Record({At("b/ledgers/x", 4, 4)}).ok());
  ASSERT_TRUE(file_->Record({At("b/ledgers/x", 5, 5)}).ok());
  const auto again = AnchorFile::Open(path_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->all().size(), file_->all().size());
  EXPECT_EQ((*again)->Find("b/ledgers/x")->size, 5u);
}

TEST_F(AnchorFileTest, FailsUntilItCanBeReplaced) {
  {
    const FullDisk full(10);
    for (int i = 0; i < 3; ++i) {
      const absl::Status failed = file_->Record({At("b/ledgers/x", 4, 4)});
      EXPECT_EQ(failed.code(), absl::StatusCode::kUnavailable) << failed;
    }
  }
  EXPECT_EQ((*AnchorFile::Open(path_))->Find("b/ledgers/x")->size, 3u);
  EXPECT_TRUE(file_->Record({At("b/ledgers/x", 4, 4)}).ok());
}

}  // namespace
}  // namespace entente::broker
