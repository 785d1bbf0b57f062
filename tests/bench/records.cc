#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/whole.h"
#include "tests/world/agreed_world.h"

namespace entente::bench {
namespace {

// As `./dev bench` says: chunks of 256.
constexpr int kBatchRecords = 256;

using Steady = std::chrono::steady_clock;

struct Took {
  double enrol = 0;  // seconds
  double send = 0;
  double receive = 0;
  double idle_mib = 0;  // of the broker, before the first record
  double peak_mib = 0;
};

// `key` of the broker's memory, in MiB; 0 if it cannot be read.
double MemoryOf(const world::World& world, const std::string& key) {
  std::ifstream status(absl::StrCat("/proc/", world.broker->pid(), "/status"));
  std::string word;
  while (status >> word) {
    if (word != key + ":") continue;
    double kib = 0;
    status >> kib;
    return kib / 1024;
  }
  return 0;
}

// From here on VmHWM is the peak since now: that of the start is the key
// derivation's.
void ForgetPeak(const world::World& world) {
  std::ofstream(absl::StrCat("/proc/", world.broker->pid(), "/clear_refs"))
      << "5";
}

// Runs `words`, whose `count` must say `expected`; how long it took.
absl::StatusOr<double> Time(world::World& world, const std::string& agency,
                            const std::vector<std::string>& words,
                            const std::string& count, int expected) {
  const auto begin = Steady::now();
  const auto said = world.Entente(world.Profile(agency, "system"), words);
  const double seconds =
      std::chrono::duration<double>(Steady::now() - begin).count();
  if (!said.ok()) return said.status();
  if (said->at(count).get<int>() != expected) {
    return absl::InternalError(
        absl::StrCat(words[0], " ended with ", said->dump()));
  }
  return seconds;
}

absl::StatusOr<Took> Exchange(const world::Settings& settings,
                              const std::string& proof, int records) {
  world::World world;
  world.settings = settings;
  world.settings.folder = absl::StrCat(settings.folder, "/records-", proof);
  std::filesystem::create_directories(world.settings.folder);
  const absl::Status agreed = world::BuildAgreed(world, proof, kBatchRecords);
  if (!agreed.ok()) return agreed;
  const std::string rows = world::WriteRows(world, records);
  Took took;
  took.idle_mib = MemoryOf(world, "VmRSS");
  ForgetPeak(world);
  const auto enrol =
      Time(world, world::kLeft,
           {"enrol", "--agreement", world::kAgreement, "--scheme",
            world::kScheme, "--column", "person", "--ref", "ref", rows},
           "enrolled", records);
  if (!enrol.ok()) return enrol.status();
  const auto send = Time(world, world::kLeft,
                         {"send", "--agreement", world::kAgreement, "--flow",
                          world::kFlow, "--purpose", world::kPurpose, rows},
                         "sent", records);
  if (!send.ok()) return send.status();
  const auto receive = Time(
      world, world::kRight,
      {"receive", "--agreement", world::kAgreement, "--out", world.Path("out")},
      "received", records);
  if (!receive.ok()) return receive.status();
  took.enrol = *enrol;
  took.send = *send;
  took.receive = *receive;
  took.peak_mib = MemoryOf(world, "VmHWM");
  if (world.broker->Stop() != 0) {
    return absl::InternalError("the broker did not end well");
  }
  return took;
}

}  // namespace

absl::Status MeasureRecords(const world::Settings& settings,
                            const RecordFloor& floor, int records,
                            std::vector<Line>* lines) {
  const double cores = std::thread::hardware_concurrency();
  for (const std::string proof : {"always", "none"}) {
    const bool proved = proof == "always";
    const auto took = Exchange(settings, proof, records);
    if (!took.ok()) return took.status();
    lines->push_back({absl::StrCat("records_proof_", proof),
                      absl::StrCat("records sent and received, ",
                                   proved ? "with" : "without", " proof"),
                      records / (took->send + took->receive), "per s",
                      cores / (proved ? floor.With() : floor.Without()),
                      "libsodium's operations of all three, on all cores"});
    if (!proved) continue;
    lines->push_back({"enrolments", "identifiers enrolled",
                      records / took->enrol, "per s", cores / floor.Enrol(),
                      "libsodium's operations of both, on all cores"});
    lines->push_back({"broker_memory", "memory of the broker, at its peak",
                      took->peak_mib, "MiB", took->idle_mib,
                      "the broker before the first record"});
  }
  return absl::OkStatus();
}

}  // namespace entente::bench
