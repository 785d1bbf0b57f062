// The program `entente`.
#include <malloc.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "certs/tls_policy.h"
#include "client/cli.h"
#include "client/commands.h"

namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string ConfigFolder() {
  std::string base = Variable("XDG_CONFIG_HOME");
  if (base.empty()) {
    std::string home = Variable("HOME");
    if (home.empty()) {
      const passwd* user = getpwuid(getuid());
      home = user == nullptr ? "." : user->pw_dir;
    }
    base = absl::StrCat(home, "/.config");
  }
  return absl::StrCat(base, "/entente");
}

// Keys are in memory: no core dump, no debugger of the same user.
bool Harden() {
  const rlimit none = {0, 0};
  return setrlimit(RLIMIT_CORE, &none) == 0 &&
         prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

// Buffers of a batch go back to the system when they are freed; otherwise glibc
// keeps ever larger ones, and memory seems to grow with what was sent.
constexpr int kLeastMappedBytes = 256 << 10;

}  // namespace

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  mallopt(M_MMAP_THRESHOLD, kLeastMappedBytes);
  if (!Harden()) {
    std::cerr << "error:   cannot forbid core dumps\n";
    return static_cast<int>(entente::client::ExitCode::kFailed);
  }
  if (const absl::Status policy = entente::certs::ApplyTlsPolicy();
      !policy.ok()) {
    std::cerr << "error:   " << policy.message() << "\n";
    return static_cast<int>(entente::client::ExitCode::kFailed);
  }
  entente::client::Invocation invocation;
  invocation.arguments.assign(argv + (argc > 0 ? 1 : 0), argv + argc);
  invocation.in = &std::cin;
  invocation.out = &std::cout;
  invocation.err = &std::cerr;
  invocation.environment = {Variable("ENTENTE_PROFILE"), ConfigFolder(),
                            isatty(STDIN_FILENO) == 1};
  invocation.watched = isatty(STDERR_FILENO) == 1 && Variable("TERM") != "dumb";
  return static_cast<int>(entente::client::RunCommandLine(
      invocation, entente::client::AllCommands()));
}
