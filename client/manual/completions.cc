#include "client/manual/completions.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace entente::client {
namespace {

// What stands where a value goes.
enum class Kind { kNothing, kFile, kFolder, kFormat, kProfile };

Kind KindOf(const OptionEntry& option) {
  const std::string& what =
      option.is_positional ? option.names.front() : option.value;
  if (option.names.back() == "--profile") return Kind::kProfile;
  if (what == "FORMAT") return Kind::kFormat;
  if (what == "DIR" || what == "FOLDER" || what == "folder") {
    return Kind::kFolder;
  }
  return absl::StrContains(what, "FILE") || what == "file" ? Kind::kFile
                                                           : Kind::kNothing;
}

// Text within single quotes of a shell.
std::string Quoted(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

// `_entente_broker` of `entente-broker`.
std::string FunctionOf(const CommandEntry& program) {
  return absl::StrCat("_", absl::StrReplaceAll(program.name, {{"-", "_"}}));
}

// Visits every command with its path below the program, `agreement sign`.
void Walk(
    const CommandEntry& command, const std::string& path,
    const std::function<void(const CommandEntry&, const std::string&)>& visit) {
  visit(command, path);
  for (const CommandEntry& below : command.commands) {
    Walk(below, absl::StrCat(path, path.empty() ? "" : " ", below.name), visit);
  }
}

std::vector<std::string> OptionNames(const CommandEntry& command) {
  std::vector<std::string> names;
  for (const OptionEntry& option : command.options) {
    if (option.is_positional) continue;
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::vector<std::string> CommandNames(const CommandEntry& command) {
  std::vector<std::string> names;
  for (const CommandEntry& below : command.commands) {
    names.push_back(below.name);
  }
  return names;
}

bool TakesFiles(const CommandEntry& command) {
  for (const OptionEntry& option : command.options) {
    if (option.is_positional && KindOf(option) != Kind::kNothing) return true;
  }
  return false;
}

// `--a|--b` of all options of a kind, anywhere below `program`.
std::string Pattern(const CommandEntry& program,
                    const std::function<bool(const OptionEntry&)>& wanted) {
  std::vector<std::string> names;
  Walk(program, "", [&](const CommandEntry& command, const std::string&) {
    for (const OptionEntry& option : command.options) {
      if (option.is_positional || !wanted(option)) continue;
      for (const std::string& name : option.names) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
          names.push_back(name);
        }
      }
    }
  });
  return absl::StrJoin(names, "|");
}

std::string PatternOf(const CommandEntry& program, Kind kind) {
  return Pattern(program, [&](const OptionEntry& option) {
    return !option.value.empty() && KindOf(option) == kind;
  });
}

// One arm of a bash `case`, left out if nothing matches it.
std::string Arm(const std::string& pattern, absl::string_view body) {
  if (pattern.empty()) return "";
  return absl::StrCat("    ", pattern, ") ", body, " ;;\n");
}

constexpr absl::string_view kZshProfile =
    "_path_files -/ -W \"${XDG_CONFIG_HOME:-$HOME/.config}/entente\"";

std::string ZshAction(const OptionEntry& option) {
  switch (KindOf(option)) {
    case Kind::kFile:
      return "_files";
    case Kind::kFolder:
      return "_files -/";
    case Kind::kFormat:
      return "(table json ndjson csv)";
    case Kind::kProfile:
      return std::string(kZshProfile);
    case Kind::kNothing:
      break;
  }
  return " ";
}

std::string ZshText(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"\\", "\\\\"}, {"[", "\\["}, {"]", "\\]"}, {":", "\\:"}});
}

std::string ZshSpec(const OptionEntry& option) {
  const std::string value =
      absl::StrCat(":", ZshText(option.value), ":", ZshAction(option));
  if (option.is_positional) {
    return absl::StrCat("    ",
                        Quoted(absl::StrCat(option.is_required ? "" : ":", ":",
                                            ZshText(option.names.front()), ":",
                                            ZshAction(option))),
                        " \\\n");
  }
  std::string specs;
  for (const std::string& name : option.names) {
    absl::StrAppend(&specs, "    ",
                    Quoted(absl::StrCat(option.is_repeated ? "*" : "", name,
                                        "[", ZshText(option.help), "]",
                                        option.value.empty() ? "" : value)),
                    " \\\n");
  }
  return specs;
}

