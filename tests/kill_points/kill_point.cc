// Preloaded into a program under test: counts what it makes durable and what it
// says to its peer, and sends it a signal at the one that was asked for.
//
//   ENTENTE_KILL_AT      KIND:N:WHEN, KIND of `commit` (fsync, fdatasync),
//                        `message` (sendmsg or recvmsg with bytes) or `rename`;
//                        N from 1; WHEN of `before` or `after` the call. A
//                        message is there only `after`.
//   ENTENTE_KILL_BY      `interrupt` for SIGINT; SIGKILL otherwise.
//   ENTENTE_KILL_COUNTS  a file that gets `KIND N` a line when the program ends
//                        by itself.
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

namespace {

enum Kind { kCommit, kMessage, kRename, kKinds };
constexpr const char* kNames[kKinds] = {"commit", "message", "rename"};

struct Plan {
  int kind = -1;
  long number = 0;
  bool is_before = false;
  int signal = SIGKILL;
};

Plan ReadPlan() {
  Plan plan;
  const char* text = getenv("ENTENTE_KILL_AT");
  char kind[16];
  char when[16];
  if (text == nullptr ||
      sscanf(text, "%15[a-z]:%ld:%15[a-z]", kind, &plan.number, when) != 3) {
    return plan;
  }
  for (int k = 0; k < kKinds; ++k) {
    if (strcmp(kind, kNames[k]) == 0) plan.kind = k;
  }
  plan.is_before = strcmp(when, "before") == 0;
  const char* by = getenv("ENTENTE_KILL_BY");
  if (by != nullptr && strcmp(by, "interrupt") == 0) plan.signal = SIGINT;
  return plan;
}

class Counts {
 public:
  ~Counts() {
    const char* path = getenv("ENTENTE_KILL_COUNTS");
    FILE* file = path == nullptr ? nullptr : fopen(path, "we");
    if (file == nullptr) return;
    for (int k = 0; k < kKinds; ++k) {
      fprintf(file, "%s %ld\n", kNames[k], counts_[k].load());
    }
    fclose(file);
  }

  void Before(Kind kind) {
    if (plan_.is_before && kind == plan_.kind &&
        counts_[kind].load() + 1 == plan_.number) {
      End();
    }
  }
  void After(Kind kind) {
    if (++counts_[kind] == plan_.number && kind == plan_.kind) End();
  }

 private:
  void End() const { kill(getpid(), plan_.signal); }

  const Plan plan_ = ReadPlan();
  std::atomic<long> counts_[kKinds] = {};
};

Counts& TheCounts() {
  static Counts counts;
  return counts;
}

// The function that this one stands before.
template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int fsync(int file) {
  static auto* const next = Next<int(int)>("fsync");
  TheCounts().Before(kCommit);
  const int result = next(file);
  TheCounts().After(kCommit);
  return result;
}

int fdatasync(int file) {
  static auto* const next = Next<int(int)>("fdatasync");
  TheCounts().Before(kCommit);
  const int result = next(file);
  TheCounts().After(kCommit);
  return result;
}

int rename(const char* from, const char* to) noexcept {
  static auto* const next = Next<int(const char*, const char*)>("rename");
  TheCounts().Before(kRename);
  const int result = next(from, to);
  TheCounts().After(kRename);
  return result;
}

ssize_t sendmsg(int socket, const msghdr* message, int flags) {
  static auto* const next = Next<ssize_t(int, const msghdr*, int)>("sendmsg");
  const ssize_t result = next(socket, message, flags);
  if (result > 0) TheCounts().After(kMessage);
  return result;
}

ssize_t recvmsg(int socket, msghdr* message, int flags) {
  static auto* const next = Next<ssize_t(int, msghdr*, int)>("recvmsg");
  const ssize_t result = next(socket, message, flags);
  if (result > 0) TheCounts().After(kMessage);
  return result;
}

}  // extern "C"
