#include "tests/demo/document.h"

#include "gtest/gtest.h"
#include "policy/check.h"

namespace entente::demo {
namespace {

world::Facts Sample() {
  return {absl::CivilDay(2026, 11, 25),
          "broker.demo.example",
          "QP5BGyAPMWD+gsKBq6fTkIzENQhshiAMcfQn3JxB05A=",
          std::string(64, 'a'),
          std::string(64, 'b'),
          std::string(64, 'c')};
}

TEST(Document, TheStoryPassesItsCheck) {
  const policy::CheckResult result =
      policy::Check("story.yaml", StoryDocument(Sample()));
  EXPECT_TRUE(result.ok()) << result.report;
}

TEST(Document, AnybodysColumnsPassTheCheck) {
  const std::vector<MappedColumn> columns =
      MapColumns({"soc_sec_id", "Given Name", "address 1", "1st", "x", "x"});
  EXPECT_EQ(columns[1].field, "given_name");
  EXPECT_EQ(columns[3].field, "c_1st");
  EXPECT_NE(columns[4].field, columns[5].field);
  const policy::CheckResult result = policy::Check(
      "mapped.yaml", MappedDocument(Sample(), columns.front(),
                                    {columns.begin() + 1, columns.end()}));
  EXPECT_TRUE(result.ok()) << result.report;
}

}  // namespace
}  // namespace entente::demo
