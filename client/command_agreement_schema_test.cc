// `agreement schema`.
#include <gmock/gmock.h>

#include "client/test_commands.h"
#include "policy/json_schema.h"

namespace entente::client {
namespace {

using testing::StartsWith;

using CommandAgreementSchemaTest = CommandRunTest;

TEST_F(CommandAgreementSchemaTest, PrintsTheSchemaAsItIs) {
  const Ran ran = Run({"agreement", "schema"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out, policy::SharingAgreementSchema());
  EXPECT_EQ(Run({"agreement", "schema", "-o", "json"}).out, ran.out);
}

TEST_F(CommandAgreementSchemaTest, HelpBeginsWithAnExample) {
  EXPECT_THAT(Run({"agreement", "schema", "--help"}).out,
              StartsWith("Example:\n  entente agreement schema"));
}

}  // namespace
}  // namespace entente::client
