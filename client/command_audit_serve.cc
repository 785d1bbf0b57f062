#include "client/command_audit_serve.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "client/cancellation.h"
#include "client/error.h"
#include "client/listen_address.h"
#include "client/mirror_files.h"
#include "client/mirror_parts.h"
#include "client/mirror_server.h"
#include "client/stop_signal.h"

namespace entente::client {
namespace {

struct ServeOptions {
  std::string folder;
  std::string listen = "127.0.0.1:7381";
  bool beyond_loopback = false;
};

absl::StatusOr<ListenAddress> AddressOf(const ServeOptions& options) {
  absl::StatusOr<ListenAddress> address = ParseListenAddress(options.listen);
  if (!address.ok()) {
    return UsageError(absl::StrCat("--listen: ", address.status().message()),
                      "127.0.0.1:7381, or [::1]:7381");
  }
  if (IsLoopback(address->host) || options.beyond_loopback) return address;
  return UsageError(
      absl::StrCat(address->host, " is reached from other machines"),
      "whoever reaches it reads every entry, case references among them: add "
      "--beyond-loopback if that is meant, and put TLS before it");
}

std::string UrlOf(const ListenAddress& address, int port) {
  const bool is_six = address.host.find(':') != std::string::npos;
  return absl::StrCat("http://", is_six ? "[" : "", address.host,
                      is_six ? "]" : "", ":", port);
}

absl::Status ServeMirror(Session& session, const ServeOptions& options) {
  const Cancellation asked;
  const StopSignal stop(&asked);
  const absl::StatusOr<ListenAddress> address = AddressOf(options);
  if (!address.ok()) return address.status();
  const absl::StatusOr<MirrorHead> head =
      ReadMirrorHead(options.folder, std::nullopt);
  if (!head.ok()) return head.status();
  const auto later = MirroredLater(options.folder);
  if (!later.ok()) return later.status();
  Output& out = session.out();
  absl::Mutex mu;  // requests come from several threads
  const auto server = MirrorServer::Bind(
      *address, MirrorPages(options.folder),
      [&](absl::string_view path, const MirrorPage& page) {
        if (page.status < 400) return;
        const absl::MutexLock lock(&mu);
        out.Say(absl::StrCat(path, ": ", page.status, " ", page.body));
      });
  if (!server.ok()) return server.status();
  for (const uint32_t part : *later) {
    out.Say(absl::StrCat("this is one part of the ledger: serve ",
                         PartFolder(options.folder, part), " too"));
  }
  if (!IsLoopback(address->host)) {
    out.Say("whoever reaches this address reads every entry");
  }
  const int port = (*server)->port();
  out.Print({{"url", UrlOf(*address, port)},
             {"origin", head->checkpoint.origin},
             {"size", head->checkpoint.size},
             {"verifier_key", head->key.ToString()},
             {"port", port}});
  if (absl::Status said = out.Flush(); !said.ok()) return said;
  const Cancellation::Watch watch(asked, [&server] { (*server)->Stop(); });
  return (*server)->Serve();
}

}  // namespace

void RegisterAuditServe(Command& audit) {
  auto options = std::make_shared<ServeOptions>();
  audit
      .Sub("serve",
           "A mirror as a tlog-tiles log over HTTP, for other programs, until "
           "Ctrl-C",
           "entente audit serve ledger/ --listen 127.0.0.1:7381")
      .Positional("DIR", "What `audit mirror` made", &options->folder)
      .Option("--listen", "ADDRESS:PORT", "Where; port 0 is one that is free",
              &options->listen)
      .Flag("--beyond-loopback",
            "Let --listen be an address that other machines reach",
            &options->beyond_loopback)
      .Does(Effect::kReads, Prints::kOne, [options](Session& session) {
        return ServeMirror(session, *options);
      });
}

}  // namespace entente::client
