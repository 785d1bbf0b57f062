#include "tests/demo/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

extern char** environ;

namespace entente::demo {
namespace {

int ExitCode(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int WaitFor(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return ExitCode(status);
}

// Starts `command`; `out` and `err` are the files of its streams.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& command, int out,
                            int err) {
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (const std::string& word : command) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, err, 2);
  pid_t pid = 0;
  const int failed =
      posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return absl::InternalError(
        absl::StrCat("cannot start ", command[0], ": ", strerror(failed)));
  }
  return pid;
}

// Reads both pipes until both end.
void Drain(int out, int err, Finished* finished) {
  std::array<pollfd, 2> pipes = {pollfd{out, POLLIN, 0},
                                 pollfd{err, POLLIN, 0}};
  std::array<std::string*, 2> texts = {&finished->out, &finished->err};
  std::array<char, 65536> buffer;
  while (pipes[0].fd >= 0 || pipes[1].fd >= 0) {
    if (poll(pipes.data(), pipes.size(), -1) < 0 && errno != EINTR) return;
    for (size_t i = 0; i < pipes.size(); ++i) {
      if (pipes[i].fd < 0 || pipes[i].revents == 0) continue;
      const ssize_t got = read(pipes[i].fd, buffer.data(), buffer.size());
      if (got > 0) {
        texts[i]->append(buffer.data(), static_cast<size_t>(got));
      } else if (got == 0 || errno != EINTR) {
        pipes[i].fd = -1;
      }
    }
  }
}

}  // namespace

absl::StatusOr<Finished> RunProgram(const std::vector<std::string>& command) {
  int out[2];
  int err[2];
  if (pipe2(out, O_CLOEXEC) != 0) return absl::InternalError("no pipe");
  if (pipe2(err, O_CLOEXEC) != 0) {
    close(out[0]);
    close(out[1]);
    return absl::InternalError("no pipe");
  }
  const absl::StatusOr<pid_t> pid = Spawn(command, out[1], err[1]);
  close(out[1]);
  close(err[1]);
  Finished finished;
  if (pid.ok()) {
    Drain(out[0], err[0], &finished);
    finished.exit_code = WaitFor(*pid);
  }
  close(out[0]);
  close(err[0]);
  if (!pid.ok()) return pid.status();
  return finished;
}

absl::StatusOr<Background> Background::Start(
    const std::vector<std::string>& command, const std::string& stderr_path) {
  const int log = open(stderr_path.c_str(),
                       O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) {
    return absl::InternalError(absl::StrCat("cannot write ", stderr_path));
  }
  const absl::StatusOr<pid_t> pid = Spawn(command, log, log);
  close(log);
  if (!pid.ok()) return pid.status();
  return Background(*pid);
}

Background::Background(Background&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)) {}

Background::~Background() { Stop(); }

int Background::Stop() {
  if (pid_ == 0) return 0;
  kill(pid_, SIGTERM);
  return WaitFor(std::exchange(pid_, 0));
}

bool Background::Running() {
  if (pid_ == 0) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == 0) return true;
  pid_ = 0;
  return false;
}

}  // namespace entente::demo
