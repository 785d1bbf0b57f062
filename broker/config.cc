#include "broker/config.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "broker/json_log.h"
#include "broker/loopback.h"

namespace entente::broker {
namespace {

// Of a setting's name, for suggestions.
constexpr size_t kMaxNameBytes = 64;

using Setter = std::function<absl::Status(Config*, absl::string_view)>;

struct Row {
  Setting setting;
  Setter set;
};

Setter Text(std::string Config::*field) {
  return [field](Config* config, absl::string_view value) {
    if (value.empty()) return absl::InvalidArgumentError("must not be empty");
    config->*field = std::string(value);
    return absl::OkStatus();
  };
}

Setter Number(int Config::*field, int low, int high) {
  return [=](Config* config, absl::string_view value) {
    int number = 0;
    if (!absl::SimpleAtoi(value, &number) || number < low || number > high) {
      return absl::InvalidArgumentError(
          absl::StrCat("must be a number from ", low, " to ", high));
    }
    config->*field = number;
    return absl::OkStatus();
  };
}

// Hosts, names and trust domains: what may stand in a URI and a note.
bool IsPlainName(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '.' &&
        c != '-' && c != '/' && c != '_') {
      return false;
    }
  }
  return !text.empty() && text.size() <= 200;
}

Setter Name(std::string Config::*field) {
  return [field](Config* config, absl::string_view value) {
    if (!IsPlainName(value)) {
      return absl::InvalidArgumentError(
          "must be letters, digits, and . - _ / (at most 200)");
    }
    config->*field = std::string(value);
    return absl::OkStatus();
  };
}

absl::Status SetListen(Config* config, absl::string_view value) {
  const size_t colon = value.rfind(':');
  int port = -1;
  if (colon == absl::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(value.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return absl::InvalidArgumentError(
        "must be host:port, for example 127.0.0.1:7443 (port 0: any)");
  }
  config->listen = std::string(value);
  return absl::OkStatus();
}

absl::Status SetMetricsListen(Config* config, absl::string_view value) {
  const absl::Status parsed = ParseLoopback(value).status();
  if (!parsed.ok()) return parsed;
  config->metrics_listen = std::string(value);
  return absl::OkStatus();
}

absl::Status SetLogLevel(Config* config, absl::string_view value) {
  const absl::StatusOr<LogLevel> level = ParseLogLevel(value);
  if (!level.ok()) return level.status();
  config->log_level = std::string(value);
  return absl::OkStatus();
}

const std::vector<Row>& Rows() {
  static const auto* const rows = new std::vector<Row>{
      {{"data", "folder", "", true, "holds all that the broker keeps"},
       Text(&Config::data)},
      {{"listen", "host:port", "", true, "where agencies call (port 0: any)"},
       SetListen},
      {{"name", "name", "", true, "the broker's, as agreements state it"},
       Name(&Config::name)},
      {{"trust_domain", "name", "", true, "trust domain of all certificates"},
       Name(&Config::trust_domain)},
      {{"certificate", "file", "", true,
        "PEM: the broker's certificate, then its chain"},
       Text(&Config::certificate)},
      {{"private_key", "file", "", true,
        "PEM, mode 0600: the certificate's key"},
       Text(&Config::private_key)},
      {{"operator_root", "file", "", true,
        "PEM: root of the operators' certificates"},
       Text(&Config::operator_root)},
      {{"passphrase_file", "file", "", false,
        "mode 0600: the passphrase of the key file (this or passphrase_fd)"},
       Text(&Config::passphrase_file)},
      {{"passphrase_fd", "descriptor", "", false,
        "open descriptor to read the passphrase from (0 to 65535)"},
       Number(&Config::passphrase_fd, 0, 65535)},
      {{"log_level", "word", "info", false,
        "least to log: debug, info, warning or error"},
       SetLogLevel},
      {{"workers", "threads", "0", false,
        "for arithmetic, 0 to 1024 (0: one per core)"},
       Number(&Config::workers, 0, 1024)},
      {{"max_queued_calls", "calls", "1024", false,
        "may wait for a worker, 1 to 1000000"},
       Number(&Config::max_queued_calls, 1, 1'000'000)},
      {{"max_queued_writes", "writes", "1024", false,
        "may wait for the sequencer, 1 to 1000000"},
       Number(&Config::max_queued_writes, 1, 1'000'000)},
      {{"max_streams", "calls", "256", false,
        "may be open at once on one connection, 1 to 100000"},
       Number(&Config::max_streams, 1, 100'000)},
      {{"max_connections", "connections", "1024", false,
        "may be open at once, 1 to 100000"},
       Number(&Config::max_connections, 1, 100'000)},
      {{"max_connections_per_address", "connections", "256", false,
        "from one IPv4 address or IPv6 /64, 1 to 100000 (a proxy is one)"},
       Number(&Config::max_connections_per_address, 1, 100'000)},
      {{"drain_seconds", "seconds", "10", false,
        "for calls in flight at shutdown, 0 to 3600"},
       Number(&Config::drain_seconds, 0, 3600)},
      {{"metrics_listen", "address:port", "", false,
        "loopback address for Prometheus, as 127.0.0.1:9464 (port 0: any)"},
       SetMetricsListen},
  };
  return *rows;
}

// Takes off a comment and the space around; false if the quotes are wrong.
bool CleanValue(absl::string_view* value) {
  *value = absl::StripLeadingAsciiWhitespace(*value);
  if (absl::StartsWith(*value, "\"")) {
    const size_t end = value->find('"', 1);
    if (end == absl::string_view::npos) return false;
    const absl::string_view rest =
        absl::StripLeadingAsciiWhitespace(value->substr(end + 1));
    *value = value->substr(1, end - 1);
    return (rest.empty() || rest[0] == '#') && !absl::StrContains(*value, "\\");
  }
  const size_t comment = absl::StartsWith(*value, "#") ? 0 : value->find(" #");
  *value = absl::StripTrailingAsciiWhitespace(value->substr(0, comment));
  // What YAML would read as something else than this text.
  return value->empty() ||
         (!absl::StrContains("'[]{}&*!|>%@`", value->substr(0, 1)) &&
          !absl::StrContains(*value, ": "));
}

absl::Status ReadLine(absl::string_view line, Config* config,
                      std::set<std::string>* seen) {
  const absl::string_view bare = absl::StripAsciiWhitespace(line);
  if (bare.empty() || bare[0] == '#') return absl::OkStatus();
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos || line[0] == ' ' || line[0] == '\t' ||
      (colon + 1 < line.size() && line[colon + 1] != ' ')) {
    return absl::InvalidArgumentError("expected `name: value`");
  }
  const absl::string_view name = line.substr(0, colon);
  absl::string_view value = line.substr(colon + 1);
  if (!CleanValue(&value)) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": expected plain text, or text in double quotes"));
  }
  if (!seen->insert(std::string(name)).second) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": given twice"));
  }
  return Set(config, name, value);
}

