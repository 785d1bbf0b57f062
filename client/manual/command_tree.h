// A program's commands and options, as it describes them itself.
#ifndef ENTENTE_CLIENT_MANUAL_COMMAND_TREE_H_
#define ENTENTE_CLIENT_MANUAL_COMMAND_TREE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::client {

struct OptionEntry {
  std::vector<std::string> names;  // `-o`, `--output`; or `FILE`
  std::string value;               // placeholder; empty: a flag
  std::string help;
  std::string default_value;
  bool is_positional = false;
  bool is_required = false;
  bool is_repeated = false;
};

struct CommandEntry {
  std::string name;
  std::string help;
  std::string example;
  std::vector<OptionEntry> options;
  std::vector<CommandEntry> commands;
};

// Reads what `PROGRAM --describe-commands` prints. InvalidArgument if it is not
// of that form.
absl::StatusOr<CommandEntry> ParseCommandTree(absl::string_view json);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_MANUAL_COMMAND_TREE_H_
