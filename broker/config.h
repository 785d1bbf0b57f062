// The broker's settings: one file, overridden by flags.
#ifndef ENTENTE_BROKER_CONFIG_H_
#define ENTENTE_BROKER_CONFIG_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::broker {

// There is no setting that turns off TLS, client certificates, the ledger or
// quotas.
struct Config {
  std::string data;             // folder
  std::string listen;           // host:port
  std::string name;             // of the broker; begins every ledger's origin
  std::string trust_domain;     // of every certificate
  std::string certificate;      // PEM file: the broker's, then its chain
  std::string private_key;      // PEM file, readable by its owner alone
  std::string operator_root;    // PEM file: the root of operators' certificates
  std::string passphrase_file;  // readable by its owner alone
  int passphrase_fd = -1;       // instead of a file; -1: none
  std::string log_level = "info";
  int workers = 0;               // threads for arithmetic; 0: one per core
  int max_queued_calls = 1024;   // waiting for a worker
  int max_queued_writes = 1024;  // waiting for the sequencer
  int max_streams = 256;         // open at once, per connection
  // As rpc/connection_limits.h has them.
  int max_connections = 1024;
  int max_connections_per_address = 256;
  int drain_seconds = 10;      // for calls in flight at shutdown
  std::string metrics_listen;  // loopback address and port; empty: none
};

// One setting: its name in the file, and `--name` as a flag.
struct Setting {
  absl::string_view name;
  absl::string_view unit;           // of its value: `seconds`, `file`, ...
  absl::string_view default_value;  // empty: there is none
  bool required;                    // must be given
  absl::string_view help;
};

// Every setting, in the order in which help shows them.
const std::vector<Setting>& Settings();

// The value of every setting as `config` has it, in that order.
std::vector<std::pair<std::string, std::string>> SettingsOf(
    const Config& config);

// Sets one from its text. InvalidArgument for an unknown name (the message
// names the nearest one) or for a value outside its range.
absl::Status Set(Config* config, absl::string_view name,
                 absl::string_view value);

// Reads `name: value` lines onto `config`; `#` begins a comment at the start
// of a line or after a space, and values may stand in double quotes. A strict
// subset of YAML. InvalidArgument, as `file:line: what`, with every mistake:
// unknown or repeated settings, bad values, other layout. `file` is for
// messages.
absl::Status ReadConfig(absl::string_view file, absl::string_view text,
                        Config* config);

// Whether all that must be given is there, and fits together. InvalidArgument
// with every mistake.
absl::Status Validate(const Config& config);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_CONFIG_H_
