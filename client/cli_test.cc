#include "client/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct CliRan {
  ExitCode exit;
  std::string out;
  std::string err;
};

class CliTest : public testing::Test {
 protected:
  // Two groups with commands that use every kind of option.
  void Declare(Command& root) {
    Command group = root.Sub("thing", "Things", "entente thing make x");
    group.Sub("make", "Makes one", "entente thing make x --count 3")
        .Positional("NAME", "Which", &name_)
        .Option("--kind", "KIND", "Of which kind", &kind_)
        .Repeated("--map", "A=B", "Pairs", &pairs_)
        .Number("--count", "N", "How many", &count_, 1, 10)
        .Flag("--force", "Even so", &force_)
        .Does(Effect::kMutates, Prints::kOne, [this](Session& session) {
          ++ran_;
          session.out().Print({{"name", name_}});
          return result_;
        });
    group.Sub("list", "Lists them", "entente thing list")
        .Does(Effect::kReads, Prints::kList, [](Session& session) {
          session.out().PrintList("things", {"name"}, {{{"name", "x"}}});
          return absl::OkStatus();
        });
    group.Sub("confirm", "Asks", "entente thing confirm")
        .Does(Effect::kReads, Prints::kOne, [](Session& session) {
          return session.Confirm("Really?", "yes", "say --yes");
        });
    group.Sub("profile", "Opens the profile", "entente thing profile")
        .Does(Effect::kMutates, Prints::kOne,
              [](Session& session) { return session.OpenProfile().status(); });
  }

  CliRan Run(std::vector<std::string> arguments, bool interactive = false,
             const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    Invocation invocation;
    invocation.arguments = std::move(arguments);
    invocation.in = &in;
    invocation.out = &out;
    invocation.err = &err;
    invocation.environment = {"", folder_.path(), interactive};
    const ExitCode exit =
        RunCommandLine(invocation, {[this](Command& root) { Declare(root); }});
    return {exit, out.str(), err.str()};
  }

  TestFolder folder_;
  std::string name_;
  std::string kind_;
  std::vector<std::string> pairs_;
  uint64_t count_ = 1;
  bool force_ = false;
  int ran_ = 0;
  absl::Status result_;
};

TEST_F(CliTest, ReadsOptionsInAnyOrder) {
  const CliRan ran =
      Run({"thing", "make", "--map", "a=b", "x", "--kind", "k", "--map", "c=d",
           "--count", "3", "--force", "-o", "json", "--quiet"});
  EXPECT_EQ(ran.exit, ExitCode::kOk) << ran.err;
  EXPECT_EQ(ran.out, "{\"schema\":1,\"name\":\"x\"}\n");
  EXPECT_EQ(kind_, "k");
  EXPECT_THAT(pairs_, testing::ElementsAre("a=b", "c=d"));
  EXPECT_EQ(count_, 3u);
  EXPECT_TRUE(force_);
  EXPECT_EQ(Run({"-o", "json", "thing", "make", "x"}).out, ran.out);
}

TEST_F(CliTest, UsageErrorsExitWithTwoAndRunNothing) {
  const std::vector<std::vector<std::string>> kCases = {
      {},
      {"thing"},
      {"nothing"},
      {"thing", "make"},
      {"thing", "make", "x", "y"},
      {"thing", "make", "x", "--unknown"},
      {"thing", "make", "x", "--count", "11"},
      {"thing", "make", "x", "--count", "-1"},
      {"thing", "make", "x", "--count", "many"},
      {"thing", "make", "x", "-o", "xml"},
      {"thing", "make", "x", "-o", "csv"},
      {"thing", "make", "x", "-o", "ndjson"}};
  for (const auto& arguments : kCases) {
    const CliRan ran = Run(arguments);
    EXPECT_EQ(ran.exit, ExitCode::kUsage) << testing::PrintToString(arguments);
    EXPECT_THAT(ran.err, HasSubstr("USAGE"));
    EXPECT_EQ(ran.out, "");
  }
  EXPECT_EQ(ran_, 0);
}

