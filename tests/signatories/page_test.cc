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

class SignatoriesPage : public world::AgreedPair {
 protected:
  void SetUp() override {
    AgreedPair::SetUp();
    fs::create_directories(world_.Path("desk/config/entente"));
    fs::create_directory_symlink(world_.Profile(kLeft, "siro"),
                                 world_.Path("desk/config/entente/siro"));
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

}  // namespace
}  // namespace entente::signatories
