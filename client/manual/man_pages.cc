#include "client/manual/man_pages.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace entente::client {
namespace {

// Of every command; the program's own page has them.
constexpr absl::string_view kExitCodes[] = {
    "0", "ok",
    "1", "failed",
    "2", "usage",
    "3", "refused by the agreement",
    "4", "not authenticated",
    "5", "conflict: done already, and differently",
    "6", "verification failed: somebody altered something",
    "7", "unavailable: worth trying again",
    "8", "partial: the good part was done"};

// Text as roff prints it verbatim: hyphens that can be copied, no macro at the
// start of a line.
std::string Roff(absl::string_view text) {
  std::string escaped = absl::StrReplaceAll(
      text, {{"\\", "\\e"}, {"-", "\\-"}, {"\n", " "}, {"~", "\\(ti"}});
  if (absl::StartsWith(escaped, ".") || absl::StartsWith(escaped, "'")) {
    escaped.insert(0, "\\&");
  }
  return escaped;
}

std::string Bold(absl::string_view text) {
  return absl::StrCat("\\fB", Roff(text), "\\fR");
}

std::string Italic(absl::string_view text) {
  return absl::StrCat("\\fI", Roff(text), "\\fR");
}

void Section(absl::string_view title, std::string* page) {
  absl::StrAppend(page, ".SH ", title, "\n");
}

void Paragraph(absl::string_view text, std::string* page) {
  absl::StrAppend(page, Roff(text), "\n");
}

void Tagged(absl::string_view tag, absl::string_view text, std::string* page) {
  absl::StrAppend(page, ".TP\n", tag, "\n", Roff(text), "\n");
}

// An ordinary sentence begins with a capital and ends with a stop.
std::string Sentence(absl::string_view text) {
  std::string sentence(text);
  if (sentence.empty()) return sentence;
  sentence[0] = absl::ascii_toupper(static_cast<unsigned char>(sentence[0]));
  if (!absl::EndsWith(sentence, ".")) sentence += '.';
  return sentence;
}

void Option(const OptionEntry& option, std::string* page) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) {
    names.push_back(option.is_positional ? Italic(name) : Bold(name));
  }
  std::string tag = absl::StrJoin(names, ", ");
  if (!option.value.empty()) absl::StrAppend(&tag, " ", Italic(option.value));
  std::string text = Sentence(option.help);
  if (option.is_required && !option.is_positional) {
    absl::StrAppend(&text, " Required.");
  }
  if (option.is_repeated) absl::StrAppend(&text, " May be given again.");
  if (!option.default_value.empty()) {
    absl::StrAppend(&text, " Default: ", option.default_value, ".");
  }
  Tagged(tag, text, page);
}

void Synopsis(absl::string_view path, const CommandEntry& command,
              std::string* page) {
  absl::StrAppend(page, ".B ", Roff(path), "\n");
  for (const OptionEntry& option : command.options) {
    if (!option.is_required || option.is_positional) continue;
    absl::StrAppend(page, Bold(option.names.back()), " ", Italic(option.value),
                    "\n");
  }
  absl::StrAppend(page, "[", Italic("option"), "]...\n");
  for (const OptionEntry& option : command.options) {
    if (!option.is_positional) continue;
    const std::string name = absl::StrCat(Italic(option.names.front()),
                                          option.is_repeated ? "..." : "");
    absl::StrAppend(
        page, option.is_required ? name : absl::StrCat("[", name, "]"), "\n");
  }
}

void Body(const CommandEntry& command, std::string* page) {
  for (const OptionEntry& option : command.options) {
    if (option.is_positional) Option(option, page);
  }
  for (const OptionEntry& option : command.options) {
    if (!option.is_positional) Option(option, page);
  }
}

void Example(const std::string& example, std::string* page) {
  if (example.empty()) return;
  // A section begins a paragraph of its own.
  const size_t line = page->rfind("\n.", page->size() - 2);
  const bool begins =
      absl::StartsWith(page->substr(line == page->npos ? 0 : line + 1), ".S");
  absl::StrAppend(page, begins ? "" : ".PP\n", ".nf\n", Roff(example),
                  "\n.fi\n");
}

