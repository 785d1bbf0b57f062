// ./dev demo: the whole story, from keys to a verified ledger.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/demo/story.h"
#include "tests/world/world.h"

namespace entente::demo {
namespace {

struct Options {
  world::Settings settings;
  std::string programs;  // folder with `entente` and `entente-broker`
  Input input;
  std::string output = "table";
  std::string data;  // the demo's own files
};

int Fail(const absl::Status& status, const Options& options) {
  std::cerr << "demo: " << status.message() << "\n"
            << "everything that was made is in " << options.settings.folder
            << "\n";
  return 1;
}

void Print(const Result& result, double seconds, const Options& options) {
  const nlohmann::json object = {{"sent", result.sent},
                                 {"received", result.received},
                                 {"matched", result.matched},
                                 {"correct", result.correct},
                                 {"wrong", result.wrong},
                                 {"refused", result.refused},
                                 {"ledger_entries", result.ledger_entries},
                                 {"ledger_verified", result.ledger_verified},
                                 {"seconds", seconds}};
  if (options.output == "json") {
    std::cout << object.dump() << std::endl;
    return;
  }
  std::cout << "\nIn numbers: " << object.dump() << std::endl;
}

int Tell(Options options) {
  const auto begin = std::chrono::steady_clock::now();
  if (options.input.left.empty()) {
    options.input.left = options.data + "/northmere-police.csv";
    options.input.right = options.data + "/westvale-police.csv";
  }
  world::World world;
  world.settings = options.settings;
  absl::Status built = world.Build();
  if (!built.ok()) return Fail(built, options);
  const auto result = RunStory(world, options.input);
  if (!result.ok()) return Fail(result.status(), options);
  world.Tell("\nThe broker stops; what it held is on its disk.");
  if (world.broker->Stop() != 0) {
    return Fail(absl::InternalError("the broker did not end well"), options);
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  Print(*result, took.count(), options);
  return result->ledger_verified && result->refused == 1 ? 0 : 1;
}

int Main(int argc, char** argv) {
  Options options;
  bool keep = false;
  CLI::App app{
      "./dev demo\n./dev demo --left a.csv --right b.csv --key soc_sec_id "
      "--truth rec_id --keep out -o json\n"};
  app.add_option("--programs", options.programs)->required();
  app.add_option("--data", options.data)->required();
  auto* left =
      app.add_option("--left", options.input.left, "CSV of the sending agency");
  auto* right = app.add_option("--right", options.input.right,
                               "CSV of the receiving agency");
  auto* key = app.add_option("--key", options.input.key,
                             "column that both have; enrolled as opaque/1");
  left->needs(right, key);
  right->needs(left, key);
  key->needs(left, right);
  app.add_option("--truth", options.input.truth,
                 "column whose first digits say who is who; never sent")
      ->needs(left);
  auto* folder = app.add_option("--keep", options.settings.folder,
                                "keep everything under this new folder");
  app.add_option("-o,--output", options.output)
      ->check(CLI::IsMember({"table", "json"}));
  CLI11_PARSE(app, argc, argv);
  keep = folder->count() > 0;
  if (!keep) {
    std::string made =
        (std::filesystem::temp_directory_path() / "entente-demo-XXXXXX")
            .string();
    if (mkdtemp(made.data()) == nullptr) {
      std::cerr << "demo: no temporary folder\n";
      return 1;
    }
    options.settings.folder = made;
  } else {
    std::filesystem::create_directories(options.settings.folder);
    if (!std::filesystem::is_empty(options.settings.folder)) {
      std::cerr << "demo: " << options.settings.folder
                << " is not empty; name a new folder\n";
      return 2;
    }
  }
  options.settings.folder =
      std::filesystem::canonical(options.settings.folder).string();
  options.settings.entente = options.programs + "/entente";
  options.settings.entente_broker = options.programs + "/entente-broker";
  options.settings.narrate = options.output == "table";
  const int code = Tell(options);
  if (!keep && code == 0) std::filesystem::remove_all(options.settings.folder);
  return code;
}

}  // namespace
}  // namespace entente::demo

int main(int argc, char** argv) { return entente::demo::Main(argc, argv); }
