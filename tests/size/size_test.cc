// Files of many rows go through in memory that does not grow with them, on all
// three sides. ENTENTE_LONG: a million rows.
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world/agreed_world.h"

namespace entente::world {
namespace {

// The sizes that are compared. `few` fill several batches and several blocks of
// what is read from a file; whoever held what `many` have more would hold twice
// `growth_mib` in the short form, and much more in the long one.
struct Sizes {
  int few;
  int many;
  int known;  // of as many rows, the recipient knows one
  int per_batch;
  int row_bytes;  // of text, so that few rows weigh something
  double growth_mib;
  const char* proof;  // half of the time, and of no size
};
constexpr Sizes kShort = {2'000, 6'000, 1, 500, 16'000, 30, "always"};
constexpr Sizes kLong = {60'000, 1'000'000, 10, 50'000, 0, 64, "none"};
// Of any program but the broker, and of the broker; its start, which derives a
// key, is not counted.
constexpr double kMostClientMib = 160;
constexpr double kMostBrokerMib = 320;

// Peaks of memory, by what was run.
using Peaks = std::map<std::string, double>;

class Size : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder =
        (std::filesystem::temp_directory_path() / "entente-size-XXXXXX")
            .string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    world_.settings = {ENTENTE_PROGRAM, ENTENTE_BROKER_PROGRAM, folder, false};
    const absl::Status built =
        BuildAgreed(world_, sizes_.proof, sizes_.per_batch);
    ASSERT_TRUE(built.ok()) << built;
  }
  void TearDown() override {
    world_.broker.reset();
    if (!HasFailure()) std::filesystem::remove_all(world_.settings.folder);
  }

  // The broker's peak counts from now.
  void ForgetBrokerPeak() {
    std::ofstream(absl::StrCat("/proc/", world_.broker->pid(), "/clear_refs"))
        << "5";
  }
  double BrokerPeakMib() {
    std::ifstream status(
        absl::StrCat("/proc/", world_.broker->pid(), "/status"));
    std::string word;
    while (status >> word && word != "VmHWM:") {
    }
    double kib = 0;
    status >> kib;
    return kib / 1024;
  }

  // What a command printed; says how fast it went through `rows`.
  nlohmann::json Run(int rows, const char* agency,
                     std::vector<std::string> words, Peaks* peaks) {
    const std::string name = words[0];
    words.insert(words.end(), {"-o", "json"});
    const auto began = std::chrono::steady_clock::now();
    words.insert(words.begin(),
                 {world_.settings.entente, "--no-input", "--profile",
                  world_.Profile(agency, "system")});
    const auto ran = RunAtTerminal(words);
    const std::chrono::duration<double> took =
        std::chrono::steady_clock::now() - began;
    EXPECT_TRUE(ran.ok()) << ran.status();
    if (!ran.ok()) return nlohmann::json::object();
    EXPECT_EQ(ran->exit_code, 0) << ran->out;
    if (is_long_ && name != "audit") {
      EXPECT_THAT(ran->out, testing::ContainsRegex(
                                "[0-9,]+ rows, [0-9,]+ a second, about "
                                "[0-9]+ (s|min|h) left"))
          << name;
    }
    double& peak = (*peaks)[name];
    peak = std::max(peak, ran->peak_mib);
    printf("%-8s %8d rows %8.1f s %8.0f rows/s  peak %.0f MiB, broker's %.0f\n",
           name.c_str(), rows, took.count(), rows / took.count(), ran->peak_mib,
           BrokerPeakMib());
    fflush(stdout);
    // At a terminal the line of progress comes before it.
    auto printed = nlohmann::json::parse(
        ran->out.substr(std::min(ran->out.find('{'), ran->out.size())), nullptr,
        false);
    EXPECT_TRUE(printed.is_object()) << ran->out;
    return printed.is_object() ? printed : nlohmann::json::object();
  }

  void Enrol(const char* agency, const std::string& file, int rows,
             Peaks* peaks) {
    const auto enrolled =
        Run(rows, agency,
            {"enrol", "--agreement", kAgreement, "--scheme", kScheme,
             "--column", "person", "--ref", "ref", file},
            peaks);
    EXPECT_EQ(enrolled.value("enrolled", 0), rows) << enrolled;
  }

  // Enrols, sends and receives `rows` people from number `first` on; what that
  // took of memory.
  Peaks Pass(int rows, int first) {
    Peaks peaks;
    ForgetBrokerPeak();
    const int known = rows / sizes_.known;
    Enrol(kRight, WriteRows(world_, known, first, sizes_.row_bytes), known,
          &peaks);
    const std::string file = WriteRows(world_, rows, first, sizes_.row_bytes);
    Enrol(kLeft, file, rows, &peaks);
    const std::vector<std::string> send = {"send",   "--agreement", kAgreement,
                                           "--flow", kFlow,         "--purpose",
                                           kPurpose, file};
    const auto sent = Run(rows, kLeft, send, &peaks);
    EXPECT_EQ(sent.value("sent", 0), rows);
    const int batches = (rows + sizes_.per_batch - 1) / sizes_.per_batch;
    EXPECT_GT(batches, 1);
    EXPECT_EQ(sent.value("batches", nlohmann::json()).size(),
              static_cast<size_t>(batches));
    const auto again = Run(rows, kLeft, send, &peaks);
    EXPECT_EQ(again.value("sent", -1), 0);
    EXPECT_EQ(again.value("sent_before", 0), rows);
    const std::string inbox = world_.Path(absl::StrCat("inbox-", rows));
    const auto received =
        Run(rows, kRight,
            {"receive", "--agreement", kAgreement, "--out", inbox}, &peaks);
    EXPECT_EQ(received.value("received", 0), rows);
    EXPECT_EQ(received.value("matched", 0), known);
    EXPECT_EQ(LinesIn(inbox), rows);
    peaks["broker"] = BrokerPeakMib();
    return peaks;
  }
  static int LinesIn(const std::string& inbox) {
    int lines = 0;
    for (const auto& one : std::filesystem::directory_iterator(inbox)) {
      std::ifstream records(one.path());
      for (std::string line; std::getline(records, line);) ++lines;
    }
    return lines;
  }

  const bool is_long_ = getenv("ENTENTE_LONG") != nullptr;
  const Sizes sizes_ = is_long_ ? kLong : kShort;
  World world_;
};

TEST_F(Size, AFileOfAnySizeGoesThroughInConstantMemory) {
  const Peaks few = Pass(sizes_.few, 0);
  ASSERT_FALSE(HasFailure());
  const Peaks many = Pass(sizes_.many, sizes_.few);
  EXPECT_EQ(few.size(), 4u);
  for (const auto& [what, peak] : many) {
    EXPECT_LT(peak, few.at(what) + sizes_.growth_mib) << what;
    EXPECT_LT(peak, what == "broker" ? kMostBrokerMib : kMostClientMib) << what;
  }
  Peaks ignored;
  const auto verified =
      Run(sizes_.few + sizes_.many, kRight,
          {"audit", "verify", "--agreement", kAgreement}, &ignored);
  EXPECT_EQ(verified.value("verified", false), true);
}

}  // namespace
}  // namespace entente::world
