#include "client/manual/command_tree.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace entente::client {
namespace {

using Json = nlohmann::json;

OptionEntry ReadOption(const Json& json) {
  OptionEntry option;
  option.names = absl::StrSplit(json.at("names").get<std::string>(), ',');
  option.value = json.at("value").get<std::string>();
  option.help = json.at("help").get<std::string>();
  option.default_value = json.at("default").get<std::string>();
  option.is_positional = json.at("positional").get<bool>();
  option.is_required = json.at("required").get<bool>();
  option.is_repeated = json.at("repeated").get<bool>();
  return option;
}

CommandEntry ReadCommand(const Json& json) {
  CommandEntry command;
  command.name = json.at("name").get<std::string>();
  command.help = json.at("help").get<std::string>();
  command.example = json.at("example").get<std::string>();
  for (const Json& option : json.at("options")) {
    command.options.push_back(ReadOption(option));
  }
  for (const Json& below : json.at("commands")) {
    command.commands.push_back(ReadCommand(below));
  }
  return command;
}

}  // namespace

absl::StatusOr<CommandEntry> ParseCommandTree(absl::string_view json) {
  try {
    return ReadCommand(Json::parse(json.begin(), json.end()));
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat("no description of commands: ", error.what()));
  }
}

}  // namespace entente::client
