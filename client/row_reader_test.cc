#include "client/row_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct All {
  absl::Status status;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<uint64_t> lines;
  std::vector<BadRow> bad;
};

All ReadAll(const std::string& name, const std::string& text,
            bool trim = true) {
  All all;
  std::istringstream in(text);
  const auto reader = ReadRows(name, &in, trim);
  all.status = reader.status();
  if (!reader.ok()) return all;
  all.columns = (*reader)->columns();
  Row row;
  while (true) {
    const absl::StatusOr<bool> more = (*reader)->Next(&row, &all.bad);
    all.status = more.status();
    if (!more.ok() || !*more) return all;
    all.rows.push_back(row.cells);
    all.lines.push_back(row.line);
  }
}

TEST(CsvTest, ReadsQuotesLineEndsAndAMark) {
  const All all = ReadAll("x.csv",
                          "\xEF\xBB\xBFid,name\r\n"
                          "1,\"Smith, \"\"Jo\"\"\"\n"
                          "\n"
                          "2,\"two\r\nlines\"\r\n"
                          "3,last");
  EXPECT_TRUE(all.status.ok());
  EXPECT_THAT(all.columns, ElementsAre("id", "name"));
  EXPECT_THAT(all.rows, ElementsAre(ElementsAre("1", "Smith, \"Jo\""),
                                    ElementsAre("2", "two\r\nlines"),
                                    ElementsAre("3", "last")));
  EXPECT_THAT(all.lines, ElementsAre(2, 4, 6));
  EXPECT_THAT(all.bad, IsEmpty());
}

TEST(CsvTest, TrimsOnlyWhenAsked) {
  EXPECT_THAT(ReadAll("x", " a , b\n 1, 2 \n").rows,
              ElementsAre(ElementsAre("1", "2")));
  const All kept = ReadAll("x", " a , b\n 1, 2 \n", false);
  EXPECT_THAT(kept.columns, ElementsAre(" a ", " b"));
  EXPECT_THAT(kept.rows, ElementsAre(ElementsAre(" 1", " 2 ")));
}

TEST(CsvTest, BadRowsAreNamedAndTheOthersGoOn) {
  const std::string kHuge(kMaxCellBytes + 1, 'x');
  struct Case {
    std::string row;
    std::string column;
    std::string reason;
  };
  const Case kCases[] = {
      {"1", "", "1 cells where the heading has 2"},
      {"1,2,3", "", "3 cells where the heading has 2"},
      {"1,a\"b", "name", "a quote inside a cell that is not quoted"},
      {"\"1\"x,b", "id", "text after a closing quote"},
      {"1,\xff", "name", "not UTF-8; save the file as UTF-8"},
      {std::string("1,\0", 3), "name", "a NUL character"},
      {"\xc0\xaf,\"a\nb\"", "id", "not UTF-8; save the file as UTF-8"},
      {"1," + kHuge, "name", "longer than 65536 bytes"}};
  for (const Case& bad : kCases) {
    const All all =
        ReadAll("x.csv", "id,name\n0,good\n" + bad.row + "\n9,fine\n");
    EXPECT_TRUE(all.status.ok());
    EXPECT_THAT(all.rows,
                ElementsAre(ElementsAre("0", "good"), ElementsAre("9", "fine")))
        << bad.reason;
    EXPECT_THAT(all.bad, ElementsAre(BadRow{2, 3, bad.column, bad.reason}));
  }
}

TEST(CsvTest, AQuoteThatNeverClosesIsReported) {
  const All all = ReadAll("x.csv", "a,b\n1,2\n3,\"oh\n4,5\n");
  EXPECT_THAT(all.rows, ElementsAre(ElementsAre("1", "2")));
  ASSERT_EQ(all.bad.size(), 1u);
  EXPECT_EQ(all.bad[0].column, "b");
  EXPECT_THAT(all.bad[0].reason, HasSubstr("opens in line 3"));
}

TEST(CsvTest, RefusesABadHeading) {
  for (const std::string& heading :
       {std::string(), std::string("a,a\n1,2\n"), std::string("a,\n1,2\n"),
        std::string("a,\xff\n"), std::string("a,\"b\n")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ReadAll("x.csv", heading).status))
        << heading;
  }
}

TEST(JsonLinesTest, ReadsFlatObjects) {
  const All all = ReadAll("x.jsonl",
                          "{\"id\":1,\"name\":\"Zoë\",\"ok\":true}\n"
                          "\n"
                          "{\"name\":null,\"id\":1.50}\r\n");
  EXPECT_TRUE(all.status.ok()) << all.status;
  EXPECT_THAT(all.columns, ElementsAre("id", "name", "ok"));
  EXPECT_THAT(all.rows, ElementsAre(ElementsAre("1", "Zoë", "true"),
                                    ElementsAre("1.50", "", "")));
  EXPECT_THAT(all.lines, ElementsAre(1, 3));
}

TEST(JsonLinesTest, BadRowsAreNamedAndTheOthersGoOn) {
  struct Case {
    std::string row;
    std::string column;
    std::string reason;
  };
  const Case kCases[] = {
      {"{\"id\":[1]}", "id", "a list"},
      {"{\"id\":{}}", "id", "a value inside a value"},
      {"{\"id\":1,\"id\":2}", "id", "the key stands twice"},
      {"{\"id\":1,\"new\":2}", "", "a key that the first row does not have"},
      {"[1]", "", "no object"},
      {"7", "", "no object"},
      {"{\"id\":\"\xff\"}", "", "not UTF-8; save the file as UTF-8"}};
  for (const Case& bad : kCases) {
    const All all =
        ReadAll("x.ndjson", "{\"id\":0}\n" + bad.row + "\n{\"id\":9}\n");
    EXPECT_THAT(all.rows, ElementsAre(ElementsAre("0"), ElementsAre("9")))
        << bad.reason;
    EXPECT_THAT(all.bad, ElementsAre(BadRow{2, 2, bad.column, bad.reason}));
  }
  const All broken = ReadAll("x.jsonl", "{\"id\":0}\n{\"id\":\n");
  ASSERT_EQ(broken.bad.size(), 1u);
  EXPECT_THAT(broken.bad[0].reason, HasSubstr("not JSON, at character"));
}

TEST(JsonLinesTest, RefusesABadFirstLine) {
  for (const std::string text : {"", "[]\n", "{}\n", "{\"\":1}\n", "nope\n"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ReadAll("x.jsonl", text).status))
        << text;
  }
}

}  // namespace
}  // namespace entente::client