std::string Heading(const std::string& name, const CommandEntry& command,
                    const std::string& program, const ManualEdition& edition) {
  std::string help = command.help;
  while (absl::EndsWith(help, ".")) help.pop_back();
  if (!help.empty()) {
    help[0] = absl::ascii_tolower(static_cast<unsigned char>(help[0]));
  }
  return absl::StrCat(".TH ", absl::AsciiStrToUpper(name), " ", edition.section,
                      " ", edition.date, " \"", program, " ", edition.version,
                      "\"\n.SH NAME\n", Roff(name), " \\- ", Roff(help), "\n");
}

std::string ProgramPage(const CommandEntry& program,
                        const ManualEdition& edition) {
  std::string page = Heading(program.name, program, program.name, edition);
  Section("SYNOPSIS", &page);
  Synopsis(program.name, program, &page);
  if (!program.commands.empty()) {
    absl::StrAppend(&page, Italic("command"), "\n");
    Section("COMMANDS", &page);
    for (const CommandEntry& command : program.commands) {
      Tagged(absl::StrCat(Bold(absl::StrCat(program.name, "-", command.name)),
                          "(", edition.section, ")"),
             Sentence(command.help), &page);
    }
  }
  Section("OPTIONS", &page);
  Body(program, &page);
  if (!program.example.empty()) {
    Section("EXAMPLES", &page);
    Example(program.example, &page);
  }
  Section("EXIT STATUS", &page);
  if (program.commands.empty()) {
    Tagged(Bold("0"), "It ended well.", &page);
    Tagged(Bold("1"), "It failed; the log says why.", &page);
    Tagged(Bold("2"), "The settings are wrong.", &page);
    return page;
  }
  for (size_t i = 0; i < std::size(kExitCodes); i += 2) {
    Tagged(Bold(kExitCodes[i]), Sentence(kExitCodes[i + 1]), &page);
  }
  Section("ENVIRONMENT", &page);
  Tagged(Bold("ENTENTE_PROFILE"), "The profile, if --profile does not say.",
         &page);
  Section("FILES", &page);
  Tagged(Italic("~/.config/entente/NAME"),
         "The folder of the profile of that name.", &page);
  return page;
}

std::string CommandPage(const CommandEntry& program,
                        const CommandEntry& command,
                        const ManualEdition& edition) {
  std::string page = Heading(absl::StrCat(program.name, "-", command.name),
                             command, program.name, edition);
  const std::string path = absl::StrCat(program.name, " ", command.name);
  Section("SYNOPSIS", &page);
  if (command.commands.empty()) {
    Synopsis(path, command, &page);
  }
  bool is_first = true;
  for (const CommandEntry& below : command.commands) {
    if (!std::exchange(is_first, false)) page += ".br\n";
    Synopsis(absl::StrCat(path, " ", below.name), below, &page);
  }
  if (command.commands.empty()) {
    Section("OPTIONS", &page);
    Body(command, &page);
  } else {
    Section("COMMANDS", &page);
    for (const CommandEntry& below : command.commands) {
      absl::StrAppend(&page, ".SS ", Roff(absl::StrCat(path, " ", below.name)),
                      "\n");
      Paragraph(Sentence(below.help), &page);
      Body(below, &page);
    }
  }
  Section("EXAMPLES", &page);
  if (command.commands.empty()) Example(command.example, &page);
  for (const CommandEntry& below : command.commands) {
    Example(below.example, &page);
  }
  Section("SEE ALSO", &page);
  absl::StrAppend(&page, Bold(program.name), "(", edition.section,
                  "), for the options of every command and the exit status.\n");
  return page;
}

}  // namespace

std::map<std::string, std::string> ManPages(const CommandEntry& program,
                                            const ManualEdition& edition) {
  std::map<std::string, std::string> pages;
  pages[absl::StrCat(program.name, ".", edition.section)] =
      ProgramPage(program, edition);
  for (const CommandEntry& command : program.commands) {
    pages[absl::StrCat(program.name, "-", command.name, ".", edition.section)] =
        CommandPage(program, command, edition);
  }
  return pages;
}

}  // namespace entente::client
