#include "tests/world/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

extern char** environ;

namespace entente::world {
namespace {

int ExitCode(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int WaitFor(pid_t pid, double* peak_mib = nullptr) {
  int status = 0;
  rusage usage = {};
  while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  if (peak_mib != nullptr) {
    *peak_mib = static_cast<double>(usage.ru_maxrss) / 1024;
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
    finished.exit_code = WaitFor(*pid, &finished.peak_mib);
  }
  close(out[0]);
  close(err[0]);
  if (!pid.ok()) return pid.status();
  return finished;
}

absl::StatusOr<Finished> RunAtTerminal(
    const std::vector<std::string>& command) {
  const int ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (ours < 0 || grantpt(ours) != 0 || unlockpt(ours) != 0) {
    if (ours >= 0) close(ours);
    return absl::InternalError("no terminal");
  }
  const int theirs = open(ptsname(ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (theirs < 0) {
    close(ours);
    return absl::InternalError("no terminal");
  }
  const absl::StatusOr<pid_t> pid = Spawn(command, theirs, theirs);
  close(theirs);
  Finished finished;
  if (pid.ok()) {
    // The end is an error: the last holder of the other side is gone.
    Drain(ours, -1, &finished);
    finished.exit_code = WaitFor(*pid, &finished.peak_mib);
  }
  close(ours);
  if (!pid.ok()) return pid.status();
  return finished;
}

absl::StatusOr<std::unique_ptr<Background>> Background::Start(
    const std::vector<std::string>& command, const std::string& log_path) {
  const int log =
      open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) {
    return absl::InternalError(absl::StrCat("cannot write ", log_path));
  }
  int output[2];
  if (pipe2(output, O_CLOEXEC) != 0) {
    close(log);
    return absl::InternalError("no pipe");
  }
  const absl::StatusOr<pid_t> pid = Spawn(command, output[1], output[1]);
  close(output[1]);
  if (!pid.ok()) {
    close(output[0]);
    close(log);
    return pid.status();
  }
  return std::unique_ptr<Background>(new Background(*pid, output[0], log));
}

Background::Background(pid_t pid, int output, int log)
    : pid_(pid), reader_([this, output, log] { Read(output, log); }) {}

Background::~Background() {
  Stop();
  reader_.join();
}

void Background::Read(int output, int log) {
  std::string rest;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t got = read(output, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    rest.append(buffer.data(), static_cast<size_t>(got));
    // A log that cannot be written must not keep the program from going on.
    if (write(log, buffer.data(), static_cast<size_t>(got)) < 0) continue;
    const absl::MutexLock lock(&mu_);
    for (size_t end = rest.find('\n'); end != std::string::npos;
         end = rest.find('\n')) {
      lines_.push_back(rest.substr(0, end));
      rest.erase(0, end + 1);
    }
  }
  close(output);
  close(log);
  const absl::MutexLock lock(&mu_);
  if (!rest.empty()) lines_.push_back(rest);
  closed_ = true;
}

absl::StatusOr<std::string> Background::WaitForLine(
    const std::function<bool(const std::string&)>& wanted,
    absl::Duration patience) const {
  const absl::Time deadline = absl::Now() + patience;
  const absl::MutexLock lock(&mu_);
  size_t seen = 0;
  for (;;) {
    for (; seen < lines_.size(); ++seen) {
      if (wanted(lines_[seen])) return lines_[seen];
    }
    if (closed_) {
      return absl::UnavailableError(
          absl::StrCat("it ended and said:\n", absl::StrJoin(lines_, "\n")));
    }
    const auto more = [this, seen]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return closed_ || lines_.size() > seen;
    };
    if (!mu_.AwaitWithDeadline(absl::Condition(&more), deadline)) {
      return absl::DeadlineExceededError(
          absl::StrCat("it said only:\n", absl::StrJoin(lines_, "\n")));
    }
  }
}

std::string Background::Said() const {
  const absl::MutexLock lock(&mu_);
  return absl::StrJoin(lines_, "\n");
}

int Background::End(int signal) {
  Signal(signal);
  return Wait();
}

int Background::Stop() { return End(SIGTERM); }

void Background::Signal(int signal) const {
  if (pid_ != 0) kill(pid_, signal);
}

int Background::Wait() {
  if (pid_ == 0) return 0;
  const int code = WaitFor(std::exchange(pid_, 0));
  const absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(&closed_));
  return code;
}

}  // namespace entente::world
