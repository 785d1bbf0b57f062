#include "tests/demo/csv_table.h"

#include <cstdio>
#include <fstream>

#include "gtest/gtest.h"

namespace entente::demo {
namespace {

absl::StatusOr<CsvTable> Read(const std::string& text) {
  const std::string path = testing::TempDir() + "/entente_csv_table_test.csv";
  std::ofstream(path, std::ios::binary) << text;
  auto table = ReadCsv(path);
  std::remove(path.c_str());
  return table;
}

TEST(CsvTable, TrimsHeadersAndCells) {
  const auto table = Read("rec_id, name ,key\nrec-1, ann ,  7\r\nrec-2,,8");
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->header, (std::vector<std::string>{"rec_id", "name", "key"}));
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_EQ(table->rows[0][1], "ann");
  EXPECT_EQ(table->rows[0][2], "7");
  EXPECT_EQ(table->rows[1][1], "");
  EXPECT_EQ(table->Column("key"), 2);
  EXPECT_EQ(table->Column("other"), -1);
}

TEST(CsvTable, ReadsQuotedCells) {
  const auto table = Read("a,b\n\"x, \"\"y\"\"\", \"two\nlines\"\n");
  ASSERT_TRUE(table.ok());
  ASSERT_EQ(table->rows.size(), 1u);
  EXPECT_EQ(table->rows[0][0], "x, \"y\"");
  EXPECT_EQ(table->rows[0][1], "two\nlines");
}

TEST(CsvTable, SkipsAByteOrderMark) {
  EXPECT_EQ(Read("\xef\xbb\xbfid\n1\n")->header[0], "id");
}

TEST(CsvTable, RefusesNothingAndNoFile) {
  EXPECT_EQ(Read("").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadCsv("/nonexistent/file.csv").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace entente::demo
