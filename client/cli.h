// The command line of `entente`: what every command has in common.
#ifndef ENTENTE_CLIENT_CLI_H_
#define ENTENTE_CLIENT_CLI_H_

#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/output.h"
#include "client/profile.h"

// Of CLI11, which only cli.cc includes: it costs five seconds a file.
namespace CLI {
class App;
}

namespace entente::client {

// What a command reads of a document at most; what is allowed is less.
inline constexpr size_t kMaxDocumentBytes = 4 << 20;

// Whether a command changes anything: then which profile is meant is never
// guessed.
enum class Effect { kReads, kMutates };

// What a command can print beside table and json.
// kList: ndjson and csv too. kEither: the action sees to it, and gives
// OnlyOne() where it has one thing to print.
enum class Prints { kOne, kList, kEither };

// The usage error for ndjson and csv, or OK.
absl::Status OnlyOne(const Output& output);

// What a running command works with. Borrowed; not thread-safe.
class Session {
 public:
  struct Environment {
    std::string profile;  // ENTENTE_PROFILE
    std::string config;   // ~/.config/entente
    // Whether a person can be asked: a terminal, without --no-input.
    bool interactive = false;
    // What commands that look ahead take for today; tests have their own.
    std::function<absl::Time()> clock = absl::Now;
  };

  Session(Output* output, std::istream* in, Environment environment,
          std::string profile_option, Effect effect)
      : output_(*output),
        in_(*in),
        environment_(std::move(environment)),
        profile_option_(std::move(profile_option)),
        effect_(effect) {}

  Output& out() { return output_; }
  // For `-`, and for answers.
  std::istream& in() { return in_; }
  absl::Time Now() const { return environment_.clock(); }

  // The folder of the profile that the caller meant, as ChooseProfile, also if
  // what is in it cannot be opened.
  absl::StatusOr<std::string> ProfileFolder() const;
  // Opens that profile, and names it on standard error. As Profile::Open.
  absl::StatusOr<Profile> OpenProfile();
  // The folder for a new profile: `name`, or what --profile or ENTENTE_PROFILE
  // say if it is empty. A usage error if none does.
  absl::StatusOr<std::string> NewProfileFolder(absl::string_view name) const;

  // Asks on standard error and reads one line. OK if it is `wanted`. A usage
  // error, saying `instead`, if nobody can be asked; the code NOT_CONFIRMED for
  // any other answer.
  absl::Status Confirm(absl::string_view question, absl::string_view wanted,
                       absl::string_view instead);

  // What the program ends with if the action is OK, for a command whose exit
  // code is its answer. kOk unless said.
  void AnswerWith(ExitCode exit) { answer_ = exit; }
  ExitCode answer() const { return answer_; }

 private:
  Output& output_;
  std::istream& in_;
  const Environment environment_;
  const std::string profile_option_;
  const Effect effect_;
  ExitCode answer_ = ExitCode::kOk;
};

// One command, or a group of them, while the command line is being declared.
// Targets are borrowed and must live until the command has run; what they hold
// at first is the default. Option names are written as on the command line:
// `--agreement`, `-o,--output`.
class Command {
 public:
  using Action = std::function<absl::Status(Session&)>;

  // A command below this one. `example` is a whole command line; --help begins
  // with it.
  Command Sub(absl::string_view name, absl::string_view help,
              absl::string_view example);

  Command& Option(absl::string_view names, absl::string_view placeholder,
                  absl::string_view help, std::string* into);
  Command& Required(absl::string_view names, absl::string_view placeholder,
                    absl::string_view help, std::string* into);
  // May be given several times.
  Command& Repeated(absl::string_view names, absl::string_view placeholder,
                    absl::string_view help, std::vector<std::string>* into);
  // A whole number from `lowest` to `highest`.
  Command& Number(absl::string_view names, absl::string_view placeholder,
                  absl::string_view help, uint64_t* into, uint64_t lowest,
                  uint64_t highest);
  Command& Flag(absl::string_view names, absl::string_view help, bool* into);
  Command& Positional(absl::string_view placeholder, absl::string_view help,
                      std::string* into);
  Command& OptionalPositional(absl::string_view placeholder,
                              absl::string_view help, std::string* into);
  // None or more, in their order.
  Command& Positionals(absl::string_view placeholder, absl::string_view help,
                       std::vector<std::string>* into);

  // What it does. Targets captured by value (a shared_ptr to a struct) live as
  // long as the command line.
  Command& Does(Effect effect, Prints prints, Action action);

 private:
  friend class CommandLine;
  struct Chosen;
  Command(CLI::App* app, Chosen* chosen) : app_(app), chosen_(chosen) {}

  CLI::App* app_;
  Chosen* chosen_;
};

// Everything around one run of the program.
struct Invocation {
  std::vector<std::string> arguments;  // without the program's name
  std::istream* in = nullptr;
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  Session::Environment environment;
  // Whether a person watches `err`: then long commands show how far they are.
  bool watched = false;
};

// Declares the commands of one group.
using Registration = std::function<void(Command& root)>;

// Parses, runs, reports the error if there is one, and gives the exit code.
ExitCode RunCommandLine(const Invocation& invocation,
                        const std::vector<Registration>& groups);

// `text` is FILE or `-`: the whole of it, at most `max_bytes`. NotFound,
// InvalidArgument and so on as ReadFile.
absl::StatusOr<std::string> ReadInput(Session& session, const std::string& file,
                                      size_t max_bytes);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_CLI_H_
