#include "client/row_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_cat.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string Numbers(size_t rows) {
  std::string csv = "number\n";
  for (size_t i = 1; i <= rows; ++i) absl::StrAppend(&csv, i, "\n");
  return csv;
}

TEST(RowSource, GivesEveryRowOnceInBlocks) {
  std::stringstream in(Numbers(2 * kBlockRows + 1));
  const auto source = RowSource::Open("-", &in);
  ASSERT_TRUE(source.ok()) << source.status();
  uint64_t next = 1;
  int blocks = 0;
  for (bool last = false; !last; ++blocks) {
    const auto block = (*source)->Next();
    ASSERT_TRUE(block.ok()) << block.status();
    EXPECT_THAT(block->columns, ElementsAre("number"));
    EXPECT_LE(block->rows.size(), kBlockRows);
    EXPECT_EQ(block->count, block->rows.size());
    for (const Row& row : block->rows) {
      ASSERT_EQ(row.number, next);
      ASSERT_EQ(row.cells[0], absl::StrCat(next));
      ++next;
    }
    last = block->last;
  }
  EXPECT_EQ(next, 2 * kBlockRows + 2);
  EXPECT_EQ(blocks, 3);
}

TEST(RowSource, AFullLastBlockIsFollowedByAnEmptyOne) {
  std::stringstream in(Numbers(kBlockRows));
  const auto source = RowSource::Open("-", &in);
  ASSERT_TRUE(source.ok());
  const auto full = (*source)->Next();
  ASSERT_TRUE(full.ok());
  EXPECT_THAT(full->rows, SizeIs(kBlockRows));
  EXPECT_FALSE(full->last);
  const auto rest = (*source)->Next();
  ASSERT_TRUE(rest.ok());
  EXPECT_THAT(rest->rows, IsEmpty());
  EXPECT_TRUE(rest->last);
}

TEST(RowSource, LongRowsMakeSmallBlocks) {
  const std::string cell(kMaxCellBytes, 'x');
  std::string csv = "text\n";
  const size_t rows = kBlockBytes / kMaxCellBytes + 10;
  for (size_t i = 0; i < rows; ++i) absl::StrAppend(&csv, cell, "\n");
  std::stringstream in(csv);
  const auto source = RowSource::Open("-", &in);
  ASSERT_TRUE(source.ok());
  const auto block = (*source)->Next();
  ASSERT_TRUE(block.ok());
  EXPECT_THAT(block->rows, SizeIs(kBlockBytes / kMaxCellBytes));
  EXPECT_FALSE(block->last);
}

TEST(RowSource, BadRowsAreCountedOnceWithTheGoodOnes) {
  std::stringstream in("a,b\n1,2\n3\n4,5,6\n7,8\n");
  const auto source = RowSource::Open("-", &in);
  ASSERT_TRUE(source.ok());
  const auto block = (*source)->Next();
  ASSERT_TRUE(block.ok());
  EXPECT_THAT(block->rows, SizeIs(2));
  EXPECT_EQ(CountRows(block->bad), 2u);
  EXPECT_EQ(block->count, 4u);
}

TEST(RowSource, AMissingFileIsNotFound) {
  const TestFolder folder;
  EXPECT_TRUE(
      absl::IsNotFound(RowSource::Open(folder / "none.csv", nullptr).status()));
}

TEST(RowSource, TellsHowMuchOfAFileWasRead) {
  const TestFolder folder;
  folder.Write("rows.csv", Numbers(4 * kBlockRows));
  const auto source = RowSource::Open(folder / "rows.csv", nullptr);
  ASSERT_TRUE(source.ok());
  double before = 0;
  for (bool last = false; !last;) {
    const auto block = (*source)->Next();
    ASSERT_TRUE(block.ok());
    ASSERT_TRUE((*source)->share_read().has_value());
    EXPECT_GE(*(*source)->share_read(), before);
    before = *(*source)->share_read();
    last = block->last;
  }
  EXPECT_EQ(before, 1.0);
}

TEST(RowSource, NobodyKnowsHowMuchOfAStreamIsLeft) {
  std::stringstream in("a\n1\n");
  const auto source = RowSource::Open("-", &in);
  ASSERT_TRUE(source.ok());
  EXPECT_FALSE((*source)->share_read().has_value());
}

}  // namespace
}  // namespace entente::client
