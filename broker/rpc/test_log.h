// A log that a test reads.
#ifndef ENTENTE_BROKER_RPC_TEST_LOG_H_
#define ENTENTE_BROKER_RPC_TEST_LOG_H_

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "broker/json_log.h"
#include "broker/rpc/descriptor.h"
#include "gtest/gtest.h"

namespace entente::broker {

// Not more than a pipe holds may wait to be read.
class TestLog {
 public:
  explicit TestLog(const Clock* clock) : TestLog(clock, MakePipe()) {}

  JsonLog& log() { return log_; }
  // What was logged since the last call.
  std::string Read() {
    ReadWhatWaits();
    return std::exchange(heard_, "");
  }
  // Waits until `text` was logged since the last Read.
  void WaitFor(absl::string_view text) {
    while (!absl::StrContains(heard_, text)) {
      pollfd news = {out_.get(), POLLIN, 0};
      ASSERT_EQ(poll(&news, 1, -1), 1);
      ReadWhatWaits();
    }
  }

 private:
  static std::array<int, 2> MakePipe() {
    std::array<int, 2> ends = {-1, -1};
    EXPECT_EQ(pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0);
    return ends;
  }
  TestLog(const Clock* clock, std::array<int, 2> ends)
      : out_(ends[0]), in_(ends[1]), log_(ends[1], LogLevel::kDebug, clock) {}
  void ReadWhatWaits() {
    std::array<char, 4096> some = {};
    for (ssize_t n = 0; (n = read(out_.get(), some.data(), some.size())) > 0;) {
      heard_.append(some.data(), static_cast<size_t>(n));
    }
  }

  Descriptor out_;
  Descriptor in_;
  JsonLog log_;
  std::string heard_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_TEST_LOG_H_
