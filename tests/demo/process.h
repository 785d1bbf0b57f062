// Runs the installed programs as a person would, and ends what it started.
#ifndef ENTENTE_TESTS_DEMO_PROCESS_H_
#define ENTENTE_TESTS_DEMO_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace entente::demo {

struct Finished {
  int exit_code = -1;  // 128 + n if signal n ended it
  std::string out;
  std::string err;
};

// Runs `command` (found by its path, not PATH) to its end with an empty
// standard input. Internal if it cannot be started.
absl::StatusOr<Finished> RunProgram(const std::vector<std::string>& command);

// A program in the background, its standard error in a file. Ended with the
// object: SIGTERM, then a wait.
class Background {
 public:
  static absl::StatusOr<Background> Start(
      const std::vector<std::string>& command, const std::string& stderr_path);
  Background(Background&& other) noexcept;
  Background& operator=(Background&&) = delete;
  ~Background();

  // Sends SIGTERM and waits; the exit code as in Finished.
  int Stop();
  // Whether it is still running.
  bool Running();

 private:
  explicit Background(pid_t pid) : pid_(pid) {}

  pid_t pid_;  // 0 once ended
};

}  // namespace entente::demo

#endif  // ENTENTE_TESTS_DEMO_PROCESS_H_
