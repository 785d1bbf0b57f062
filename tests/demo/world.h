// The demo's agencies, folders and broker, and how commands are run in it.
#ifndef ENTENTE_TESTS_DEMO_WORLD_H_
#define ENTENTE_TESTS_DEMO_WORLD_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/demo/document.h"
#include "tests/demo/process.h"

namespace entente::demo {

// Where things are, and whether to tell the story.
struct Settings {
  std::string programs;  // folder with `entente` and `entente-broker`
  std::string folder;    // empty or new; everything is made in it
  bool narrate = true;   // on standard output
};

// One agency's folder: `ca`, `system`, `acc-crime`, `siro`, `auditor`.
struct World {
  Settings settings;
  std::optional<Background> broker;
  std::string address;
  Facts facts;
  int refused = 0;  // calls that the broker refused and recorded

  std::string Path(const std::string& rest) const;
  std::string Profile(const std::string& agency, const std::string& name) const;

  // Prints a paragraph of the story.
  void Tell(const std::string& text) const;

  // Runs `entente` under `profile` (a path, or empty) with `-o json` and
  // returns what it printed. Internal, with everything it said, unless it ends
  // with 0 or `also_ok`.
  absl::StatusOr<nlohmann::json> Entente(const std::string& profile,
                                         std::vector<std::string> words,
                                         int also_ok = 0);
  // The same without `-o json`; what it printed as text.
  absl::StatusOr<std::string> EntenteText(const std::string& profile,
                                          std::vector<std::string> words);

  // Makes CAs, certificates and profiles, and starts the broker.
  absl::Status Build();

 private:
  absl::StatusOr<std::string> MakeAuthority(const std::string& who,
                                            const std::string& name);
  absl::Status Issue(const std::string& who, const std::string& uri,
                     const std::string& folder,
                     std::vector<std::string> more = {});
  absl::Status StartBroker();
  absl::Status MakeProfile(const std::string& agency, const std::string& role,
                           const std::string& name);
  absl::StatusOr<Finished> RunEntente(const std::string& profile,
                                      const std::vector<std::string>& words);
};

inline constexpr char kTrustDomain[] = "demo.example";
inline constexpr char kBrokerName[] = "broker.demo.example";

}  // namespace entente::demo

#endif  // ENTENTE_TESTS_DEMO_WORLD_H_
