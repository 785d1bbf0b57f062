// ./dev bench: every figure with its floor, measured in the same run.
#include <benchmark/benchmark.h>
#include <sodium.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "tests/bench/parts.h"
#include "tests/bench/report.h"
#include "tests/bench/whole.h"

namespace entente::bench {
namespace {

struct Options {
  std::string programs;  // folder with `entente` and `entente-broker`
  std::string templates;
  std::string output = "table";
  bool quick = false;
  bool glance = false;
  std::vector<std::string> only;
};

// Lines that are measured together.
struct Part {
  const char* name;
  std::function<absl::Status(std::vector<Line>*)> measure;
};

bool IsWanted(const Options& options, const std::string& name) {
  return options.only.empty() ||
         std::count(options.only.begin(), options.only.end(), name) > 0;
}

absl::Status Measure(const Options& options, const std::string& folder,
                     std::vector<Line>* lines) {
  const double seconds = options.glance ? 0.02 : options.quick ? 0.3 : 2;
  const int records = options.glance ? 512 : options.quick ? 5'120 : 51'200;
  const size_t entries = options.glance  ? 2'000
                         : options.quick ? 100'000
                                         : 1'000'000;
  world::Settings settings;
  settings.entente = options.programs + "/entente";
  settings.entente_broker = options.programs + "/entente-broker";
  settings.folder = folder;
  settings.narrate = false;
  const std::string appends = folder + "/appends";
  const std::string audits = folder + "/audits";
  const std::string registers = folder + "/registers";
  std::filesystem::create_directories(appends);
  std::filesystem::create_directories(audits);
  std::filesystem::create_directories(registers);
  const Part parts[] = {
      {"records",
       [&](std::vector<Line>* to) {
         return MeasureRecords(settings, MeasureFloor(seconds), records, to);
       }},
      {"calls",
       [&](std::vector<Line>* to) {
         return MeasureCalls(settings, 5 * seconds, to);
       }},
      {"appends",
       [&](std::vector<Line>* to) {
         return MeasureAppends(appends, 5 * seconds, to);
       }},
      {"audits",
       [&](std::vector<Line>* to) {
         return MeasureAudits(audits, entries, seconds, to);
       }},
      {"decisions",
       [&](std::vector<Line>* to) {
         return MeasureDecisions(options.templates, seconds, to);
       }},
      {"registers",
       [&](std::vector<Line>* to) {
         return MeasureRegisters(options.templates, registers, to);
       }},
      {"overviews", [&](std::vector<Line>* to) {
         return MeasureOverviews(options.templates, to);
       }}};
  absl::Status done;
  for (const Part& part : parts) {
    if (done.ok() && IsWanted(options, part.name)) done = part.measure(lines);
  }
  return done;
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app{"./dev bench\n./dev bench --quick -o json\n"};
  app.add_option("--programs", options.programs)->required();
  app.add_option("--templates", options.templates)->required();
  app.add_flag("--quick", options.quick, "within three minutes");
  app.add_flag("--glance", options.glance,
               "as little as shows that every line can be measured");
  app.add_option("--only", options.only, "some parts of it")
      ->check(CLI::IsMember({"records", "calls", "appends", "audits",
                             "decisions", "registers", "overviews"}));
  app.add_option("-o,--output", options.output)
      ->check(CLI::IsMember({"table", "json"}));
  CLI11_PARSE(app, argc, argv);
  std::string folder =
      (std::filesystem::temp_directory_path() / "entente-bench-XXXXXX")
          .string();
  if (sodium_init() < 0 || mkdtemp(folder.data()) == nullptr) {
    std::cerr << "bench: no libsodium, or no temporary folder\n";
    return 1;
  }
  std::vector<Line> lines;
  const absl::Status done = Measure(options, folder, &lines);
  std::filesystem::remove_all(folder);
  if (!done.ok()) {
    std::cerr << "bench: " << done.message() << "\n";
    return 1;
  }
  for (const Line& line : lines) {
    if (line.value > 0 && line.floor > 0) continue;
    std::cerr << "bench: " << line.id << " was not measured\n";
    return 1;
  }
  std::cout << (options.output == "json" ? AsJson(lines) + "\n"
                                         : AsTable(lines));
  return 0;
}

}  // namespace
}  // namespace entente::bench

int main(int argc, char** argv) { return entente::bench::Main(argc, argv); }
