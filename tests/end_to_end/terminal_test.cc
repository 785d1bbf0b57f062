// What a person sees at a terminal, and a script does not.
#include <gmock/gmock.h>

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/end_to_end/shared_world.h"

namespace entente::end_to_end {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class Terminal : public EndToEnd {
 protected:
  std::vector<std::string> Command(std::vector<std::string> words) {
    return CommandOf(LeftSystem(), std::move(words));
  }
  std::vector<std::string> CommandOf(const std::string& profile,
                                     std::vector<std::string> words) {
    words.insert(words.begin(), {world().settings.entente, "--no-input",
                                 "--profile", profile});
    return words;
  }
  // What Sending left at the broker, after everything else.
  std::vector<std::string> Receiving() {
    return CommandOf(RightSystem(), {"receive", "--agreement", kAgreement,
                                     "--out", Folder() + "/in"});
  }
  std::vector<std::string> Sending() {
    return Command({"send", "--agreement", kAgreement, "--flow", kPersons,
                    "--purpose", kPurpose, "--case", "C1", "--again",
                    Write("rows.csv", People(3))});
  }
  std::vector<std::string> Enrolling() {
    return Command({"enrol", "--agreement", kAgreement, "--scheme", "nhs/1",
                    "--column", "person", "--ref", "reference",
                    Write("rows.csv", People(3))});
  }
};

TEST_F(Terminal, ALongCommandShowsItsProgressAndClearsIt) {
  for (const auto& [command, shown] :
       {std::pair(Sending(), "\rsent 3 rows"),
        std::pair(Enrolling(), "\renrolled 3 rows"),
        std::pair(Receiving(), "\rreceived 3 rows")}) {
    const auto ended = world::RunAtTerminal(command);
    ASSERT_TRUE(ended.ok()) << ended.status();
    EXPECT_EQ(ended->exit_code, 0) << ended->out;
    const size_t at = ended->out.find(shown);
    ASSERT_NE(at, std::string::npos) << ended->out;
    // Overwritten by blanks, before the result is told.
    const size_t cleared = ended->out.find(
        absl::StrCat("\r", std::string(strlen(shown) - 1, ' ')), at + 1);
    EXPECT_NE(cleared, std::string::npos) << ended->out;
    EXPECT_THAT(ended->out.substr(cleared), HasSubstr(kAgreement));
  }
}

// The same three people over and over: nobody is new, and reading them takes
// more than the second before which nothing is said of how fast it goes.
TEST_F(Terminal, ALargeFileShowsHowFastItGoesAndHowLongItTakes) {
  constexpr size_t kRepeats = 60'000;
  const std::string people = People(3);
  const size_t body = people.find('\n') + 1;
  std::string rows = people.substr(0, body);
  for (size_t i = 0; i < kRepeats; ++i) rows += people.substr(body);
  std::vector<std::string> command = Enrolling();
  command.back() = Write("many.csv", rows);
  const auto ended = world::RunAtTerminal(command);
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->exit_code, 0) << ended->out.substr(0, 2000);
  EXPECT_THAT(ended->out,
              ContainsRegex("\renrolled [0-9,]+ rows, [0-9,]+ a second, about "
                            "[0-9]+ (s|min) left"));
}

TEST_F(Terminal, NothingIsShownToAPipe) {
  for (const auto& command : {Sending(), Enrolling(), Receiving()}) {
    const auto ended = world::RunProgram(command);
    ASSERT_TRUE(ended.ok()) << ended.status();
    EXPECT_EQ(ended->exit_code, 0) << ended->err;
    EXPECT_THAT(ended->out, HasSubstr(kAgreement));
    for (const std::string& said : {ended->out, ended->err}) {
      EXPECT_THAT(said, Not(HasSubstr("\r")));
      EXPECT_THAT(said, Not(HasSubstr("3 rows")));
    }
  }
}

}  // namespace
}  // namespace entente::end_to_end
