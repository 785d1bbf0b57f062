// A link of a given speed between a client and the broker.
#ifndef ENTENTE_TESTS_ATTACKS_SLOW_LINK_H_
#define ENTENTE_TESTS_ATTACKS_SLOW_LINK_H_

#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"

namespace entente::attacks {

// Forwards one connection, `bytes_per_second` towards the broker and as fast
// as it comes back, through small buffers. For one client at a time.
class SlowLink {
 public:
  static absl::StatusOr<std::unique_ptr<SlowLink>> Start(
      const std::string& broker, double bytes_per_second);
  SlowLink(const SlowLink&) = delete;
  // Ends the connection.
  ~SlowLink();

  // Where the client connects to.
  const std::string& address() const { return address_; }

 private:
  SlowLink(std::string broker, double bytes_per_second)
      : broker_(std::move(broker)), bytes_per_second_(bytes_per_second) {}
  void Run();
  void Forward(int client, int server);

  const std::string broker_;
  const double bytes_per_second_;
  std::string address_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};  // a pipe, written to stop
  std::thread thread_;
};

}  // namespace entente::attacks

#endif  // ENTENTE_TESTS_ATTACKS_SLOW_LINK_H_
