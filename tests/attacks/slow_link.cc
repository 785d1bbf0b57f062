#include "tests/attacks/slow_link.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/attacks/line.h"

namespace entente::attacks {
namespace {

constexpr int kBufferBytes = 16384;

// Sends all of it, however long that takes.
bool SendAll(int to, const char* bytes, ssize_t count) {
  while (count > 0) {
    const ssize_t sent =
        send(to, bytes, static_cast<size_t>(count), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    count -= sent;
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SlowLink>> SlowLink::Start(
    const std::string& broker, double bytes_per_second) {
  std::unique_ptr<SlowLink> link(new SlowLink(broker, bytes_per_second));
  link->listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int small = kBufferBytes;
  setsockopt(link->listener_, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  sockaddr_in here = {};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(here);
  if (bind(link->listener_, reinterpret_cast<sockaddr*>(&here), size) != 0 ||
      listen(link->listener_, 1) != 0 ||
      getsockname(link->listener_, reinterpret_cast<sockaddr*>(&here), &size) !=
          0 ||
      pipe2(link->stop_, O_CLOEXEC) != 0) {
    return absl::UnavailableError("no socket for a slow link");
  }
  link->address_ = absl::StrCat("127.0.0.1:", ntohs(here.sin_port));
  link->thread_ = std::thread([raw = link.get()] { raw->Run(); });
  return link;
}

SlowLink::~SlowLink() {
  if (thread_.joinable()) {
    [[maybe_unused]] const ssize_t told = write(stop_[1], "x", 1);
    thread_.join();
  }
  for (const int fd : {listener_, stop_[0], stop_[1]}) {
    if (fd >= 0) close(fd);
  }
}

void SlowLink::Run() {
  std::array<pollfd, 2> waiting = {pollfd{stop_[0], POLLIN, 0},
                                   pollfd{listener_, POLLIN, 0}};
  while (poll(waiting.data(), waiting.size(), -1) > 0 &&
         waiting[0].revents == 0) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const auto server = Line::Connect(broker_, "127.0.0.1");
    if (client >= 0 && server.ok()) Forward(client, (*server)->fd());
    if (client >= 0) close(client);
  }
}

void SlowLink::Forward(int client, int server) {
  const absl::Time start = absl::Now();
  double forwarded = 0;
  std::array<char, kBufferBytes> some = {};
  for (;;) {
    // The client's next bytes are read when the ones before are through.
    const absl::Time due = start + absl::Seconds(forwarded / bytes_per_second_);
    const absl::Duration early = due - absl::Now();
    std::array<pollfd, 3> waiting = {
        pollfd{stop_[0], POLLIN, 0}, pollfd{server, POLLIN, 0},
        pollfd{early > absl::ZeroDuration() ? -1 : client, POLLIN, 0}};
    const int patience =
        early > absl::ZeroDuration()
            ? static_cast<int>(absl::ToInt64Milliseconds(early)) + 1
            : -1;
    if (poll(waiting.data(), waiting.size(), patience) < 0) return;
    if (waiting[0].revents != 0) return;
    if (waiting[1].revents != 0) {
      const ssize_t got = recv(server, some.data(), some.size(), 0);
      if (got <= 0 || !SendAll(client, some.data(), got)) return;
    }
    if (waiting[2].revents != 0) {
      const ssize_t got = recv(client, some.data(), some.size(), 0);
      if (got <= 0 || !SendAll(server, some.data(), got)) return;
      forwarded += static_cast<double>(got);
    }
  }
}

}  // namespace entente::attacks