TEST_F(CliTest, ListsHaveEveryFormat) {
  EXPECT_EQ(Run({"thing", "list"}).out, "name\nx\n");
  EXPECT_EQ(Run({"thing", "list", "-o", "csv"}).out, "name\r\nx\r\n");
  EXPECT_EQ(Run({"thing", "list", "-o", "ndjson"}).out,
            "{\"schema\":1,\"name\":\"x\"}\n");
  EXPECT_EQ(Run({"thing", "list", "-o", "json"}).out,
            "{\"schema\":1,\"things\":[{\"name\":\"x\"}]}\n");
}

TEST_F(CliTest, HelpBeginsWithAnExample) {
  for (const auto& [arguments, example] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--help"}, "Example:\n  entente "},
           {{"thing", "--help"}, "Example:\n  entente thing make x\n"},
           {{"thing", "make", "--help"},
            "Example:\n  entente thing make x --count 3\n"}}) {
    const CliRan ran = Run(arguments);
    EXPECT_EQ(ran.exit, ExitCode::kOk);
    EXPECT_THAT(ran.out, StartsWith(example));
    EXPECT_EQ(ran.err, "");
  }
  EXPECT_THAT(Run({"thing", "make", "--help"}).out, HasSubstr("--kind KIND"));
  EXPECT_THAT(Run({"--help"}).out, HasSubstr("thing"));
}

TEST_F(CliTest, EveryFailureHasItsExitCode) {
  for (int exit = 1; exit <= 8; ++exit) {
    result_ = ToStatus(
        {.what = "no", .code = "NO", .exit = static_cast<ExitCode>(exit)});
    EXPECT_EQ(static_cast<int>(Run({"thing", "make", "x"}).exit), exit);
  }
}

TEST_F(CliTest, ErrorsAreJsonWhenAskedFor) {
  result_ = ToStatus({.what = "no", .code = "NO", .exit = ExitCode::kRefused});
  EXPECT_EQ(Run({"thing", "make", "x", "-o", "json"}).err,
            "{\"schema\":1,\"error\":{\"what\":\"no\",\"why\":\"\",\"next\":"
            "\"\",\"code\":\"NO\",\"request_id\":\"\",\"exit\":3}}\n");
}

TEST_F(CliTest, AsksOnlyPeople) {
  EXPECT_EQ(Run({"thing", "confirm"}, true, "yes\n").exit, ExitCode::kOk);
  EXPECT_THAT(Run({"thing", "confirm"}, true, "no\n").err,
              HasSubstr("NOT_CONFIRMED"));
  EXPECT_EQ(Run({"thing", "confirm"}, true, "").exit, ExitCode::kFailed);
  const CliRan script = Run({"thing", "confirm"}, false, "yes\n");
  EXPECT_EQ(script.exit, ExitCode::kUsage);
  EXPECT_THAT(script.err, HasSubstr("say --yes"));
  EXPECT_EQ(Run({"thing", "confirm", "--no-input"}, true, "yes\n").exit,
            ExitCode::kUsage);
}

TEST_F(CliTest, NamesTheProfileOnStandardError) {
  ProfileSettings settings;
  settings.agency = "wessex";
  settings.role = ProfileRole::kAuditor;
  settings.trust_domain = "test";
  settings.broker_address = "localhost:1";
  settings.broker_name = "broker.test";
  ASSERT_TRUE(Profile::Create(folder_ / "one", settings).ok());
  EXPECT_EQ(Run({"thing", "profile"}).err,
            "profile: one (wessex, auditor, broker localhost:1)\n");
  EXPECT_EQ(Run({"thing", "profile", "--quiet"}).err, "");
  ASSERT_TRUE(Profile::Create(folder_ / "two", settings).ok());
  EXPECT_EQ(Run({"thing", "profile"}).exit, ExitCode::kUsage);
  EXPECT_EQ(Run({"--profile", "two", "thing", "profile"}).exit, ExitCode::kOk);
  EXPECT_EQ(Run({"thing", "profile", "--profile", folder_ / "two"}).exit,
            ExitCode::kOk);
}

}  // namespace
}  // namespace entente::client
