#include "client/stop_signal.h"

#include <cstring>

#include "client/error.h"

namespace entente::client {
namespace {

volatile sig_atomic_t asked = 0;

void Ask(int /*signal*/) { asked = 1; }

}  // namespace

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
