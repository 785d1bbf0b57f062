#include "policy/blank_agreement.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/words.h"

namespace entente::policy {
namespace {

using Ids = std::vector<std::string>;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// A document line by line, with its blanks.
struct BlankLines {
  std::vector<std::string> lines;
  struct Blank {
    size_t line = 0;      // counted from 0
    std::string section;  // the last key at the left edge
    std::string key;
  };
  std::vector<Blank> blanks;
};

// Spaces and a list's dash before the key; npos if `line` is no key.
size_t KeyAt(absl::string_view line) {
  size_t at = line.find_first_not_of(' ');
  if (at == absl::string_view::npos || line[at] == '#') {
    return absl::string_view::npos;
  }
  if (absl::StartsWith(line.substr(at), "- ")) at += 2;
  return at;
}

// The key of a line that says nothing behind it; "" for any other.
std::string BareKey(absl::string_view line) {
  const size_t at = KeyAt(line);
  if (at == absl::string_view::npos) return "";
  const size_t end = line.find(':', at);
  if (end == absl::string_view::npos) return "";
  const absl::string_view rest =
      absl::StripAsciiWhitespace(line.substr(end + 1));
  if (!rest.empty() && rest[0] != '#') return "";
  return std::string(line.substr(at, end - at));
}

BlankLines BlanksOf(const std::string& text) {
  BlankLines out;
  out.lines = absl::StrSplit(text, '\n');
  std::string section;
  for (size_t i = 0; i < out.lines.size(); ++i) {
    const std::string& line = out.lines[i];
    const size_t at = KeyAt(line);
    if (at == std::string::npos) continue;
    if (at == 0) section = line.substr(0, line.find(':'));
    const std::string key = BareKey(line);
    if (key.empty()) continue;
    size_t next = i + 1;
    while (next < out.lines.size() &&
           KeyAt(out.lines[next]) == std::string::npos) {
      ++next;
    }
    const bool opens = next < out.lines.size() && KeyAt(out.lines[next]) > at;
    if (!opens) out.blanks.push_back({i, section, key});
  }
  return out;
}

std::string ValueFor(const BlankLines::Blank& blank) {
  static int roots = 0;
  const std::string& key = blank.key;
  if (key == "id") return "isa-filled";
  if (key == "summary") return "What is given to whom, in plain words.";
  if (key == "ledger_key") {
    return "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
  }
  if (key == "root") {
    return absl::StrCat("\"", absl::Hex(++roots, absl::kZeroPad16),
                        std::string(48, '0'), "\"");
  }
  if (key == "name" && blank.section == "broker") return "broker.example";
  if (key == "name" && blank.section == "signatories") return "chief";
  if (key == "definition") return "policing.thing/1";
  if (key == "from") return "\"2027-01-01\"";
  if (key == "until") return "\"2029-01-01\"";
  if (key == "project_end") return "\"2028-12-01\"";
  if (key == "review_by") return "\"2027-12-01\"";
  if (key == "date") return "\"2026-10-01\"";
  const std::set<std::string> lists = {"gateway", "processing", "sensitive",
                                       "criminal_offence", "recipients"};
  if (lists.count(key) > 0) return "[A line]";
  return "A line of text";
}

// `text` with all its blanks filled but the one of number `except`.
std::string Filled(const std::string& text, size_t except = SIZE_MAX) {
  BlankLines blank = BlanksOf(text);
  for (size_t i = 0; i < blank.blanks.size(); ++i) {
    if (i == except) continue;
    std::string& line = blank.lines[blank.blanks[i].line];
    line = absl::StrCat(line.substr(0, line.find(':') + 1), " ",
                        ValueFor(blank.blanks[i]));
  }
  return absl::StrJoin(blank.lines, "\n");
}

std::vector<AgreementKind> Kinds() {
  std::vector<AgreementKind> kinds;
  for (const auto& [word, kind] : AllWords<AgreementKind>()) {
    kinds.push_back(kind);
  }
  return kinds;
}

std::vector<std::string> IdsFor(AgreementKind kind) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < BlankPartiesOf(kind).size(); ++i) {
    ids.push_back(absl::StrCat("agency-", i));
  }
  return ids;
}

