#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "broker/rpc/test_server.h"
#include "broker/write_probe.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using certs::Role;

// grpc.health.v1: `SERVING` and `NOT_SERVING` of HealthCheckResponse.
constexpr char kServing = 1;
constexpr char kNotServing = 2;

class HealthTest : public testing::Test {
 protected:
  // What Check says; 0 if it fails.
  char Ask(const Credential& caller) const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(20));
    grpc::ByteBuffer empty;
    const grpc::Slice nothing;
    empty = grpc::ByteBuffer(&nothing, 1);
    grpc::ByteBuffer received;
    const auto channel = world_.Connect(caller);
    const grpc::Status status = grpc::internal::BlockingUnaryCall(
        channel.get(),
        grpc::internal::RpcMethod("/grpc.health.v1.Health/Check",
                                  grpc::internal::RpcMethod::NORMAL_RPC),
        &context, empty, &received);
    if (!status.ok()) return 0;
    grpc::Slice slice;
    received.DumpToSingleSlice(&slice);
    return slice.size() == 2 && slice.begin()[0] == 8
               ? static_cast<char>(slice.begin()[1])
               : 0;
  }
  // Asks until `wanted` is said, for half a minute.
  bool Becomes(char wanted) const {
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (absl::Now() < deadline) {
      if (Ask(world_.op) == wanted) return true;
    }
    return false;
  }
  TestServer world_;
};

TEST_F(HealthTest, EveryValidCertificateIsToldThatItServes) {
  EXPECT_EQ(Ask(world_.op), kServing);
  EXPECT_EQ(Ask(world_.Member("north-police", Role::kAuditor)), kServing);
  EXPECT_EQ(Ask(world_.Member("stranger", Role::kAuditor)), 0);
}

TEST_F(HealthTest, AProbeLeavesNothing) {
  const auto agencies = [&] {
    v1::ListAgenciesResponse listed;
    EXPECT_TRUE(world_.broker->directory()
                    .ListAgencies(world_.op.caller, {}, &listed)
                    .ok());
    return listed.agencies_size();
  };
  const size_t entries = world_.Entries("broker").size();
  EXPECT_TRUE(ProbeWriting(*world_.broker->context().sequencer).ok());
  EXPECT_EQ(agencies(), 2);
  EXPECT_EQ(world_.Entries("broker").size(), entries);
}

// No file of this process grows beyond `size`, as on a full disk.
class FileLimit {
 public:
  explicit FileLimit(rlim_t size) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited = {size, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  rlimit before_ = {};
};

TEST_F(HealthTest, AFullDiskIsNotServedUntilThereIsRoom) {
  EXPECT_TRUE(Becomes(kServing));
  {
    const FileLimit full(
        std::filesystem::file_size(world_.config.data + "/entente.db-wal"));
    EXPECT_TRUE(
        absl::IsUnavailable(ProbeWriting(*world_.broker->context().sequencer)));
    EXPECT_TRUE(Becomes(kNotServing));
  }
  EXPECT_TRUE(Becomes(kServing));
}

TEST_F(HealthTest, OperatorsMayAskWhichServicesThereAre) {
  const std::string path =
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  // ServerReflectionRequest: list_services (7) = "*".
  const std::string list("\x3a\x01*", 3);
  EXPECT_TRUE(TestServer::Call(world_.Connect(world_.op).get(), path, list)
                  .status.ok());
  const Answer refused = TestServer::Call(
      world_.Connect(world_.Member("north-police", Role::kSystem)).get(), path,
      list);
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::CANCELLED);
}

}  // namespace
}  // namespace entente::broker
