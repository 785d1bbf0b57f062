// entente-broker: serves sharing agreements and what moves under them.
#include <grpc/support/log.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "broker/broker.h"
#include "broker/command_backup.h"
#include "broker/command_restore.h"
#include "broker/command_roll.h"
#include "broker/config.h"
#include "broker/durable_file.h"
#include "broker/metrics_port.h"
#include "broker/passphrase.h"
#include "broker/process_hardening.h"
#include "broker/rpc/server.h"
#include "certs/tls_policy.h"
#include "crypto/hex.h"

namespace entente::broker {
namespace {

constexpr char kVersion[] = ENTENTE_VERSION;
constexpr size_t kMaxConfigBytes = 64 << 10;

JsonLog* grpc_log = nullptr;

// gRPC's own log, in our form.
void LogFromGrpc(gpr_log_func_args* args) {
  if (args->severity != GPR_LOG_SEVERITY_ERROR || grpc_log == nullptr) return;
  grpc_log->Warning("grpc", {{"message", args->message}});
}

// `trust_domain` of the file is `--trust-domain` on the command line.
std::string FlagOf(absl::string_view name) {
  return absl::StrCat("--", absl::StrReplaceAll(name, {{"_", "-"}}));
}

int Complain(const absl::Status& status) {
  std::cerr << "entente-broker: " << status.message() << "\n";
  return absl::IsInvalidArgument(status) ? 2 : 1;
}

// Asks for what follows in place of everything else. Manual pages and
// completions are made from the answer when the project is built.
constexpr char kDescribe[] = "--describe-commands";

std::string Describe(const CLI::App& app) {
  nlohmann::ordered_json options = nlohmann::ordered_json::array();
  for (const CLI::Option* option : app.get_options()) {
    options.push_back(
        {{"names", option->get_name(false, true)},
         {"value", option->get_type_size() == 0 ? std::string()
                                                : option->get_type_name()},
         {"help", option->get_description()},
         {"default", option->get_default_str()},
         {"positional", false},
         {"required", option->get_required()},
         {"repeated", false}});
  }
  const nlohmann::ordered_json tree = {
      {"name", "entente-broker"},
      {"help", "Serves sharing agreements and what moves under them."},
      {"example",
       "entente-broker --config /etc/entente/broker.conf --log-level debug"},
      {"options", options},
      {"commands", nlohmann::ordered_json::array()}};
  return tree.dump();
}

struct Flags {
  std::string config_file;
  std::map<std::string, std::string> settings;
  bool show_ledger_key = false;
};

// 0 to go on; otherwise the exit code is that minus one.
int ParseFlags(int argc, char** argv, Flags* flags) {
  CLI::App app{
      "entente-broker --data /var/lib/entente --listen 0.0.0.0:7443 --config "
      "/etc/entente/broker.conf\n\nServes sharing agreements. Every setting "
      "may stand in the file and be overridden by its flag.\n"};
  app.set_version_flag("--version", kVersion);
  app.add_option("--config", flags->config_file, "file of settings");
  app.add_flag("--show-ledger-key", flags->show_ledger_key,
               "print the public ledger key, base64, and end");
  std::map<std::string, std::string> given;
  for (const Setting& setting : Settings()) {
    const std::string name(setting.name);
    auto* option =
        app.add_option(FlagOf(name), given[name], std::string(setting.help))
            ->type_name(std::string(setting.unit));
    if (!setting.default_value.empty()) {
      option->default_str(std::string(setting.default_value));
    }
  }
  app.footer(
      "entente-broker backup and entente-broker restore copy a data folder and "
      "put one back, entente-broker roll begins a new part of a ledger; each "
      "has its own --help.\nExit: 0 ended well, 1 failed, 2 settings are "
      "wrong.");
  if (argc == 2 && std::string(argv[1]) == kDescribe) {
    std::cout << Describe(app) << "\n";
    return 1;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 1 : 3;
  }
  for (const auto& [name, value] : given) {
    if (app.get_option(FlagOf(name))->count() > 0) {
      flags->settings[name] = value;
    }
  }
  return 0;
}

absl::StatusOr<Config> MakeConfig(const Flags& flags) {
  Config config;
  if (!flags.config_file.empty()) {
    const auto text = ReadFile(flags.config_file, kMaxConfigBytes);
    if (!text.ok()) return text.status();
    if (absl::Status read = ReadConfig(flags.config_file, *text, &config);
        !read.ok()) {
      return read;
    }
  }
  for (const auto& [name, value] : flags.settings) {
    if (absl::Status set = Set(&config, name, value); !set.ok()) return set;
  }
  if (absl::Status valid = Validate(config); !valid.ok()) return valid;
  return config;
}

absl::StatusOr<crypto::Secret> ReadPassphrase(const Config& config) {
  return config.passphrase_fd >= 0 ? ReadPassphraseFrom(config.passphrase_fd)
                                   : ReadPassphraseFile(config.passphrase_file);
}

// Null if the settings ask for none.
absl::StatusOr<std::unique_ptr<MetricsPort>> ServeMetrics(
    const Config& config, Broker* broker, const std::atomic<bool>* is_draining,
    JsonLog* log) {
  if (config.metrics_listen.empty()) return nullptr;
  MetricsPort::Answers answers;
  answers.metrics = [broker] { return broker->metrics().Text(); };
  answers.health = [broker, is_draining] {
    return *is_draining ? absl::UnavailableError("the broker is stopping")
                        : broker->Health();
  };
  auto port = MetricsPort::Start(config.metrics_listen, std::move(answers));
  if (port.ok()) {
    log->Info("metrics_serving", {{"address", (*port)->address()}});
  }
  return port;
}

int Serve(const Config& config, Broker* broker, JsonLog* log,
          const sigset_t& signals) {
  const auto server = Server::Start(config, broker);
  if (!server.ok()) return Complain(server.status());
  const absl::Status floor = (*server)->ProveTlsFloor();
  if (!floor.ok()) return Complain(floor);
  log->Info("serving",
            {{"address", (*server)->address()},
             {"broker", config.name},
             {"ledger_key",
              crypto::ToBase64(broker->context().ledgers->public_key())},
             {"version", kVersion}});
  std::atomic<bool> is_draining = false;
  const auto port = ServeMetrics(config, broker, &is_draining, log);
  if (!port.ok()) return Complain(port.status());
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
    (*server)->RenewCertificate();
  }
  is_draining = true;
  log->Info("draining", {{"signal", signal}});
  (*server)->Stop(absl::Seconds(config.drain_seconds));
  return 0;
}

// Batches go back to the system when they are freed; otherwise glibc keeps ever
// larger ones, and memory seems to grow with what passed.
constexpr int kLeastMappedBytes = 256 << 10;

int Main(int argc, char** argv) {
  mallopt(M_MMAP_THRESHOLD, kLeastMappedBytes);
  // gRPC trips the detector of Debian's Abseil, which would end the process.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  if (absl::Status hard = HardenProcess(); !hard.ok()) return Complain(hard);
  if (argc > 1 && absl::string_view(argv[1]) == "backup") {
    return RunBackup(argc - 1, argv + 1);
  }
  if (argc > 1 && absl::string_view(argv[1]) == "restore") {
    return RunRestore(argc - 1, argv + 1);
  }
  if (argc > 1 && absl::string_view(argv[1]) == "roll") {
    return RunRoll(argc - 1, argv + 1);
  }
  if (absl::Status tls = certs::ApplyTlsPolicy(); !tls.ok()) {
    return Complain(tls);
  }
  // Blocked before any thread starts, so that sigwait alone gets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  Flags flags;
  if (const int code = ParseFlags(argc, argv, &flags); code != 0) {
    return code - 1;
  }
  const absl::StatusOr<Config> config = MakeConfig(flags);
  if (!config.ok()) return Complain(config.status());
  const absl::StatusOr<LogLevel> level = ParseLogLevel(config->log_level);
  if (!level.ok()) return Complain(level.status());
  SystemClock clock;
  JsonLog log(STDERR_FILENO, *level, &clock);
  grpc_log = &log;
  gpr_set_log_function(LogFromGrpc);
  const absl::StatusOr<crypto::Secret> passphrase = ReadPassphrase(*config);
  if (!passphrase.ok()) return Complain(passphrase.status());
  auto broker =
      Broker::Open(*config, *passphrase, PassphraseCost(), &clock, &log);
  if (!broker.ok()) return Complain(broker.status());
  if (flags.show_ledger_key) {
    std::cout << crypto::ToBase64((*broker)->context().ledgers->public_key())
              << "\n";
    return 0;
  }
  const int code = Serve(*config, broker->get(), &log, signals);
  broker->reset();
  log.Info("stopped", {});
  return code;
}

}  // namespace
}  // namespace entente::broker

int main(int argc, char** argv) { return entente::broker::Main(argc, argv); }
