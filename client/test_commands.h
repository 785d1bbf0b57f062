// For tests: the whole command line, run in this process.
#ifndef ENTENTE_CLIENT_TEST_COMMANDS_H_
#define ENTENTE_CLIENT_TEST_COMMANDS_H_

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "client/commands.h"
#include "client/test_folder.h"
#include "crypto/json.h"
#include "gtest/gtest.h"

namespace entente::client {

// What became of one command.
struct CommandRun {
  int exit = 0;
  std::string out;
  std::string err;

  // The one object on standard output; null if it is anything else.
  crypto::Json json() const {
    const auto parsed = crypto::ParseJson(out.substr(0, out.size() - 1));
    EXPECT_TRUE(parsed.ok()) << out << err;
    return parsed.ok() ? *parsed : crypto::Json();
  }
  // The error on standard error, of a run with -o json.
  crypto::Json error() const {
    const size_t begin = err.find("{\"schema\":1,\"error\":");
    if (begin == std::string::npos) return {};
    const auto parsed =
        crypto::ParseJson(err.substr(begin, err.size() - begin - 1));
    return parsed.ok() ? (*parsed)["error"] : crypto::Json();
  }
  std::string code() const {
    const crypto::Json failure = error();
    return failure.is_object() ? failure["code"].get<std::string>() : "";
  }
};

// A folder to write files in, and commands that nobody can be asked by.
class CommandRunTest : public testing::Test {
 protected:
  CommandRun Run(std::vector<std::string> arguments,
                 const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    Invocation invocation;
    invocation.arguments = std::move(arguments);
    invocation.in = &in;
    invocation.out = &out;
    invocation.err = &err;
    invocation.environment = {"", folder_ / "config", false,
                              [this] { return now_; }};
    const ExitCode exit = RunCommandLine(invocation, AllCommands());
    return {static_cast<int>(exit), out.str(), err.str()};
  }

  // Writes a document and gives its file.
  std::string File(const std::string& name, const std::string& text) {
    folder_.Write(name, text);
    return folder_ / name;
  }

  TestFolder folder_;
  // The small document is in force.
  absl::Time now_ =
      absl::FromCivil(absl::CivilDay(2027, 3, 1), absl::UTCTimeZone());
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TEST_COMMANDS_H_
