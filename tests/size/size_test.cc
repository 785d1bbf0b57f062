// A file of many rows goes through in constant memory on all three sides.
// ENTENTE_LONG: a million rows.
#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/world/agreed_world.h"

namespace entente::world {
namespace {

// Of any program but the broker, whatever the number of rows.
constexpr double kMostClientMib = 160;
// Of the broker; its start, which derives a key, is not counted.
constexpr double kMostBrokerMib = 320;

double BrokerPeakMib(const World& world) {
  std::ifstream status(absl::StrCat("/proc/", world.broker->pid(), "/status"));
  std::string word;
  while (status >> word && word != "VmHWM:") {
  }
  double kib = 0;
  status >> kib;
  return kib / 1024;
}

// The most that any command so far held at once.
double ClientPeakMib() {
  rusage usage = {};
  getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

class Size : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder =
        (std::filesystem::temp_directory_path() / "entente-size-XXXXXX")
            .string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    world_.settings = {ENTENTE_PROGRAM, ENTENTE_BROKER_PROGRAM, folder, false};
    const absl::Status built = BuildAgreed(world_, "always", 50000);
    ASSERT_TRUE(built.ok()) << built;
    std::ofstream(absl::StrCat("/proc/", world_.broker->pid(), "/clear_refs"))
        << "5";
  }
  void TearDown() override {
    world_.broker.reset();
    if (!HasFailure()) std::filesystem::remove_all(world_.settings.folder);
  }

  // What a command printed; says how fast it went.
  nlohmann::json Run(const char* agency, std::vector<std::string> words) {
    const std::string name = words[0];
    const auto began = std::chrono::steady_clock::now();
    const auto ran =
        world_.Entente(world_.Profile(agency, "system"), std::move(words));
    const std::chrono::duration<double> took =
        std::chrono::steady_clock::now() - began;
    EXPECT_TRUE(ran.ok()) << ran.status();
    printf("%-8s %8.1f s %8.0f rows/s  clients' peak %.0f MiB, broker's %.0f\n",
           name.c_str(), took.count(), rows_ / took.count(), ClientPeakMib(),
           BrokerPeakMib(world_));
    fflush(stdout);
    return ran.ok() ? *ran : nlohmann::json::object();
  }

  const int rows_ = getenv("ENTENTE_LONG") != nullptr ? 1'000'000 : 12'000;
  World world_;
};

TEST_F(Size, AFileOfAnySizeGoesThroughInConstantMemory) {
  const std::string file = WriteRows(world_, rows_);
  for (const char* agency : {kLeft, kRight}) {
    const auto enrolled =
        Run(agency, {"enrol", "--agreement", kAgreement, "--scheme", kScheme,
                     "--column", "person", "--ref", "ref", file});
    ASSERT_EQ(enrolled.value("enrolled", 0), rows_) << enrolled;
  }
  const std::vector<std::string> send = {"send",   "--agreement", kAgreement,
                                         "--flow", kFlow,         "--purpose",
                                         kPurpose, file};
  const auto sent = Run(kLeft, send);
  EXPECT_EQ(sent.value("sent", 0), rows_);
  EXPECT_EQ(sent.at("batches").size(),
            static_cast<size_t>((rows_ + 49999) / 50000));
  const auto again = Run(kLeft, send);
  EXPECT_EQ(again.value("sent", -1), 0);
  EXPECT_EQ(again.value("sent_before", 0), rows_);

  const std::string inbox = world_.Path("inbox");
  const auto received =
      Run(kRight, {"receive", "--agreement", kAgreement, "--out", inbox});
  EXPECT_EQ(received.value("received", 0), rows_);
  EXPECT_EQ(received.value("matched", 0), rows_);
  int lines = 0;
  for (const auto& one : std::filesystem::directory_iterator(inbox)) {
    std::ifstream records(one.path());
    for (std::string line; std::getline(records, line);) ++lines;
  }
  EXPECT_EQ(lines, rows_);
  const auto verified =
      Run(kRight, {"audit", "verify", "--agreement", kAgreement});
  EXPECT_EQ(verified.value("verified", false), true);

  EXPECT_LT(ClientPeakMib(), kMostClientMib);
  EXPECT_LT(BrokerPeakMib(world_), kMostBrokerMib);
}

}  // namespace
}  // namespace entente::world
