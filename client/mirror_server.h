// A mirror on the network, for clients of logs that nobody here wrote.
#ifndef ENTENTE_CLIENT_MIRROR_SERVER_H_
#define ENTENTE_CLIENT_MIRROR_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/listen_address.h"
#include "client/mirror_pages.h"

namespace entente::client {

// Connections at work at once; others wait.
inline constexpr int kMirrorThreads = 8;
// Waiting for a request, or for its answer to be taken.
inline constexpr absl::Duration kMirrorPatience = absl::Seconds(10);
// What a request may bring with it: none has a body.
inline constexpr size_t kMaxMirrorRequestBytes = 0;

// Serves MirrorPages with GET and HEAD over HTTP. What it gives is signed by
// the log and for its clients to verify, but whoever reaches it reads every
// entry.
//
// A request that names another host than an address or `localhost` is refused
// (403): so a page in somebody's browser cannot reach it under a name of its
// own.
class MirrorServer {
 public:
  // What was asked, and what was answered. From any thread.
  using Heard =
      std::function<void(absl::string_view path, const MirrorPage& page)>;

  // Takes `address`. Unavailable if that cannot be had.
  static absl::StatusOr<std::unique_ptr<MirrorServer>> Bind(
      const ListenAddress& address, MirrorPages pages, Heard heard);
  ~MirrorServer();

  // The port that was taken.
  int port() const { return port_; }
  // Serves until Stop, which may come first.
  absl::Status Serve();
  // From any thread.
  void Stop();

 private:
  struct Impl;

  MirrorServer();

  std::unique_ptr<Impl> impl_;
  int port_ = 0;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_MIRROR_SERVER_H_
