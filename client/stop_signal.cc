#include "client/stop_signal.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "client/error.h"

namespace entente::client {
namespace {

volatile sig_atomic_t asked = 0;

// Wakes the waiter; -1 if there is none.
volatile sig_atomic_t wake_fd = -1;

void Wake() {
  const uint64_t one = 1;
  // It cannot be full, and nothing could be done about it.
  if (write(wake_fd, &one, sizeof one) < 0) return;
}

void Ask(int /*signal*/) {
  asked = 1;
  if (wake_fd < 0) return;
  const int kept = errno;
  Wake();
  errno = kept;
}

}  // namespace

StopSignal::StopSignal(const Cancellation* also) : StopSignal() {
  const int fd = eventfd(0, EFD_CLOEXEC);
  // Without descriptors the command still stops between two steps.
  if (fd < 0) return;
  waiter_ = std::thread([fd, also] {
    uint64_t count = 0;
    while (read(fd, &count, sizeof count) < 0 && errno == EINTR) {
    }
    if (Asked()) also->Cancel();
  });
  wake_fd = fd;
  if (Asked()) Wake();
}

StopSignal::StopSignal() {
  asked = 0;
  struct sigaction action;
  std::memset(&action, 0, sizeof action);
  action.sa_handler = Ask;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &interrupt_);
  sigaction(SIGTERM, &action, &terminate_);
}

StopSignal::~StopSignal() {
  sigaction(SIGINT, &interrupt_, nullptr);
  sigaction(SIGTERM, &terminate_, nullptr);
  if (waiter_.joinable()) {
    Wake();
    waiter_.join();
    close(wake_fd);
    wake_fd = -1;
  }
  // What it asked is over too: later calls of the process are not stopped.
  asked = 0;
}

bool StopSignal::Asked() { return asked != 0; }

absl::Status StopSignal::Check() {
  if (!Asked()) return absl::OkStatus();
  return ToStatus({.what = "stopped, as you asked",
                   .why = "what was done so far stays done",
                   .next = "run the same command again; it goes on from here",
                   .code = "INTERRUPTED",
                   .exit = ExitCode::kPartial});
}

}  // namespace entente::client
