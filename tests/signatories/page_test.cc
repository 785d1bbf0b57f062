// Follows "For signatories" in the README: its blocks are read from the text
// and run as they stand, at a terminal, by a signatory of one of two agencies.
// Only the names are those of this world. What the page leaves to others is
// done by the test: somebody proposes, the other signatories sign, and the
// next version is edited.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/world/agreed_pair.h"

namespace entente::signatories {
namespace {

namespace fs = std::filesystem;

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;
using world::kAgreement;
using world::kLeft;
using world::kRight;

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The indented blocks of the page, in their order.
std::vector<std::string> Blocks() {
  std::vector<std::string> blocks;
  std::istringstream text(ReadAll(ENTENTE_README));
  bool inside = false, fresh = true;
  for (std::string line; std::getline(text, line);) {
    if (absl::StartsWith(line, "## ")) inside = line == "## For signatories";
    const bool code = inside && absl::StartsWith(line, "    ");
    if (code && fresh) blocks.emplace_back();
    if (code) absl::StrAppend(&blocks.back(), line.substr(4), "\n");
    fresh = !code;
  }
  return blocks;
}

// The commands within the text of its part on emergencies, in their order.
std::vector<std::string> EmergencyLines() {
  const std::string page = ReadAll(ENTENTE_README);
  const size_t begin = page.find("**7. In an emergency.**");
  const size_t end = page.find("**8. ", begin);
  EXPECT_LT(end, page.size());
  if (end >= page.size()) return {};
  std::vector<std::string> lines;
  const std::vector<std::string> parts =
      absl::StrSplit(page.substr(begin, end - begin), '`');
  for (size_t i = 1; i < parts.size(); i += 2) {
    std::string line = absl::StrReplaceAll(parts[i], {{"\n  ", " "}});
    if (absl::StrContains(line, " break-glass ")) lines.push_back(line);
  }
  return lines;
}

class SignatoriesPage : public world::AgreedPair {
 protected:
  void SetUp() override {
    AgreedPair::SetUp();
    Sit(kLeft);
  }

  // At the desk is the signatory of `agency`.
  void Sit(const std::string& agency) {
    fs::remove_all(world_.Path("desk/config"));
    fs::create_directories(world_.Path("desk/config/entente"));
    fs::create_directory_symlink(world_.Profile(agency, "siro"),
                                 world_.Path("desk/config/entente/siro"));
  }

  // Persons have an address, which only an emergency shows.
  std::string Content() const override {
    return absl::StrReplaceAll(
        world::kPairContent,
        {{"      offence: text\n",
          "      offence: text\n      address: text\n"},
         {"    retention: { days: 90, starts: receipt, then: destroy }\n",
          "    retention: { days: 90, starts: receipt, then: destroy }\n"
          "break_glass: { minutes: 60, report_hours: 72, fields: { "
          "linked-persons: [address] } }\n"}});
  }

  std::string OnDesk(const std::string& name) {
    return world_.Path("desk/" + name);
  }

  // Runs `block` at a terminal, where `answer` is typed.
  void Follow(const std::string& block, const std::string& answer) {
    std::ofstream(OnDesk("block.sh"))
        << "set -euo pipefail\ncd " << world_.Path("desk")
        << "\nexport ENTENTE_PROFILE= XDG_CONFIG_HOME=" << OnDesk("config")
        << "\nexport PATH=" << fs::path(ENTENTE_PROGRAM).parent_path().string()
        << ":$PATH\n"
        << absl::StrReplaceAll(block, {{"isa-burglary-2026", kAgreement},
                                       {"northmere", kLeft},
                                       {"westvale", kRight}});
    const auto ran = world::RunProgram(
        {"/bin/bash", "-c",
         absl::StrCat("printf '%s\\n' '", answer, "' | script -qec 'bash ",
                      OnDesk("block.sh"), "' /dev/null")});
    ASSERT_TRUE(ran.ok()) << ran.status();
    ASSERT_EQ(ran->exit_code, 0) << block << ran->out << ran->err;
    said_ += ran->out;
  }

