#include "client/output.h"

#include <gtest/gtest.h>

#include <sstream>

#include "client/csv_writer.h"
#include "client/json_text.h"

namespace entente::client {
namespace {

struct Printed {
  std::string out;
  std::string err;
};

Printed With(Format format, const std::function<void(Output&)>& print,
             bool quiet = false) {
  std::ostringstream out;
  std::ostringstream err;
  Output output(&out, &err, format, quiet);
  print(output);
  return {out.str(), err.str()};
}

const std::vector<Record> kRows = {
    {{"name", "Zoë"}, {"count", 5}, {"fields", std::vector<Value>{"a", "b"}}},
    {{"name", "東京"}, {"count", -10}, {"fields", std::vector<Value>{}}}};

std::string ListIn(Format format) {
  return With(format,
              [](Output& output) {
                output.PrintList("people", {"name", "count", "fields"}, kRows);
              })
      .out;
}

TEST(OutputTest, TablesAlignByDisplayWidth) {
  EXPECT_EQ(ListIn(Format::kTable),
            "name  count  fields\n"
            "Zoë   5      a, b\n"
            "東京  -10\n");
}

TEST(OutputTest, ListsAsJsonNdjsonAndCsv) {
  EXPECT_EQ(ListIn(Format::kJson),
            "{\"schema\":1,\"people\":["
            "{\"name\":\"Zoë\",\"count\":5,\"fields\":[\"a\",\"b\"]},"
            "{\"name\":\"東京\",\"count\":-10,\"fields\":[]}]}\n");
  EXPECT_EQ(
      ListIn(Format::kNdjson),
      "{\"schema\":1,\"name\":\"Zoë\",\"count\":5,\"fields\":[\"a\",\"b\"]}\n"
      "{\"schema\":1,\"name\":\"東京\",\"count\":-10,\"fields\":[]}\n");
  EXPECT_EQ(ListIn(Format::kCsv),
            "name,count,fields\r\nZoë,5,\"a, b\"\r\n東京,-10,\r\n");
}

TEST(OutputTest, OneRecord) {
  const auto print = [](Output& output) {
    output.Print({{"ok", true}, {"nothing", Value()}, {"deep", kRows[0]}});
  };
  EXPECT_EQ(With(Format::kJson, print).out,
            "{\"schema\":1,\"ok\":true,\"nothing\":null,\"deep\":"
            "{\"name\":\"Zoë\",\"count\":5,\"fields\":[\"a\",\"b\"]}}\n");
  EXPECT_EQ(With(Format::kTable,
                 [](Output& o) {
                   o.Print({{"ok", false}, {"id", "x"}});
                 })
                .out,
            "ok  no\nid  x\n");
  EXPECT_EQ(With(Format::kJson, [](Output& o) { o.Print({}); }).out,
            "{\"schema\":1}\n");
}

TEST(OutputTest, StreamsHaveOneHeading) {
  const auto print = [](Output& output) {
    for (const Record& row : kRows) output.StreamRow(row);
  };
  EXPECT_EQ(With(Format::kCsv, print).out, ListIn(Format::kCsv));
  EXPECT_EQ(With(Format::kNdjson, print).out, ListIn(Format::kNdjson));
  EXPECT_EQ(With(Format::kTable, print).out,
            "name  count  fields\nZoë  5  a, b\n東京  -10  \n");
}

TEST(OutputTest, NothingMovesTheCursor) {
  const std::string evil = "a\x1b[2J\xe2\x80\xae\rb\xff";
  const Printed table = With(Format::kTable, [&](Output& output) {
    output.Print({{"x", evil}});
    output.PrintList("l", {"x"}, {{{"x", evil}}});
    output.StreamRow({{"x", evil}});
    output.PrintText(evil);
    output.Say(evil);
    output.Ask(evil);
  });
  for (const std::string& text : {table.out, table.err}) {
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\r'), std::string::npos);
    EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
  }
  EXPECT_EQ(JsonString(evil), "\"a\\u001b[2J\\u202e\\u000db\xEF\xBF\xBD\"");
}

TEST(OutputTest, QuietSilencesTalkAndNothingElse) {
  const auto print = [](Output& output) {
    output.Say("working");
    output.Fail({.what = "no", .code = "NO"});
  };
  EXPECT_EQ(With(Format::kTable, print, true).err,
            "error:   no\ncode:    NO\n");
  EXPECT_EQ(With(Format::kTable, print).err,
            "working\nerror:   no\ncode:    NO\n");
  EXPECT_EQ(With(Format::kJson, print, true).err.substr(0, 20),
            "{\"schema\":1,\"error\":");
}

TEST(OutputTest, FormatsHaveNames) {
  EXPECT_EQ(*ParseFormat("ndjson"), Format::kNdjson);
  EXPECT_EQ(FromStatus(ParseFormat("xml").status()).exit, ExitCode::kUsage);
}

TEST(CsvLineTest, QuotesWhatNeedsIt) {
  EXPECT_EQ(CsvLine({"a", "b,c", "d\"e", "f\ng", " h", ""}),
            "a,\"b,c\",\"d\"\"e\",\"f\ng\",\" h\",\r\n");
  EXPECT_EQ(CsvLine({""}), "\"\"\r\n");
}

TEST(CsvLineTest, SpreadsheetsSeeNoFormula) {
  const std::pair<std::string, std::string> kCases[] = {
      {"=1+1", "'=1+1"}, {"+cmd", "'+cmd"},  {"-cmd", "'-cmd"},
      {"@SUM", "'@SUM"}, {"-12.5", "-12.5"}, {"+44", "+44"}};
  for (const auto& [cell, want] : kCases) {
    EXPECT_EQ(CsvLine({"x", cell}), "x," + want + "\r\n");
  }
  EXPECT_EQ(CsvLine({"x", "\tx"}), "x,'\tx\r\n");
}

}  // namespace
}  // namespace entente::client
