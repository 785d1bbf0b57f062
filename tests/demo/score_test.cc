#include "tests/demo/score.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"

namespace entente::demo {
namespace {

CsvTable People(std::vector<std::string> ids) {
  CsvTable table;
  table.header = {"rec_id"};
  for (std::string& id : ids) table.rows.push_back({std::move(id)});
  return table;
}

class ScoreMatchesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        testing::TempDir() + "/entente_score_test." + std::to_string(getpid());
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/sent.csv")
        << "row,recipient,batch,index\n1,r,aa,1\n2,r,aa,0\n3,r,aa,2\n";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  absl::StatusOr<Score> Of(const std::string& records,
                           const std::string& truth = "rec_id") {
    std::ofstream(folder_ + "/aa.jsonl") << records;
    return ScoreMatches(folder_ + "/sent.csv", folder_,
                        People({"rec-7-org", "rec-8-org", "rec-9-org"}),
                        People({"rec-8-dup-0", "rec-7-dup-0"}), truth);
  }

  std::string folder_;
};

std::string Record(int index, const std::string& matches) {
  return "{\"batch\":\"aa\",\"index\":" + std::to_string(index) +
         ",\"fields\":{},\"pseudonyms\":{\"key\":{\"pseudonym\":\"x\","
         "\"matches\":[" +
         matches + "]}}}\n";
}

TEST_F(ScoreMatchesTest, CountsRightAndWrongPeople) {
  const auto score =
      Of(Record(0, "\"1\"") + Record(1, "\"1\"") + Record(2, ""));
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_EQ(score->correct, 1);  // record 0 is row 2, person 8, as row 1 there
  EXPECT_EQ(score->wrong, 1);    // record 1 is row 1, person 7
}

TEST_F(ScoreMatchesTest, AMatchWithSeveralIsRightOnlyIfAllAre) {
  EXPECT_EQ(Of(Record(0, "\"1\",\"2\""))->wrong, 1);
}

TEST_F(ScoreMatchesTest, RefusesRecordsThatWereNeverSentAndMissingColumns) {
  EXPECT_FALSE(Of(Record(9, "\"1\"")).ok());
  EXPECT_FALSE(Of(Record(0, "\"1\""), "other").ok());
  EXPECT_FALSE(Of(Record(0, "\"77\"")).ok());
}

TEST(FirstDigits, TakesTheFirstRun) {
  EXPECT_EQ(FirstDigits("rec-1070-org"), "1070");
  EXPECT_EQ(FirstDigits("rec-561-dup-0"), "561");
  EXPECT_EQ(FirstDigits("none"), "");
  EXPECT_EQ(FirstDigits("x12"), "12");
}

}  // namespace
}  // namespace entente::demo