TEST(BlankAgreement, PassesTheCheckOnceItsBlanksAreFilled) {
  ASSERT_EQ(Kinds().size(), 4u);
  for (const AgreementKind kind : Kinds()) {
    const CheckResult result =
        Check("new.yaml", Filled(BlankAgreement(kind, IdsFor(kind))));
    ASSERT_TRUE(result.ok()) << result.report;
    // Not a warning either: all of it is built.
    EXPECT_THAT(result.diagnostics, IsEmpty()) << result.report;
    EXPECT_EQ(result.agreement->kind, kind);
    EXPECT_EQ(result.agreement->parties.count("agency-0"), 1u);
  }
}

TEST(BlankAgreement, EachBlankThatIsLeftIsNamedWithItsPlace) {
  for (const AgreementKind kind : Kinds()) {
    const std::string text = BlankAgreement(kind, IdsFor(kind));
    const std::vector<BlankLines::Blank> blanks = BlanksOf(text).blanks;
    EXPECT_GT(blanks.size(), 25u);
    for (size_t i = 0; i < blanks.size(); ++i) {
      const CheckResult result = Check("new.yaml", Filled(text, i));
      EXPECT_FALSE(result.ok());
      ASSERT_EQ(result.diagnostics.size(), 1u) << blanks[i].key << "\n"
                                               << result.report;
      EXPECT_EQ(result.diagnostics[0].line, int(blanks[i].line) + 1);
      EXPECT_EQ(result.diagnostics[0].message, "no value");
      EXPECT_THAT(result.diagnostics[0].path, HasSubstr(blanks[i].key));
    }
  }
}

TEST(BlankAgreement, AllBlanksAreNamedAtOnce) {
  for (const AgreementKind kind : Kinds()) {
    const std::string text = BlankAgreement(kind);
    const CheckResult result = Check("new.yaml", text);
    EXPECT_FALSE(result.ok());
    std::set<int> named;
    for (const Diagnostic& one : result.diagnostics) {
      EXPECT_GT(one.line, 1) << one.message;
      named.insert(one.line);
    }
    for (const BlankLines::Blank& blank : BlanksOf(text).blanks) {
      // What stands below a name in capitals is not read until that is an id.
      if (blank.section == "parties") continue;
      EXPECT_EQ(named.count(int(blank.line) + 1), 1u)
          << blank.key << " in line " << blank.line + 1;
    }
    for (const std::string& party : BlankPartiesOf(kind)) {
      EXPECT_THAT(result.report,
                  HasSubstr(absl::StrCat("\"", party, "\" is not")));
    }
  }
}

TEST(BlankAgreement, PutsAgencyIdsWhereTheyBelong) {
  const std::string one =
      BlankAgreement(AgreementKind::kInterForce, Ids{"northmere"});
  EXPECT_THAT(one, Not(HasSubstr("FIRST-FORCE")));
  EXPECT_THAT(one, HasSubstr("parties: [northmere, SECOND-FORCE]"));
  EXPECT_EQ(BlankAgreement(AgreementKind::kInterForce, Ids{"a1", "b1", "c1"}),
            BlankAgreement(AgreementKind::kInterForce, Ids{"a1", "b1"}));
}

TEST(BlankAgreement, BeginsWithTheLineForEditors) {
  for (const AgreementKind kind : Kinds()) {
    EXPECT_THAT(BlankAgreement(kind),
                StartsWith("# yaml-language-server: $schema="));
    EXPECT_THAT(BlankAgreement(kind),
                HasSubstr(absl::StrCat("\nkind: ", WordOf(kind), "\n")));
  }
}

}  // namespace
}  // namespace entente::policy