  json Agreement(const std::string& agency, const std::string& name,
                 std::vector<std::string> words) {
    words.insert(words.begin(), "agreement");
    return Run(world_.Profile(agency, name), std::move(words));
  }
  json Show() { return Agreement(kRight, "siro", {"show", kAgreement}); }

  // The document of version 2, as its author hands it out.
  void HandOutDraft() {
    const std::string text = absl::StrReplaceAll(
        world::FrameDocument(world_.facts, Content()),
        {{"version: 1\n", absl::StrCat("version: 2\nprevious: \"",
                                       Show().value("digest", ""), "\"\n")},
         {"enrolments_per_day: 10000 }", "enrolments_per_day: 9000 }"}});
    std::ofstream(OnDesk("agreement.yaml")) << text;
  }

  // All but the signatory whom the page is for.
  void OthersSign() {
    const std::string digest =
        Agreement(kRight, "siro",
                  {"amend", kAgreement, OnDesk("agreement.yaml")})
            .value("digest", "");
    for (const auto& [agency, name] :
         {std::pair(kLeft, "acc-crime"), std::pair(kRight, "acc-crime"),
          std::pair(kRight, "siro")}) {
      Agreement(agency, name,
                {"sign", kAgreement, "--version", "2", "--digest", digest});
    }
  }

  void EditNext() {
    const std::string text = ReadAll(OnDesk("next.yaml"));
    EXPECT_THAT(text, HasSubstr("enrolments_per_day: 9000"));
    std::ofstream(OnDesk("next.yaml")) << absl::StrReplaceAll(
        text, {{"enrolments_per_day: 9000", "enrolments_per_day: 8000"}});
  }

  std::string said_;
};

TEST_F(SignatoriesPage, CanBeFollowedAsItStands) {
  HandOutDraft();
  const std::vector<std::string> blocks = Blocks();
  ASSERT_GE(blocks.size(), 9u);
  for (const std::string& block : blocks) {
    const bool signs = absl::StrContains(block, "agreement sign ");
    if (signs) OthersSign();
    Follow(block, signs ? "yes" : kAgreement);
    if (HasFatalFailure()) return;
    if (signs) {
      EXPECT_EQ(Show().value("version", 0), 2);
      EXPECT_EQ(Show().value("state", ""), "active");
    }
    if (absl::StrContains(block, "> next.yaml")) EditNext();
  }
  EXPECT_THAT(ReadAll(OnDesk("agreement.html")), StartsWith("<!DOCTYPE html>"));
  for (const char* said :
       {"May northmere-police give westvale-police", "Yes.",
        "Do you sign version 2", "Checked here, from this file alone:"}) {
    EXPECT_THAT(said_, HasSubstr(said));
  }
  const json versions = Agreement(kRight, "siro", {"versions", kAgreement});
  EXPECT_EQ(versions.at("versions").size(), 3u) << versions.dump();
  EXPECT_EQ(Show().value("state", ""), "ended");
}

TEST_F(SignatoriesPage, WhatItSaysOfAnEmergencyWorksAsItStands) {
  struct Step {
    const char* word;
    const char* by;
    const char* state;  // of the grant afterwards
  };
  const Step kSteps[] = {{" ask ", kLeft, "asked"},
                         {" list ", kRight, "asked"},
                         {" approve ", kRight, "open"},
                         {" close ", kLeft, "report_due"},
                         {" report ", kRight, "reported"}};
  const std::vector<std::string> lines = EmergencyLines();
  ASSERT_EQ(lines.size(), std::size(kSteps));
  std::string grant;
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_THAT(lines[i], HasSubstr(kSteps[i].word));
    Sit(kSteps[i].by);
    Follow(absl::StrReplaceAll(lines[i], {{"1f2e3d4c", grant}}), "");
    if (HasFatalFailure()) return;
    const json grants =
        Agreement(kLeft, "siro", {"break-glass", "list", kAgreement})
            .at("grants");
    ASSERT_EQ(grants.size(), 1u);
    EXPECT_EQ(grants[0].value("state", ""), kSteps[i].state) << lines[i];
    grant = grants[0].value("grant", "").substr(0, 8);
    EXPECT_THAT(said_, HasSubstr(grant)) << "its number is said";
  }
}

}  // namespace
}  // namespace entente::signatories
