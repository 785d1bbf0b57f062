#include "client/rpc/retries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/rpc/connection.h"
#include "client/test_commands_at_broker.h"

namespace entente::client {
namespace {

using testing::SizeIs;

// Fails the first `times` calls of a method.
template <typename Request>
std::function<grpc::Status(const Request&)> Failing(int times,
                                                    grpc::Status with) {
  return [left = times, with](const Request&) mutable {
    return left-- > 0 ? with : grpc::Status::OK;
  };
}

class RetriesTest : public CommandsAtBrokerTest {
 protected:
  RetriesTest() { link_ = *BrokerLink::Open(North()); }

  absl::Status AskStatus() {
    return Call(link_->directory(), &v1::Directory::Stub::GetStatus,
                v1::GetStatusRequest())
        .status();
  }

  static grpc::Status Passing() {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "passing");
  }

  std::unique_ptr<BrokerLink> link_;
};

TEST_F(RetriesTest, WhatPassesIsTriedAgain) {
  broker_.get_status.refuse = Failing<v1::GetStatusRequest>(2, Passing());
  const absl::Status asked = AskStatus();
  EXPECT_TRUE(asked.ok()) << asked;
  EXPECT_THAT(broker_.get_status.calls, SizeIs(3));
}

TEST_F(RetriesTest, NotForEver) {
  broker_.get_status.refuse = Failing<v1::GetStatusRequest>(99, Passing());
  EXPECT_EQ(FromStatus(AskStatus()).code, "UNAVAILABLE");
  EXPECT_THAT(broker_.get_status.calls, SizeIs(kMaxAttempts));
}

TEST_F(RetriesTest, ARefusalIsAnAnswer) {
  broker_.get_status.refuse = Failing<v1::GetStatusRequest>(
      99, Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED"));
  EXPECT_EQ(FromStatus(AskStatus()).code, "QUOTA_EXCEEDED");
  EXPECT_THAT(broker_.get_status.calls, SizeIs(1));
}

TEST_F(RetriesTest, AChunkOfAnySizeGoesAgain) {
  v1::SendChunkRequest request;
  request.set_sealed(std::string(1 << 20, 'x'));
  broker_.send_chunk.refuse = Failing<v1::SendChunkRequest>(1, Passing());
  EXPECT_FALSE(
      Call(link_->exchange(), &v1::Exchange::Stub::SendChunk, request).ok());
  ASSERT_THAT(broker_.send_chunk.calls, SizeIs(2));
  EXPECT_EQ(broker_.send_chunk.calls[1].sealed(), request.sealed());
}

TEST_F(RetriesTest, WhatAPersonSignsIsSentOnce) {
  broker_.publish.refuse = Failing<v1::PublishKeyBundleRequest>(1, Passing());
  const auto published =
      Call(link_->directory(), &v1::Directory::Stub::PublishKeyBundle,
           v1::PublishKeyBundleRequest());
  EXPECT_EQ(FromStatus(published.status()).code, "UNAVAILABLE");
  EXPECT_THAT(broker_.publish.calls, SizeIs(1));
}

}  // namespace
}  // namespace entente::client
