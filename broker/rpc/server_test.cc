#include "broker/rpc/server.h"

#include <thread>

#include "absl/synchronization/notification.h"
#include "broker/rpc/test_server.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using certs::Role;

// Holds every write of a broker until it is let go.
class HeldWrites {
 public:
  explicit HeldWrites(Sequencer* sequencer) {
    holder_ = std::thread([this, sequencer] {
      EXPECT_TRUE(sequencer
                      ->Run([this](Transaction&) {
                        began_.Notify();
                        let_go_.WaitForNotification();
                        return absl::StatusOr<std::vector<PendingEntry>>(
                            std::vector<PendingEntry>());
                      })
                      .ok());
    });
    began_.WaitForNotification();
  }
  ~HeldWrites() { holder_.join(); }
  HeldWrites(const HeldWrites&) = delete;

  void LetGo() { let_go_.Notify(); }

 private:
  absl::Notification began_;
  absl::Notification let_go_;
  std::thread holder_;
};

class ServerTest : public testing::Test {
 protected:
  // Registers the agency `stranger` in the background, and returns when the
  // broker is at it and its write waits.
  std::thread Register(Answer* answer) {
    v1::AddAgencyRequest request;
    request.set_agency("stranger");
    request.set_name("Stranger");
    request.set_root_pem(world.authorities.at("stranger").root().ToPem());
    std::thread call([this, answer, bytes = request.SerializeAsString()] {
      *answer = TestServer::Call(world.Connect(world.op).get(),
                                 "/entente.v1.Directory/AddAgency", bytes);
    });
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    while (world.broker->context().sequencer->queued() == 0 &&
           absl::Now() < deadline) {
      std::this_thread::yield();
    }
    return call;
  }
  size_t Agencies() {
    v1::ListAgenciesResponse listed;
    EXPECT_TRUE(world.broker->directory()
                    .ListAgencies(world.op.caller, {}, &listed)
                    .ok());
    return static_cast<size_t>(listed.agencies_size());
  }

  TestServer world;
};

TEST_F(ServerTest, ACallInFlightIsAnsweredWhileItDrains) {
  ASSERT_EQ(Agencies(), 2u);
  const auto open = world.Connect(world.op);
  ASSERT_TRUE(TestServer::Call(open.get(), "/entente.v1.Directory/GetStatus")
                  .status.ok());
  HeldWrites held(world.broker->context().sequencer);
  Answer answer;
  std::thread call = Register(&answer);
  std::thread stop([this] { world.server->Stop(absl::Minutes(5)); });
  // A drain is seen by what it refuses, on open connections and new ones.
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (TestServer::Call(open.get(), "/entente.v1.Directory/GetStatus")
             .status.ok() &&
         absl::Now() < deadline) {
  }
  for (const auto& channel : {open, world.Connect(world.op)}) {
    EXPECT_EQ(TestServer::Call(channel.get(), "/entente.v1.Directory/GetStatus")
                  .status.error_code(),
              grpc::StatusCode::UNAVAILABLE);
  }
  held.LetGo();
  call.join();
  stop.join();
  EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
  EXPECT_EQ(Agencies(), 3u);
}

TEST_F(ServerTest, PatienceEndsAndWhatWasWrittenStands) {
  Answer answer;
  std::thread call;
  {
    HeldWrites held(world.broker->context().sequencer);
    call = Register(&answer);
    std::thread stop([this] { world.server->Stop(absl::ZeroDuration()); });
    call.join();
    EXPECT_FALSE(answer.status.ok()) << "its caller must ask again";
    held.LetGo();
    stop.join();
  }
  EXPECT_EQ(Agencies(), 3u) << "nothing is half done";
}

TEST_F(ServerTest, TakesNoTls12) {
  const absl::Status floor = world.server->ProveTlsFloor();
  EXPECT_TRUE(floor.ok()) << floor;
}

}  // namespace
}  // namespace entente::broker
