// A disk fills up under the broker, a sender and a recipient: it is said so,
// nothing that was told is lost, and with room the same command goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/disk_full/small_disk.h"
#include "tests/world/agreed_world.h"

namespace entente::disk_full {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using world::kAgreement;
using world::kFlow;
using world::kLeft;
using world::kPurpose;
using world::kRight;
using world::kScheme;

constexpr int kUnavailable = 7;
constexpr int kPerBatch = 50;
// Of text in each row, so that few rows fill a disk.
constexpr int kRowBytes = 4'000;
constexpr int kRows = 400;

class DiskFull : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder =
        (fs::temp_directory_path() / "entente-disk-full-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    world_.settings = {ENTENTE_PROGRAM, ENTENTE_BROKER_PROGRAM, folder, false};
    const absl::Status built = BuildAgreed(world_, "always", kPerBatch);
    ASSERT_TRUE(built.ok()) << built;
    file_ = WriteRows(world_, kRows, 0, kRowBytes);
    for (const char* agency : {kLeft, kRight}) {
      EXPECT_EQ(
          Run(agency, {"enrol", "--agreement", kAgreement, "--scheme", kScheme,
                       "--column", "person", "--ref", "ref", file_})
              .value("enrolled", 0),
          kRows);
    }
  }
  void TearDown() override {
    world_.broker.reset();
    if (!HasFailure()) fs::remove_all(world_.settings.folder);
  }

  std::string Profile(const char* agency) {
    return world_.Profile(agency, "system");
  }
  // What a command printed, or its error; it must end with `exit`.
  json Run(const char* agency, std::vector<std::string> words, int exit = 0) {
    const auto ran = world_.Entente(Profile(agency), std::move(words), exit);
    EXPECT_TRUE(ran.ok()) << ran.status();
    if (!ran.ok()) return json::object();
    EXPECT_EQ(ran->at("exit_code"), exit) << ran->dump();
    return exit == 0 ? *ran : ran->value("error", json::object());
  }
  json Send(int exit = 0) {
    return Run(kLeft,
               {"send", "--agreement", kAgreement, "--flow", kFlow, "--purpose",
                kPurpose, file_},
               exit);
  }
  json Receive(int exit = 0) {
    return Run(kRight, {"receive", "--agreement", kAgreement, "--out", Inbox()},
               exit);
  }
  std::string Inbox() { return world_.Path("inbox"); }

  // The same command sends the rest, and every row was sent once.
  void ExpectTheRestIsSent() {
    const json sent = Send();
    EXPECT_EQ(sent.value("sent", 0) + sent.value("sent_before", 0), kRows)
        << sent;
    EXPECT_GT(sent.value("sent", 0), 0) << sent;
    EXPECT_EQ(Send().value("sent_before", 0), kRows);
  }
  // All rows are in the inbox, none twice, and both ledgers verify.
  void ExpectAllIsThere() {
    std::set<std::string> seen;
    int records = 0;
    for (const auto& file : fs::directory_iterator(Inbox())) {
      EXPECT_EQ(file.path().extension(), ".jsonl");
      std::ifstream lines(file.path());
      for (std::string line; std::getline(lines, line); ++records) {
        const json record = json::parse(line, nullptr, false);
        ASSERT_TRUE(record.is_object()) << file.path() << ": " << line;
        seen.insert(absl::StrCat(file.path().stem().string(), " ",
                                 record.at("index").dump()));
      }
    }
    EXPECT_EQ(records, kRows);
    EXPECT_EQ(seen.size(), static_cast<size_t>(kRows));
    for (const bool own : {true, false}) {
      std::vector<std::string> words = {"audit", "verify"};
      if (!own) words.insert(words.end(), {"--agreement", kAgreement});
      EXPECT_EQ(Run(kRight, words).value("verified", false), true);
    }
  }
  static void ExpectSaysSo(const json& error, const std::string& code) {
    EXPECT_EQ(error.value("code", ""), code) << error;
    EXPECT_NE(error.value("what", ""), "") << error;
    EXPECT_NE(error.value("next", ""), "") << error;
  }

  world::World world_;
  std::string file_;
};

TEST_F(DiskFull, TheBrokerRefusesAndGoesOnWithoutARestart) {
  ASSERT_EQ(world_.broker->Stop(), 0);
  SmallDisk disk(world_.Path("operator/data"), 48);
  const absl::Status back = world_.StartBroker(world_.address);
  ASSERT_TRUE(back.ok()) << back;
  disk.Fill(1 << 20);
  ExpectSaysSo(Send(kUnavailable), "DISK_FULL");
  // It reads on, and refuses again.
  EXPECT_EQ(Run(kLeft, {"status"}).value("broker", ""), world::kBrokerName);
  ExpectSaysSo(Send(kUnavailable), "DISK_FULL");
  disk.Free();
  ExpectTheRestIsSent();
  EXPECT_EQ(Receive().value("received", 0), kRows);
  ExpectAllIsThere();
  // What it kept on that disk, it starts from.
  EXPECT_EQ(world_.broker->Stop(), 0);
  const absl::Status again = world_.StartBroker(world_.address);
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_EQ(Receive().value("received", -1), 0);
  ExpectAllIsThere();
  world_.broker.reset();
}

TEST_F(DiskFull, ASenderStoresNothingThatItCannotKeepAndGoesOn) {
  SmallDisk disk(Profile(kLeft), 48);
  disk.Fill(1 << 20);
  for (int i = 0; i < 2; ++i) {
    const json error = Send(kUnavailable);
    ExpectSaysSo(error, "LOCAL_DISK_FULL");
    EXPECT_THAT(error.value("what", "") + error.value("why", ""),
                HasSubstr("store.db"));
    EXPECT_THAT(error.value("next", ""), HasSubstr("free space"));
  }
  disk.Free();
  ExpectTheRestIsSent();
  EXPECT_EQ(Receive().value("received", 0), kRows);
  ExpectAllIsThere();
}

TEST_F(DiskFull, ARecipientAcknowledgesNothingThatItCouldNotWriteAndGoesOn) {
  EXPECT_EQ(Send().value("sent", 0), kRows);
  SmallDisk disk(Inbox(), 48);
  disk.Fill(1 << 19);
  const json error = Receive(kUnavailable);
  ExpectSaysSo(error, "LOCAL_DISK_FULL");
  EXPECT_THAT(error.value("what", ""), HasSubstr(Inbox()));
  disk.Free();
  const int rest = Receive().value("received", 0);
  EXPECT_GT(rest, 0);
  EXPECT_LE(rest, kRows);
  ExpectAllIsThere();
}

}  // namespace
}  // namespace entente::disk_full

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  if (!entente::disk_full::EnterOwnMounts()) {
    fputs(
        "*** disk_full: NOT RUN. Nothing was tried on a full disk: mounting "
        "one "
        "takes root.\n*** Run it as root: sudo ./dev test disk_full\n",
        stderr);
    return 77;
  }
  return RUN_ALL_TESTS();
}
