#include "client/command_witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "client/commands.h"
#include "client/test_folder.h"
#include "client/test_ran.h"
#include "client/test_witnessed_log.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class CommandWitnessTest : public testing::Test {
 protected:
  Ran Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "witness");
    arguments.insert(arguments.end(), {"-o", "json"});
    return RunCommands(std::move(arguments), {"", folder_ / "config", false});
  }

  TestFolder folder_;
};

TEST_F(CommandWitnessTest, IsMadeAndShown) {
  const Ran made = Run({"init", folder_ / "w", "--name", "witness.example/w1"});
  ASSERT_EQ(made.exit, 0) << made.err;
  const std::string key = made.Out()["verifier_key"];
  EXPECT_THAT(key, StartsWith("witness.example/w1+"));
  EXPECT_THAT(made.err, HasSubstr("name the logs in "));
  folder_.Write("w/logs",
                absl::StrCat("log ", WitnessedLog("log.example/1").vkey()));
  const Ran shown = Run({"show", folder_ / "w"});
  ASSERT_EQ(shown.exit, 0) << shown.err;
  EXPECT_EQ(shown.Out()["verifier_key"], key);
  EXPECT_EQ(shown.Out()["logs"], 1);
}

TEST_F(CommandWitnessTest, SaysWhatIsWrong) {
  EXPECT_EQ(Run({"show", folder_ / "none"}).Error()["code"], "NOT_FOUND");
  EXPECT_NE(Run({"init", folder_ / "w", "--name", "two words"}).exit, 0);
  ASSERT_EQ(Run({"init", folder_ / "w", "--name", "w.example"}).exit, 0);
  EXPECT_EQ(Run({"init", folder_ / "w", "--name", "w.example"}).exit, 5);
  const Ran nowhere =
      Run({"serve", folder_ / "w", "--listen", "192.0.2.1:7380"});
  EXPECT_EQ(nowhere.exit, 7);
  EXPECT_THAT(nowhere.Error()["what"].get<std::string>(),
              HasSubstr("cannot listen on 192.0.2.1:7380"));
  const Ran no_address = Run({"serve", folder_ / "w", "--listen", "here"});
  EXPECT_NE(no_address.exit, 0);
  EXPECT_THAT(no_address.Error()["what"].get<std::string>(),
              HasSubstr("is not ADDRESS:PORT"));
}

}  // namespace
}  // namespace entente::client
