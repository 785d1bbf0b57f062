#include "client/cli.h"

#include <CLI/CLI.hpp>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace entente::client {
namespace {

std::string Str(absl::string_view text) { return std::string(text); }

// Asks for what follows in place of everything else. Manual pages and
// completions are made from the answer when the project is built.
constexpr absl::string_view kDescribe = "--describe-commands";

Record Describe(const CLI::Option& option) {
  const bool is_positional =
      option.get_lnames().empty() && option.get_snames().empty();
  const bool is_flag = option.get_type_size() == 0;
  return {{"names", option.get_name(false, !is_positional)},
          {"value", is_flag ? std::string() : option.get_type_name()},
          {"help", option.get_description()},
          {"default", option.get_default_str()},
          {"positional", is_positional},
          {"required", option.get_required()},
          {"repeated", option.get_multi_option_policy() ==
                           CLI::MultiOptionPolicy::TakeAll}};
}

Record Describe(const CLI::App& app,
                const std::map<const CLI::App*, std::string>& examples) {
  std::vector<Value> options;
  for (const CLI::Option* option : app.get_options()) {
    options.emplace_back(Describe(*option));
  }
  std::vector<Value> commands;
  for (const CLI::App* command :
       app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.emplace_back(Describe(*command, examples));
  }
  const auto example = examples.find(&app);
  return {{"name", app.get_name()},
          {"help", app.get_description()},
          {"example", example == examples.end() ? "" : example->second},
          {"options", std::move(options)},
          {"commands", std::move(commands)}};
}

}  // namespace

absl::Status OnlyOne(const Output& output) {
  if (output.format() != Format::kNdjson && output.format() != Format::kCsv) {
    return absl::OkStatus();
  }
  return UsageError("ndjson and csv are for lists",
                    "choose -o table or -o json");
}

// What the command line turned out to ask for.
struct Command::Chosen {
  Action action;
  Effect effect = Effect::kMutates;
  Prints prints = Prints::kOne;
  // Of every command declared, for the manual.
  std::map<const CLI::App*, std::string> examples;
};

Command Command::Sub(absl::string_view name, absl::string_view help,
                     absl::string_view example) {
  CLI::App* app = app_->add_subcommand(Str(name), Str(help));
  chosen_->examples[app] = Str(example);
  app->fallthrough();
  app->require_subcommand(0);
  app->formatter_fn([example = Str(example)](const CLI::App* of,
                                             std::string called,
                                             CLI::AppFormatMode mode) {
    const std::string rest =
        CLI::Formatter().make_help(of, std::move(called), mode);
    // Groups list their commands one line each.
    return mode == CLI::AppFormatMode::Sub
               ? rest
               : absl::StrCat("Example:\n  ", example, "\n\n", rest);
  });
  // A group alone asks for one of its commands.
  Chosen* chosen = chosen_;
  app->callback([app, chosen] {
    if (chosen->action == nullptr && app->get_subcommands().empty()) {
      throw CLI::RequiredError(app->get_name() + ": a command");
    }
  });
  return {app, chosen_};
}

Command& Command::Option(absl::string_view names, absl::string_view placeholder,
                         absl::string_view help, std::string* into) {
  app_->add_option(Str(names), *into, Str(help))->type_name(Str(placeholder));
  return *this;
}

Command& Command::Required(absl::string_view names,
                           absl::string_view placeholder,
                           absl::string_view help, std::string* into) {
  app_->add_option(Str(names), *into, Str(help))
      ->type_name(Str(placeholder))
      ->required();
  return *this;
}

Command& Command::Repeated(absl::string_view names,
                           absl::string_view placeholder,
                           absl::string_view help,
                           std::vector<std::string>* into) {
  app_->add_option(Str(names), *into, Str(help))
      ->type_name(Str(placeholder))
      ->take_all()
      // Each --option takes one value, or positionals would be eaten.
      ->allow_extra_args(false);
  return *this;
}

Command& Command::Number(absl::string_view names, absl::string_view placeholder,
                         absl::string_view help, uint64_t* into,
                         uint64_t lowest, uint64_t highest) {
  app_->add_option(Str(names), *into, Str(help))
      ->type_name(Str(placeholder))
      ->check(CLI::Range(lowest, highest));
  return *this;
}

Command& Command::Flag(absl::string_view names, absl::string_view help,
                       bool* into) {
  app_->add_flag(Str(names), *into, Str(help));
  return *this;
}

