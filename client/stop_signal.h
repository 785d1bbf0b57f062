// Ctrl-C and SIGTERM, for commands that can stop between two steps.
#ifndef ENTENTE_CLIENT_STOP_SIGNAL_H_
#define ENTENTE_CLIENT_STOP_SIGNAL_H_

#include <signal.h>

#include <thread>

#include "absl/status/status.h"
#include "client/cancellation.h"

namespace entente::client {

// While one lives, the first SIGINT or SIGTERM asks the command to stop and the
// second ends the program as ever. One at a time in a process.
class StopSignal {
 public:
  StopSignal();
  // Cancels `also` then, for a command that waits; it is borrowed.
  explicit StopSignal(const Cancellation* also);
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Whether a signal came to the one that lives; if none does, no.
  static bool Asked();

  // OK, or once a signal came the code INTERRUPTED, which says that the same
  // command goes on.
  static absl::Status Check();

 private:
  struct sigaction interrupt_;
  struct sigaction terminate_;
  std::thread waiter_;  // none unless something is to be cancelled
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_STOP_SIGNAL_H_
