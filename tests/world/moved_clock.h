// A time of day that tests move, for the programs that they start.
#ifndef ENTENTE_TESTS_WORLD_MOVED_CLOCK_H_
#define ENTENTE_TESTS_WORLD_MOVED_CLOCK_H_

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace entente::world {

// While it lives, every program that this process starts has its time of day,
// the real one at first. Those that run see it move; nobody waits. This process
// keeps the real one. One at a time; not thread-safe.
class MovedClock {
 public:
  MovedClock() {
    path_ = (std::filesystem::temp_directory_path() / "entente-clock-XXXXXX")
                .string();
    const int file = mkstemp(path_.data());
    if (file >= 0 && ftruncate(file, sizeof(*seconds_)) == 0) {
      void* mapped = mmap(nullptr, sizeof(*seconds_), PROT_READ | PROT_WRITE,
                          MAP_SHARED, file, 0);
      if (mapped != MAP_FAILED) {
        seconds_ = static_cast<std::atomic<int64_t>*>(mapped);
      }
    }
    if (file >= 0) close(file);
    setenv("ENTENTE_TEST_CLOCK", path_.c_str(), 1);
    setenv("LD_PRELOAD", ENTENTE_MOVED_CLOCK, 1);
  }
  ~MovedClock() {
    unsetenv("LD_PRELOAD");
    unsetenv("ENTENTE_TEST_CLOCK");
    if (seconds_ != nullptr) munmap(seconds_, sizeof(*seconds_));
    unlink(path_.c_str());
  }
  MovedClock(const MovedClock&) = delete;

  // Whether it could be made.
  bool ok() const { return seconds_ != nullptr; }

  absl::Time Now() const {
    return absl::Now() + absl::Seconds(seconds_->load());
  }
  // Forward only: a broker whose clock goes back refuses everything.
  void Move(absl::Duration by) { *seconds_ += absl::ToInt64Seconds(by); }
  // To a minute after the beginning of `day`, in UTC.
  void MoveTo(absl::CivilDay day) {
    Move(absl::FromCivil(day, absl::UTCTimeZone()) + absl::Minutes(1) - Now());
  }

 private:
  std::string path_;
  std::atomic<int64_t>* seconds_ = nullptr;
};

}  // namespace entente::world

#endif  // ENTENTE_TESTS_WORLD_MOVED_CLOCK_H_
