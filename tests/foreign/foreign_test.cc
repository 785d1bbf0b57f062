// A ledger made by the real broker, checked by code that is not ours.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "tests/world/agreed_pair.h"

namespace entente::foreign {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using world::kAgreement;
using world::kLeft;
using world::kPurpose;

// Empty: this machine has no Go, or not the package; see CMakeLists.txt.
constexpr char kForeignCheck[] = ENTENTE_FOREIGN_CHECK;

std::string BytesOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

class ForeignCheck : public world::AgreedPair {
 protected:
  void SetUp() override {
    if (std::string(kForeignCheck).empty()) {
      GTEST_SKIP() << "FOREIGN CHECK SKIPPED: no Go here, so nobody but "
                      "ourselves checked the ledger. Run: ./dev deps --foreign";
    }
    AgreedPair::SetUp();
  }

  // What the foreign program says of `words`, which must end with `exit`.
  std::string Foreign(std::vector<std::string> words, int exit) {
    words.insert(words.begin(), kForeignCheck);
    const auto ended = world::RunProgram(words);
    EXPECT_TRUE(ended.ok()) << ended.status();
    if (!ended.ok()) return "";
    EXPECT_EQ(ended->exit_code, exit) << ended->out << ended->err;
    return ended->out + ended->err;
  }
  std::string Vkey(const std::string& folder) {
    std::string vkey = BytesOf(folder + "/log.vkey");
    return vkey.substr(0, vkey.find('\n'));
  }
  std::string Auditor() { return world_.Profile(kLeft, "auditor"); }
  // A mirror of more than one tile: refused sends are entries too.
  std::string MirrorOfMany() {
    Enrol(Left());
    Send();
    std::ofstream(world_.Path("one.csv")) << "person,offence\n9434765919,x\n";
    for (int i = 0; i < 270; ++i) {
      Run(Left(),
          {"send", "--agreement", kAgreement, "--flow", "persons", "--purpose",
           "no-such-purpose", world_.Path("one.csv")},
          3);
    }
    const std::string folder = world_.Path("mirror");
    const json mirrored =
        Run(Auditor(), {"audit", "mirror", folder, "--agreement", kAgreement});
    EXPECT_GT(mirrored.value("size", 0), 256);
    return folder;
  }
  std::string MirrorOfFew() {
    Enrol(Left());
    Send();
    const std::string folder = world_.Path("few");
    Run(Auditor(), {"audit", "mirror", folder, "--agreement", kAgreement});
    return folder;
  }
};

TEST_F(ForeignCheck, AgreesThatAMirrorOfSeveralTilesIsWhole) {
  const std::string folder = MirrorOfMany();
  EXPECT_THAT(Foreign({"mirror", folder, Vkey(folder)}, 0),
              HasSubstr(absl::StrCat("/ledgers/", kAgreement)));
}

TEST_F(ForeignCheck, AgreesOnAMirrorThatIsServed) {
  const std::string folder = MirrorOfMany();
  const auto serving =
      world::Background::Start({ENTENTE_PROGRAM, "audit", "serve", folder,
                                "--listen", "127.0.0.1:0", "-o", "json"},
                               world_.Path("serve.log"));
  ASSERT_TRUE(serving.ok()) << serving.status();
  const auto told = (*serving)->WaitForLine(
      [](const std::string& line) {
        return line.find("\"url\"") != std::string::npos;
      },
      absl::Seconds(30));
  ASSERT_TRUE(told.ok()) << told.status();
  const json at = json::parse(*told, nullptr, /*allow_exceptions=*/false);
  ASSERT_FALSE(at.is_discarded()) << *told;
  EXPECT_EQ(at.value("verifier_key", ""), Vkey(folder));
  const std::string url = at.value("url", "");
  EXPECT_THAT(Foreign({"mirror", url, Vkey(folder)}, 0),
              HasSubstr(absl::StrCat("/ledgers/", kAgreement)));
  std::filesystem::remove(folder + "/tile/0/000");
  EXPECT_THAT(Foreign({"mirror", url, Vkey(folder)}, 1), HasSubstr("500"));
  EXPECT_EQ((*serving)->Stop(), 0) << (*serving)->Said();
}

TEST_F(ForeignCheck, AgreesOnTheBrokersOwnLedger) {
  const std::string folder = world_.Path("own");
  Run(Auditor(), {"audit", "mirror", folder});
  EXPECT_THAT(Foreign({"mirror", folder, Vkey(folder)}, 0),
              HasSubstr("/ledgers/broker: "));
}

TEST_F(ForeignCheck, AgreesOnProofsFromBrokerAndMirror) {
  const std::string folder = MirrorOfFew();
  const std::string name = world_.Path("entry");
  Run(Auditor(),
      {"audit", "prove", "2", "--agreement", kAgreement, "--out", name});
  const std::vector<std::string> proof = {"proof", name + ".tlog-proof",
                                          name + ".json", Vkey(folder)};
  EXPECT_THAT(Foreign(proof, 0), HasSubstr("entry 2 of "));
  Run(Auditor(), {"audit", "prove", "1", "--mirror", folder, "--out", name});
  EXPECT_THAT(Foreign(proof, 0), HasSubstr("entry 1 of "));
  std::ofstream(name + ".json", std::ios::app) << "\n";
  Foreign(proof, 1);
}

TEST_F(ForeignCheck, NoticesWhatWeNotice) {
  const std::string folder = MirrorOfFew();
  const std::string vkey = Vkey(folder);
  for (const auto& at : fs::recursive_directory_iterator(folder)) {
    if (at.is_directory() || at.path().filename() == "log.vkey") continue;
    const std::string path = at.path().string();
    if (path.find("/tile/") == std::string::npos &&
        at.path().filename() != "checkpoint") {
      continue;
    }
    const std::string good = BytesOf(path);
    for (size_t i = 0; i < good.size(); i += good.size() / 5) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 1);
      std::ofstream(path, std::ios::binary) << bad;
      Foreign({"mirror", folder, vkey}, 1);
      Run("", {"audit", "verify", folder}, 6);
    }
    std::ofstream(path, std::ios::binary) << good;
  }
  Foreign({"mirror", folder, vkey}, 0);
}

}  // namespace
}  // namespace entente::foreign
