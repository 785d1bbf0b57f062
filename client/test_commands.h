// A folder and a clock for tests of commands on files.
#ifndef ENTENTE_CLIENT_TEST_COMMANDS_H_
#define ENTENTE_CLIENT_TEST_COMMANDS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "client/test_folder.h"
#include "client/test_ran.h"
#include "gtest/gtest.h"

namespace entente::client {

// A folder to write files in, and commands that nobody can be asked by.
class CommandRunTest : public testing::Test {
 protected:
  Ran Run(std::vector<std::string> arguments, const std::string& input = "") {
    return RunCommands(std::move(arguments),
                       {"", folder_ / "config", false, [this] { return now_; }},
                       input);
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
