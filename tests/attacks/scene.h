// A broker to attack, and a client that only wants to be served.
#ifndef ENTENTE_TESTS_ATTACKS_SCENE_H_
#define ENTENTE_TESTS_ATTACKS_SCENE_H_

#include <grpcpp/channel.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "tests/attacks/line.h"
#include "tests/attacks/meter.h"
#include "tests/world/world.h"

namespace entente::attacks {

// The path that any certificate may call.
inline constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
inline constexpr char kHealthWatch[] = "/grpc.health.v1.Health/Watch";

// A guard against hanging, not an expectation.
inline constexpr absl::Duration kPatience = absl::Minutes(2);

// Whether attacks have their full size: ENTENTE_LONG is set.
bool Long();

// The installed broker as a process on loopback, and one valid certificate.
class Scene {
 public:
  // `descriptors`: the process's limit of open files; 0: what the test has.
  static absl::StatusOr<std::unique_ptr<Scene>> Create(int descriptors = 0);
  ~Scene();

  const std::string& address() const { return world_.address; }
  Credentials credentials() const;
  Cost cost() const { return CostOf(world_.broker->pid()); }
  // The broker's peak of memory counts from now.
  void ForgetPeak() const;

  // All that the broker has said.
  std::string Said() const { return world_.broker->Said(); }

  // A channel of its own, from 127.0.0.1, to the broker or what stands for it.
  std::shared_ptr<grpc::Channel> OpenChannel() const {
    return OpenChannel(address());
  }
  std::shared_ptr<grpc::Channel> OpenChannel(const std::string& to) const;
  // One health check.
  static absl::Status Check(grpc::Channel* channel);

  // Waits until the log tells of `event`, with `reason` (any, if empty), for a
  // connection from `source`.
  absl::Status WaitForLog(const std::string& event, const std::string& reason,
                          const std::string& source) const;

 private:
  Scene() = default;
  absl::Status Build(int descriptors);

  world::World world_;
};

// What an attack cost the broker, and another client.
struct Bill {
  std::string name;  // of the attack
  double cpu_seconds = 0;
  double memory_mib = 0;  // more than before, when it was over
  double peak_mib = 0;    // the same, at the worst moment
  absl::Duration longest = absl::ZeroDuration();  // of the bystander's calls
  int calls = 0;
  int failures = 0;
};

// Measures from its construction to End(). Meanwhile a bystander makes a call
// every 20 ms, on one connection.
class Measured {
 public:
  explicit Measured(const Scene* scene);
  ~Measured();

  // Prints the bill under `name`.
  Bill End(std::string name);

 private:
  void CallOnAndOn();

  const Scene& scene_;
  const Cost before_;
  std::shared_ptr<grpc::Channel> channel_;
  absl::Notification over_;
  Bill bill_;  // the thread's, until it has ended
  std::thread thread_;
};

// What an attack may cost.
struct Bound {
  double cpu_seconds;
  double peak_mib;
  absl::Duration longest = absl::Seconds(2);
};

// Expects that the attack kept to all three, that no call of the bystander
// failed, and that `scene` serves a new client.
void ExpectWithin(const Bound& bound, const Bill& bill, const Scene& scene);

}  // namespace entente::attacks

#endif  // ENTENTE_TESTS_ATTACKS_SCENE_H_
