#include "broker/process_hardening.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace entente::broker {

absl::Status HardenProcess() {
  const rlimit none = {0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0 ||
      prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return absl::InternalError(
        absl::StrCat("cannot forbid core dumps: ", std::strerror(errno)));
  }
  rlimit locked = {};
  if (getrlimit(RLIMIT_MEMLOCK, &locked) == 0) {
    locked.rlim_cur = locked.rlim_max;
    // Best effort; the probe below decides.
    setrlimit(RLIMIT_MEMLOCK, &locked);
  }
  // libsodium goes on silently when it cannot lock: probe.
  std::array<uint8_t, 64> probe = {};
  if (mlock(probe.data(), probe.size()) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot lock memory (", std::strerror(errno),
                     "), so keys could reach the swap; raise the limit: "
                     "LimitMEMLOCK=16M in the unit, or ulimit -l"));
  }
  munlock(probe.data(), probe.size());
  return absl::OkStatus();
}

}  // namespace entente::broker