std::string FishValue(const OptionEntry& option) {
  if (option.value.empty()) return "";
  switch (KindOf(option)) {
    case Kind::kFile:
      return " -r -F";
    case Kind::kFolder:
      return " -x -a '(__fish_complete_directories)'";
    case Kind::kFormat:
      return " -x -a 'table json ndjson csv'";
    case Kind::kProfile:
      return " -x -a '(__entente_profiles)'";
    case Kind::kNothing:
      break;
  }
  return " -x";
}

std::string FishText(absl::string_view text) {
  return absl::StrCat(
      "'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

}  // namespace

std::string BashCompletion(const CommandEntry& program) {
  const std::string function = FunctionOf(program);
  const std::string takes_value = Pattern(
      program, [](const OptionEntry& option) { return !option.value.empty(); });
  std::string script = absl::StrCat(
      "# bash completion for ", program.name, "\n", function, "() {\n",
      "  local current=${COMP_WORDS[COMP_CWORD]} path= word i skip=0\n"
      "  local previous=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local profiles=${XDG_CONFIG_HOME:-$HOME/.config}/entente\n"
      "  COMPREPLY=()\n"
      "  case $previous in\n",
      Arm(PatternOf(program, Kind::kFormat),
          "COMPREPLY=($(compgen -W 'table json ndjson csv' -- \"$current\")); "
          "return"),
      Arm(PatternOf(program, Kind::kProfile),
          "COMPREPLY=($(cd \"$profiles\" 2>/dev/null && compgen -d -- "
          "\"$current\")); return"),
      Arm(PatternOf(program, Kind::kFolder),
          "COMPREPLY=($(compgen -d -- \"$current\")); return"),
      Arm(PatternOf(program, Kind::kFile),
          "COMPREPLY=($(compgen -f -- \"$current\")); return"),
      Arm(PatternOf(program, Kind::kNothing), "return"),
      "  esac\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    word=${COMP_WORDS[i]}\n"
      "    if ((skip)); then skip=0; continue; fi\n"
      "    case $word in\n      ",
      takes_value,
      ") skip=1 ;;\n"
      "      -*) ;;\n"
      "      *) path=\"$path $word\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case $path in\n");
  const std::vector<std::string> global = OptionNames(program);
  std::vector<std::string> arms;
  Walk(program, "", [&](const CommandEntry& command, const std::string& path) {
    std::vector<std::string> words = CommandNames(command);
    const std::vector<std::string> own = OptionNames(command);
    words.insert(words.end(), own.begin(), own.end());
    if (!path.empty()) words.insert(words.end(), global.begin(), global.end());
    arms.push_back(absl::StrCat(
        "    ", path.empty() ? "''" : absl::StrCat("' ", path, "'*"),
        ") COMPREPLY=($(compgen ", TakesFiles(command) ? "-f " : "", "-W '",
        absl::StrJoin(words, " "), "' -- \"$current\")) ;;\n"));
  });
  // The longest path first: a group's pattern matches its commands too.
  for (auto arm = arms.rbegin(); arm != arms.rend(); ++arm) script += *arm;
  absl::StrAppend(&script, "  esac\n}\ncomplete -o filenames -F ", function,
                  " ", program.name, "\n");
  return script;
}

std::string ZshCompletion(const CommandEntry& program) {
  std::string script = absl::StrCat("#compdef ", program.name, "\n\n");
  const std::string prefix = FunctionOf(program);
  std::string global;
  for (const OptionEntry& option : program.options) {
    if (!option.is_positional) global += ZshSpec(option);
  }
  Walk(program, "", [&](const CommandEntry& command, const std::string& path) {
    const std::string name =
        absl::StrCat(prefix, path.empty() ? "" : "_",
                     absl::StrReplaceAll(path, {{" ", "_"}, {"-", "_"}}));
    absl::StrAppend(&script, name, "() {\n");
    if (!command.commands.empty()) {
      absl::StrAppend(&script, "  local -a commands\n  commands=(\n");
      for (const CommandEntry& below : command.commands) {
        absl::StrAppend(
            &script, "    ",
            Quoted(absl::StrCat(below.name, ":", ZshText(below.help))), "\n");
      }
      absl::StrAppend(&script, "  )\n  local line state\n");
    }
    absl::StrAppend(&script, "  _arguments -s ",
                    command.commands.empty() ? "" : "-C ", "\\\n", global);
    for (const OptionEntry& option : command.options) {
      if (!path.empty()) script += ZshSpec(option);
    }
    if (command.commands.empty()) {
      absl::StrAppend(&script, "    && return 0\n}\n\n");
      return;
    }
    absl::StrAppend(&script,
                    "    '1: :->command' \\\n    '*:: :->rest' && return 0\n"
                    "  case $state in\n"
                    "    command) _describe command commands ;;\n"
                    "    rest) case $line[1] in\n");
    for (const CommandEntry& below : command.commands) {
      absl::StrAppend(&script, "      ", below.name, ") ", name, "_",
                      absl::StrReplaceAll(below.name, {{"-", "_"}}), " ;;\n");
    }
    absl::StrAppend(&script, "    esac ;;\n  esac\n}\n\n");
  });
  absl::StrAppend(&script, prefix, " \"$@\"\n");
  return script;
}

std::string FishCompletion(const CommandEntry& program) {
  const std::string at =
      absl::StrCat("__", absl::StrReplaceAll(program.name, {{"-", "_"}}));
  const std::string takes_value = absl::StrReplaceAll(
      Pattern(program,
              [](const OptionEntry& option) { return !option.value.empty(); }),
      {{"|", " "}});
  std::string script = absl::StrCat(
      "# fish completion for ", program.name, "\n", "function ", at,
      "_at --description 'whether the words so far are this command'\n"
      "  set -l path\n"
      "  set -l skip 0\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    if test $skip = 1\n"
      "      set skip 0\n"
      "    else if contains -- $word ",
      takes_value,
      "\n"
      "      set skip 1\n"
      "    else if not string match -q -- '-*' $word\n"
      "      set -a path $word\n"
      "    end\n"
      "  end\n"
      "  test \"$path\" = \"$argv\"\n"
      "end\n");
  if (!PatternOf(program, Kind::kProfile).empty()) {
    absl::StrAppend(&script,
                    "function __entente_profiles\n"
                    "  set -l base $HOME/.config\n"
                    "  set -q XDG_CONFIG_HOME; and set base $XDG_CONFIG_HOME\n"
                    "  for folder in $base/entente/*/\n"
                    "    basename $folder\n"
                    "  end\n"
                    "end\n");
  }
  absl::StrAppend(&script, "complete -c ", program.name, " -f\n");
  const auto add = [&](const std::string& condition,
                       const OptionEntry& option) {
    if (option.is_positional) return;
    std::string line = absl::StrCat("complete -c ", program.name, condition);
    for (const std::string& name : option.names) {
      absl::StrAppend(&line, absl::StartsWith(name, "--")
                                 ? absl::StrCat(" -l ", name.substr(2))
                                 : absl::StrCat(" -s ", name.substr(1)));
    }
    absl::StrAppend(&script, line, FishValue(option), " -d ",
                    FishText(option.help), "\n");
  };
  for (const OptionEntry& option : program.options) add("", option);
  Walk(program, "", [&](const CommandEntry& command, const std::string& path) {
    const std::string condition =
        absl::StrCat(" -n ", Quoted(absl::StrCat(at, "_at ", path)));
    for (const CommandEntry& below : command.commands) {
      absl::StrAppend(&script, "complete -c ", program.name, condition, " -a ",
                      below.name, " -d ", FishText(below.help), "\n");
    }
    if (TakesFiles(command)) {
      absl::StrAppend(&script, "complete -c ", program.name, condition,
                      " -F\n");
    }
    if (path.empty()) return;
    for (const OptionEntry& option : command.options) add(condition, option);
  });
  return script;
}

}  // namespace entente::client
