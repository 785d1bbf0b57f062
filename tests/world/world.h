// Agencies, folders and a broker, and how commands are run among them.
#ifndef ENTENTE_TESTS_WORLD_WORLD_H_
#define ENTENTE_TESTS_WORLD_WORLD_H_

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/world/document.h"
#include "tests/world/process.h"

namespace entente::world {

// Where things are, and whether to tell the story.
struct Settings {
  std::string entente;         // the program
  std::string entente_broker;  // the program
  std::string folder;          // empty or new; everything is made in it
  bool narrate = true;         // on standard output
};

inline constexpr char kTrustDomain[] = "demo.example";
inline constexpr char kBrokerName[] = "broker.demo.example";

// `spiffe://demo.example/agency/<agency>/<role>/<name>`.
std::string AgencyUri(const std::string& agency, const std::string& role,
                      const std::string& name);

// One folder each for `operator`, kLeft, kRight and kInspector. In an agency's:
// `ca`, `certificates/<name>`, and the profiles `system`, `acc-crime`, `siro`
// (signatories) and `auditor`. The operator's profile is `duty`.
struct World {
  Settings settings;
  std::unique_ptr<Background> broker;
  std::string address;  // of the broker, once it has served
  Facts facts;

  std::string Path(const std::string& rest) const;
  std::string Profile(const std::string& agency, const std::string& name) const;

  // Prints a paragraph of the story.
  void Tell(const std::string& text) const;

  // Runs `entente` under `profile` (a path, or empty). Internal only if it
  // cannot be started.
  absl::StatusOr<Finished> RunEntente(const std::string& profile,
                                      const std::vector<std::string>& words);
  // The same with `-o json`; what it printed, with `exit_code`. Internal, with
  // everything it said, unless it ends with 0 or `also_ok`.
  absl::StatusOr<nlohmann::json> Entente(const std::string& profile,
                                         std::vector<std::string> words,
                                         int also_ok = 0);
  // Without `-o json`; what it printed as text.
  absl::StatusOr<std::string> EntenteText(const std::string& profile,
                                          std::vector<std::string> words);

  // Makes CAs, certificates and profiles, and starts the broker.
  absl::Status Build();
  // Registers the three agencies, and publishes the keys of the two that share.
  absl::Status Register();
  // One more that shares, registered and with its keys published. Its profiles
  // are `system` and `siro`. The SHA-256 of its root's public key.
  absl::StatusOr<std::string> AddAgency(const std::string& agency,
                                        const std::string& name);
  // Proposes `document`, signs it for everybody and sees that it is active.
  absl::Status Agree(const std::string& document);

  // The agency's system makes data keys, and `siro` endorses them.
  absl::Status PublishKeys(const std::string& agency);
  // The SHA-256 of the new root's public key.
  absl::StatusOr<std::string> MakeAuthority(const std::string& who,
                                            const std::string& name);
  // `folder` gets certificate.pem and key.pem, of the authority of `who`.
  absl::Status Issue(const std::string& who, const std::string& uri,
                     const std::string& folder,
                     std::vector<std::string> more = {});
  // A certificate of the agency's own authority, and the profile with it.
  absl::Status MakeProfile(const std::string& agency, const std::string& role,
                           const std::string& name);
  // The profile `folder` for whom the certificate in `certificate` names; `who`
  // has the root.
  absl::Status InitProfile(const std::string& folder,
                           const std::string& certificate,
                           const std::string& who);

  // The broker's command line, on `listen`, with the world's files; `more`
  // overrides.
  std::vector<std::string> BrokerCommand(
      const std::string& listen,
      const std::vector<std::pair<std::string, std::string>>& more = {}) const;
  // Starts it on `listen`, and waits until it serves.
  absl::Status StartBroker(const std::string& listen = "127.0.0.1:0");
};

}  // namespace entente::world

#endif  // ENTENTE_TESTS_WORLD_WORLD_H_
