// What a command said, as tests of commands read it.
#ifndef ENTENTE_CLIENT_TEST_RAN_H_
#define ENTENTE_CLIENT_TEST_RAN_H_

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/commands.h"
#include "crypto/json.h"

namespace entente::client {

// Of a run with `-o json`, but for the three themselves.
struct Ran {
  int exit = 0;
  std::string out;
  std::string err;

  // The one object on standard output; null if it is anything else.
  crypto::Json Out() const { return Line(out); }
  // The error, which is the last line; talk may come before it. Null if there
  // is none.
  crypto::Json Error() const {
    const size_t begin = err.find("{\"schema\":1,\"error\":");
    if (begin == std::string::npos) return nullptr;
    return Line(absl::string_view(err).substr(begin))["error"];
  }
  std::string Code() const {
    const crypto::Json error = Error();
    return error.is_null() ? "" : error["code"].get<std::string>();
  }

 private:
  static crypto::Json Line(absl::string_view text) {
    crypto::Json parsed = crypto::Json::parse(text.begin(), text.end(), nullptr,
                                              /*allow_exceptions=*/false);
    EXPECT_FALSE(parsed.is_discarded()) << text;
    return parsed.is_discarded() ? crypto::Json() : parsed;
  }
};

// The whole command line, run in this process.
inline Ran RunCommands(std::vector<std::string> arguments,
                       Session::Environment environment,
                       const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  Invocation invocation;
  invocation.arguments = std::move(arguments);
  invocation.in = &in;
  invocation.out = &out;
  invocation.err = &err;
  invocation.environment = std::move(environment);
  const ExitCode exit = RunCommandLine(invocation, AllCommands());
  return {static_cast<int>(exit), out.str(), err.str()};
}

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TEST_RAN_H_