// Single characters to change, add or drop to make `a` into `b`.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

absl::Status UnknownSetting(absl::string_view name) {
  std::vector<absl::string_view> names;
  absl::string_view nearest;
  // A name further off than half of it is no slip of the pen.
  size_t least = std::min(name.size(), kMaxNameBytes) / 2 + 1;
  for (const Row& row : Rows()) {
    names.push_back(row.setting.name);
    const size_t distance =
        EditDistance(name.substr(0, kMaxNameBytes), row.setting.name);
    if (distance >= least) continue;
    least = distance;
    nearest = row.setting.name;
  }
  const std::string hint =
      nearest.empty() ? absl::StrCat("settings: ", absl::StrJoin(names, ", "))
                      : absl::StrCat("did you mean \"", nearest, "\"?");
  return absl::InvalidArgumentError(
      absl::StrCat("unknown setting \"", name, "\" (", hint, ")"));
}

absl::Status Together(const std::vector<std::string>& mistakes) {
  if (mistakes.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(mistakes, "\n"));
}

}  // namespace

const std::vector<Setting>& Settings() {
  static const auto* const settings = [] {
    auto* const list = new std::vector<Setting>;
    for (const Row& row : Rows()) list->push_back(row.setting);
    return list;
  }();
  return *settings;
}

std::vector<std::pair<std::string, std::string>> SettingsOf(
    const Config& config) {
  const auto number = [](int value) { return absl::StrCat(value); };
  return {{"data", config.data},
          {"listen", config.listen},
          {"name", config.name},
          {"trust_domain", config.trust_domain},
          {"certificate", config.certificate},
          {"private_key", config.private_key},
          {"operator_root", config.operator_root},
          {"passphrase_file", config.passphrase_file},
          {"passphrase_fd", number(config.passphrase_fd)},
          {"log_level", config.log_level},
          {"workers", number(config.workers)},
          {"max_queued_calls", number(config.max_queued_calls)},
          {"max_queued_writes", number(config.max_queued_writes)},
          {"max_streams", number(config.max_streams)},
          {"max_connections", number(config.max_connections)},
          {"max_connections_per_address",
           number(config.max_connections_per_address)},
          {"drain_seconds", number(config.drain_seconds)},
          {"metrics_listen", config.metrics_listen}};
}

absl::Status Set(Config* config, absl::string_view name,
                 absl::string_view value) {
  for (const Row& row : Rows()) {
    if (row.setting.name != name) continue;
    const absl::Status set = row.set(config, value);
    if (set.ok()) return set;
    return absl::InvalidArgumentError(absl::StrCat(name, ": ", set.message()));
  }
  return UnknownSetting(name);
}

absl::Status ReadConfig(absl::string_view file, absl::string_view text,
                        Config* config) {
  std::vector<std::string> mistakes;
  std::set<std::string> seen;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (absl::EndsWith(line, "\r")) line.remove_suffix(1);
    const absl::Status read = ReadLine(line, config, &seen);
    if (!read.ok()) {
      mistakes.push_back(absl::StrCat(file, ":", number, ": ", read.message()));
    }
  }
  return Together(mistakes);
}

absl::Status Validate(const Config& config) {
  std::vector<std::string> mistakes;
  const auto require = [&](absl::string_view name, const std::string& value) {
    if (value.empty()) {
      mistakes.push_back(absl::StrCat(name, ": must be given, as --", name,
                                      " or in the config file"));
    }
  };
  require("data", config.data);
  require("listen", config.listen);
  require("name", config.name);
  require("trust_domain", config.trust_domain);
  require("certificate", config.certificate);
  require("private_key", config.private_key);
  require("operator_root", config.operator_root);
  if (config.passphrase_file.empty() == (config.passphrase_fd < 0)) {
    mistakes.emplace_back(
        "passphrase_file: give it or passphrase_fd, and not both");
  }
  return Together(mistakes);
}

}  // namespace entente::broker