Command& Command::Positional(absl::string_view placeholder,
                             absl::string_view help, std::string* into) {
  app_->add_option(Str(placeholder), *into, Str(help))
      ->type_name("")
      ->required();
  return *this;
}

Command& Command::OptionalPositional(absl::string_view placeholder,
                                     absl::string_view help,
                                     std::string* into) {
  app_->add_option(Str(placeholder), *into, Str(help))->type_name("");
  return *this;
}

Command& Command::Positionals(absl::string_view placeholder,
                              absl::string_view help,
                              std::vector<std::string>* into) {
  app_->add_option(Str(placeholder), *into, Str(help))
      ->type_name("")
      ->take_all();
  return *this;
}

Command& Command::Does(Effect effect, Prints prints, Action action) {
  Chosen* chosen = chosen_;
  app_->callback([=, action = std::move(action)] {
    chosen->action = action;
    chosen->effect = effect;
    chosen->prints = prints;
  });
  return *this;
}

// Owns the parser for one run.
class CommandLine {
 public:
  explicit CommandLine(const std::vector<Registration>& groups)
      : app_(
            "Shares records between agencies under agreements that all of "
            "them signed.",
            "entente") {
    // Before the subcommands, which inherit it.
    app_.fallthrough();
    app_.add_option("--profile", profile_,
                    "A profile's name, or its folder with a slash")
        ->type_name("NAME");
    app_.add_option("-o,--output", format_,
                    "table or json; lists also ndjson or csv")
        ->type_name("FORMAT");
    app_.add_flag("--quiet", quiet_, "No talk on standard error");
    app_.add_flag("--no-input", no_input_, "Never ask; fail instead");
    app_.formatter_fn(
        [](const CLI::App* app, std::string called, CLI::AppFormatMode mode) {
          return absl::StrCat(
              "Example:\n  entente agreement check FILE.yaml\n\n",
              CLI::Formatter().make_help(app, std::move(called), mode));
        });
    app_.callback([this] {
      if (app_.get_subcommands().empty()) {
        throw CLI::RequiredError("a command");
      }
    });
    Command root(&app_, &chosen_);
    for (const Registration& group : groups) group(root);
  }

  ExitCode Run(const Invocation& invocation) {
    if (invocation.arguments == std::vector<std::string>{Str(kDescribe)}) {
      *invocation.out << ToJson(Describe(app_, chosen_.examples)) << "\n";
      return ExitCode::kOk;
    }
    // CLI11 wants the last argument first.
    std::vector<std::string> reversed(invocation.arguments.rbegin(),
                                      invocation.arguments.rend());
    absl::Status parsed;
    try {
      app_.parse(std::move(reversed));
    } catch (const CLI::Success& asked) {
      app_.exit(asked, *invocation.out, *invocation.err);
      return ExitCode::kOk;
    } catch (const CLI::ParseError& error) {
      parsed = UsageError(error.what(),
                          "entente --help, or --help after a "
                          "command");
    }
    const absl::StatusOr<Format> format = ParseFormat(format_);
    Output output(invocation.out, invocation.err,
                  format.ok() ? *format : Format::kTable, quiet_,
                  invocation.watched);
    const absl::Status done =
        parsed.ok() ? format.ok() ? Act(invocation, &output) : format.status()
                    : parsed;
    if (done.ok()) return answer_;
    const Failure failure = FromStatus(done);
    output.Fail(failure);
    return failure.exit;
  }

 private:
  absl::Status Act(const Invocation& invocation, Output* output) {
    if (chosen_.prints == Prints::kOne) {
      if (absl::Status fits = OnlyOne(*output); !fits.ok()) return fits;
    }
    Session::Environment environment = invocation.environment;
    environment.interactive = environment.interactive && !no_input_;
    Session session(output, invocation.in, std::move(environment), profile_,
                    chosen_.effect);
    const absl::Status done = chosen_.action(session);
    answer_ = session.answer();
    return done;
  }

  CLI::App app_;
  Command::Chosen chosen_;
  std::string profile_;
  std::string format_ = "table";
  bool quiet_ = false;
  bool no_input_ = false;
  ExitCode answer_ = ExitCode::kOk;
};

ExitCode RunCommandLine(const Invocation& invocation,
                        const std::vector<Registration>& groups) {
  CommandLine line(groups);
  const ExitCode code = line.Run(invocation);
  // Output that got lost must not look like success.
  invocation.out->flush();
  return code == ExitCode::kOk && !invocation.out->good() ? ExitCode::kFailed
                                                          : code;
}

}  // namespace entente::client
