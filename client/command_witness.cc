#include "client/command_witness.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "client/cancellation.h"
#include "client/error.h"
#include "client/stop_signal.h"
#include "client/witness.h"
#include "client/witness_server.h"

namespace entente::client {
namespace {

struct WitnessOptions {
  std::string folder;
  std::string name;
  std::string listen = "127.0.0.1:7380";
};

absl::Status InitWitness(Session& session, const WitnessOptions& options) {
  const absl::StatusOr<crypto::NoteKey> key =
      Witness::Create(options.folder, options.name);
  if (!key.ok()) return Annotate(key.status(), "the witness was not made");
  session.out().Say(absl::StrCat(
      "next: name the logs in ", options.folder,
      "/logs, and give the verifier key to whoever should count on this "
      "witness"));
  session.out().Print({{"verifier_key", key->ToString()},
                       {"logs", absl::StrCat(options.folder, "/logs")}});
  return absl::OkStatus();
}

absl::Status ShowWitness(Session& session, const WitnessOptions& options) {
  const auto witness = Witness::Describe(options.folder);
  if (!witness.ok()) return witness.status();
  session.out().Print({{"verifier_key", witness->key.ToString()},
                       {"logs", static_cast<uint64_t>(witness->logs.size())}});
  return absl::OkStatus();
}

absl::Status ServeWitness(Session& session, const WitnessOptions& options) {
  const Cancellation asked;
  const StopSignal stop(&asked);
  const auto witness = Witness::Open(options.folder);
  if (!witness.ok()) return witness.status();
  Output& out = session.out();
  absl::Mutex mu;  // requests come from several threads
  const auto server = WitnessServer::Bind(
      options.listen, witness->get(), [&session] { return session.Now(); },
      [&](absl::string_view path, const WitnessAnswer& answer) {
        // A cosignature is what everybody sees anyway.
        if (answer.status == 200) return;
        const absl::MutexLock lock(&mu);
        out.Say(absl::StrCat(path, ": ", answer.status, " ", answer.body));
      });
  if (!server.ok()) return server.status();
  if ((*witness)->logs().size() == 0) {
    out.Say(absl::StrCat("no log is named in ", options.folder,
                         "/logs, so every request is refused"));
  }
  out.Print({{"verifier_key", (*witness)->key().ToString()},
             {"port", static_cast<uint64_t>((*server)->port())}});
  if (absl::Status said = out.Flush(); !said.ok()) return said;
  const Cancellation::Watch watch(asked, [&server] { (*server)->Stop(); });
  if (asked.cancelled()) return absl::OkStatus();
  const absl::Status served = (*server)->Serve();
  return asked.cancelled() ? absl::OkStatus() : served;
}

}  // namespace

void RegisterWitnessCommands(Command& root) {
  Command group =
      root.Sub("witness",
               "Cosigns checkpoints of logs, so that none shows two histories",
               "entente witness serve witness/ --listen 127.0.0.1:7380");
  auto options = std::make_shared<WitnessOptions>();
  WitnessOptions* o = options.get();
  group
      .Sub("init", "Makes a witness: a key, and a list of logs to fill",
           "entente witness init witness/ --name witness.northmere.example/w1")
      .Positional("DIR", "The witness's folder; must not hold one yet",
                  &o->folder)
      .Required("--name", "NAME", "Its name, as a host with a path", &o->name)
      .Does(Effect::kMutates, Prints::kOne, [options](Session& session) {
        return InitWitness(session, *options);
      });
  group
      .Sub("serve", "Answers logs over HTTP, until Ctrl-C",
           "entente witness serve witness/ --listen 127.0.0.1:7380")
      .Positional("DIR", "The witness's folder", &o->folder)
      .Option("--listen", "ADDRESS:PORT", "Where; port 0 is one that is free",
              &o->listen)
      .Does(Effect::kMutates, Prints::kOne, [options](Session& session) {
        return ServeWitness(session, *options);
      });
  group
      .Sub("show", "Its verifier key, and how many logs it knows",
           "entente witness show witness/")
      .Positional("DIR", "The witness's folder", &o->folder)
      .Does(Effect::kReads, Prints::kOne, [options](Session& session) {
        return ShowWitness(session, *options);
      });
}

}  // namespace entente::client
