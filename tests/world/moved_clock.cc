// The clock of a program in a test: loaded before the system's libraries
// (LD_PRELOAD), it adds to the time of day the seconds that stand in the file
// ENTENTE_TEST_CLOCK, at every look. moved_clock.h makes that file.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "absl/time/clock.h"

namespace {

using Seconds = std::atomic<int64_t>;

const Seconds* OpenSeconds() {
  static const Seconds kNone = 0;
  const char* path = getenv("ENTENTE_TEST_CLOCK");
  const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return &kNone;
  void* mapped = mmap(nullptr, sizeof(Seconds), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  return mapped == MAP_FAILED ? &kNone : static_cast<const Seconds*>(mapped);
}

int64_t Moved() {
  static const Seconds* const kSeconds = OpenSeconds();
  return kSeconds->load();
}

template <typename Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

// Abseil's own goes on by the processor's counter, and sees a move late.
int64_t GetCurrentTimeNanos() {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1000000000 + now.tv_nsec;
}

ABSL_NAMESPACE_END
}  // namespace absl

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static const auto kReal =
      Real<int (*)(clockid_t, timespec*)>("clock_gettime");
  const int done = kReal(clock, now);
  if (done == 0 &&
      (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += Moved();
  }
  return done;
}

int gettimeofday(timeval* now, void* zone) noexcept {
  static const auto kReal = Real<int (*)(timeval*, void*)>("gettimeofday");
  const int done = kReal(now, zone);
  if (done == 0) now->tv_sec += Moved();
  return done;
}

time_t time(time_t* into) noexcept {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  if (into != nullptr) *into = now.tv_sec;
  return now.tv_sec;
}

// Abseil waits until an instant of the time of day, which the kernel's is.
long syscall(long number, ...) noexcept {
  static const auto kReal = Real<long (*)(long, ...)>("syscall");
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  timespec until = {};
  if (number == SYS_futex && (arguments[1] & FUTEX_CLOCK_REALTIME) != 0 &&
      arguments[3] != 0) {
    until = *reinterpret_cast<const timespec*>(arguments[3]);
    until.tv_sec -= Moved();
    arguments[3] = reinterpret_cast<long>(&until);
  }
  return kReal(number, arguments[0], arguments[1], arguments[2], arguments[3],
               arguments[4], arguments[5]);
}

}  // extern "C"
