// The demo on two files of somebody's own, as the README has it.
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/world/process.h"

namespace entente::demo {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Rows of the sender: the first of them are the recipient's people too, the
// next have the number of somebody else there, and the last have none.
constexpr int kRows = 200;
constexpr int kSame = 120;
constexpr int kMistaken = 7;
constexpr int kBlank = 5;
// People whom only the recipient knows.
constexpr int kTheirs = 60;

class Pair : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / "entente-pair-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    // The demo takes programs by their names in one folder.
    fs::create_directory(folder_ + "/bin");
    fs::create_symlink(ENTENTE_PROGRAM, folder_ + "/bin/entente");
    fs::create_symlink(ENTENTE_BROKER_PROGRAM, folder_ + "/bin/entente-broker");
  }
  void TearDown() override {
    if (!HasFailure()) fs::remove_all(folder_);
  }

  static std::string Number(int person) {
    return absl::StrFormat("%07d", 4'000'000 + person * 31);
  }
  // Headers with blanks, a quoted cell, and an order of their own.
  void WriteFiles() {
    std::ofstream left(folder_ + "/a.csv");
    left << " rec_id , given name,soc_sec_id, street\n";
    for (int i = 0; i < kRows; ++i) {
      const bool is_blank = i >= kRows - kBlank;
      left << "rec-" << i << "-org,Given" << i << ", "
           << (is_blank ? "" : Number(i)) << ",\"" << i << ", High Street\"\n";
    }
    std::ofstream right(folder_ + "/b.csv");
    right << "soc_sec_id,rec_id\n";
    for (int i = kSame + kMistaken - 1; i >= 0; --i) {
      const int truth = i < kSame ? i : 10'000 + i;
      right << Number(i) << " ,rec-" << truth << "-dup-0\n";
    }
    for (int i = 0; i < kTheirs; ++i) {
      right << Number(1000 + i) << ",rec-" << 1000 + i << "-dup-0\n";
    }
  }
  world::Finished Demo(std::vector<std::string> words) {
    words.insert(words.begin(), {ENTENTE_DEMO, "--programs", folder_ + "/bin",
                                 "--data", "unused", "-o", "json"});
    const auto ran = world::RunProgram(words);
    EXPECT_TRUE(ran.ok()) << ran.status();
    return ran.ok() ? *ran : world::Finished();
  }

  std::string folder_;
};

TEST_F(Pair, IsMatchedCountedAndKept) {
  WriteFiles();
  const std::string kept = folder_ + "/kept";
  const world::Finished ran =
      Demo({"--left", folder_ + "/a.csv", "--right", folder_ + "/b.csv",
            "--key", "soc_sec_id", "--truth", "rec_id", "--keep", kept});
  ASSERT_EQ(ran.exit_code, 0) << ran.err << ran.out;
  const std::vector<std::string> lines =
      absl::StrSplit(ran.out, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 1u) << ran.out;
  json told = json::parse(lines[0], nullptr, false);
  ASSERT_TRUE(told.is_object()) << lines[0];
  EXPECT_GT(told.value("seconds", 0.0), 0);
  EXPECT_GT(told.value("ledger_entries", 0), 0);
  const int entries = told.value("ledger_entries", 0);
  told.erase("seconds");
  told.erase("ledger_entries");
  EXPECT_EQ(told, (json{{"sent", kRows},
                        {"received", kRows},
                        {"matched", kSame + kMistaken},
                        {"correct", kSame},
                        {"wrong", kMistaken},
                        {"refused", 1},
                        {"ledger_verified", true}}));

  // What each side got, and a ledger that anybody can verify.
  EXPECT_TRUE(fs::exists(kept + "/left/sent.csv"));
  EXPECT_TRUE(fs::exists(kept + "/left/sent.json"));
  int records = 0;
  std::string received;
  for (const auto& file : fs::directory_iterator(kept + "/right")) {
    if (file.path().extension() != ".jsonl") continue;
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line); ++records) received += line;
  }
  EXPECT_EQ(records, kRows);
  EXPECT_NE(received.find("High Street"), std::string::npos);
  EXPECT_EQ(received.find("rec-"), std::string::npos) << "the truth was sent";
  EXPECT_EQ(received.find(Number(3)), std::string::npos) << "a key was sent";
  for (const char* part : {"checkpoint", "tile", "log.vkey"}) {
    EXPECT_TRUE(fs::exists(absl::StrCat(kept, "/ledger/", part))) << part;
  }
  const auto verified = world::RunProgram(
      {ENTENTE_PROGRAM, "audit", "verify", kept + "/ledger", "-o", "json"});
  ASSERT_TRUE(verified.ok());
  EXPECT_EQ(verified->exit_code, 0) << verified->err;
  EXPECT_EQ(json::parse(verified->out).value("size", 0), entries);

  // A folder that holds something is left alone.
  EXPECT_EQ(Demo({"--left", folder_ + "/a.csv", "--right", folder_ + "/b.csv",
                  "--key", "soc_sec_id", "--keep", kept})
                .exit_code,
            2);
}

TEST_F(Pair, WithoutTheColumnItSaysSo) {
  WriteFiles();
  const world::Finished ran =
      Demo({"--left", folder_ + "/a.csv", "--right", folder_ + "/b.csv",
            "--key", "nhs_number", "--keep", folder_ + "/kept"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_NE(ran.err.find("a file has no column nhs_number"), std::string::npos)
      << ran.err;
}

}  // namespace
}  // namespace entente::demo
