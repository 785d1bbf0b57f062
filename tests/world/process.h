// Runs the installed programs as a person would, and ends what it started.
#ifndef ENTENTE_TESTS_WORLD_PROCESS_H_
#define ENTENTE_TESTS_WORLD_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace entente::world {

struct Finished {
  int exit_code = -1;  // 128 + n if signal n ended it
  std::string out;
  std::string err;
  double peak_mib = 0;  // of memory, that it held at once
};

// Runs `command` (found by its path, not PATH) to its end with an empty
// standard input. Internal if it cannot be started.
absl::StatusOr<Finished> RunProgram(const std::vector<std::string>& command);

// The same at a terminal, which is its output and its errors: what it wrote
// there is in `out`.
absl::StatusOr<Finished> RunAtTerminal(const std::vector<std::string>& command);

// A program in the background, whose two streams are read line by line and
// kept in a file. Ended with the object: SIGTERM, then a wait.
class Background {
 public:
  // Lines are appended to `log_path`, 0600.
  static absl::StatusOr<std::unique_ptr<Background>> Start(
      const std::vector<std::string>& command, const std::string& log_path);
  Background(const Background&) = delete;
  ~Background();

  // The first line so far, or to come, that `wanted` likes. DeadlineExceeded
  // after `patience`, Unavailable once the program has closed its streams; both
  // with everything that it said.
  absl::StatusOr<std::string> WaitForLine(
      const std::function<bool(const std::string&)>& wanted,
      absl::Duration patience) const ABSL_LOCKS_EXCLUDED(mu_);

  // Sends `signal`, waits, and returns the exit code as in Finished; 0 if it
  // was waited for before. All that it said has been read by then.
  int End(int signal) ABSL_LOCKS_EXCLUDED(mu_);
  // End(SIGTERM).
  int Stop() ABSL_LOCKS_EXCLUDED(mu_);
  // Sends `signal` and goes on.
  void Signal(int signal) const;
  // Waits without a signal.
  int Wait() ABSL_LOCKS_EXCLUDED(mu_);
  // 0 once it has ended.
  pid_t pid() const { return pid_; }
  // Everything that it said.
  std::string Said() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  Background(pid_t pid, int output, int log);
  void Read(int output, int log) ABSL_LOCKS_EXCLUDED(mu_);

  pid_t pid_;  // 0 once ended
  mutable absl::Mutex mu_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::thread reader_;
};

}  // namespace entente::world

#endif  // ENTENTE_TESTS_WORLD_PROCESS_H_
