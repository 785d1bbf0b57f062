#include "policy/path.h"

#include "gtest/gtest.h"

namespace entente::policy {
namespace {

TEST(PathTest, IsWrittenAsMessagesNameIt) {
  const Path document;
  EXPECT_EQ(document.Text(), "");
  EXPECT_EQ(document.Key("flows").Text(), "flows");
  const Path flows("flows");
  EXPECT_EQ(flows.Text(), "flows");
  const Path flow = flows.Item(0);
  EXPECT_EQ(flow.Text(), "flows[0]");
  const Path release = flow.Key("release");
  EXPECT_EQ(release.Key("address").Text(), "flows[0].release.address");
  EXPECT_EQ(flow.Key("rows").Item(12).Text(), "flows[0].rows[12]");
}

TEST(PathTest, ACopyIsTheSamePlace) {
  const Path flows("flows");
  const Path copy = flows.Item(3);
  EXPECT_EQ(copy.Key("to").Text(), "flows[3].to");
}

}  // namespace
}  // namespace entente::policy
