#include "client/rpc/retries.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
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

// How often each method of the protocol is tried by itself.
const std::map<std::string, int>& Decided() {
  constexpr int kOnce = 1;
  static const std::map<std::string, int> decided = {
      {"Agreements/GetAgreement", kMaxAttempts},
      {"Agreements/GetManifest", kMaxAttempts},
      {"Agreements/ListAgreements", kMaxAttempts},
      {"Agreements/ProposeAgreement", kOnce},
      {"Agreements/ResumeAgreement", kOnce},
      {"Agreements/SignAgreement", kOnce},
      {"Agreements/SuspendAgreement", kOnce},
      {"Agreements/WithdrawAgreement", kOnce},
      {"Directory/AddAgency", kOnce},
      {"Directory/GetKeyBundle", kMaxAttempts},
      {"Directory/GetStatus", kMaxAttempts},
      {"Directory/ListAgencies", kMaxAttempts},
      {"Directory/PublishKeyBundle", kOnce},
      {"Directory/RevokeCertificate", kOnce},
      {"Exchange/Acknowledge", kMaxAttempts},
      {"Exchange/Receive", kOnce},
      {"Exchange/SendChunk", kMaxAttempts},
      {"Ledger/GetCheckpoint", kMaxAttempts},
      {"Ledger/GetEntry", kMaxAttempts},
      {"Ledger/ReadTile", kMaxAttempts},
      {"Pseudonyms/Enrol", kMaxAttempts},
      {"Pseudonyms/GetPepper", kMaxAttempts},
      {"Pseudonyms/PutPepper", kMaxAttempts}};
  return decided;
}

// `Service/Method` of everything that the protocol has.
std::set<std::string> AllMethods() {
  std::set<std::string> names;
  for (const google::protobuf::Descriptor* message :
       {v1::GetStatusRequest::descriptor(), v1::SendChunkRequest::descriptor(),
        v1::GetAgreementRequest::descriptor(),
        v1::GetEntryRequest::descriptor(), v1::EnrolRequest::descriptor()}) {
    const google::protobuf::FileDescriptor* file = message->file();
    for (int i = 0; i < file->service_count(); ++i) {
      const google::protobuf::ServiceDescriptor* service = file->service(i);
      for (int k = 0; k < service->method_count(); ++k) {
        names.insert(
            absl::StrCat(service->name(), "/", service->method(k)->name()));
      }
    }
  }
  return names;
}

// Counts the calls of each method and fails all of them in passing.
class PassingService final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    {
      absl::MutexLock lock(&mu_);
      ++calls_[context->method()];
    }
    return new Refusing;
  }
  int Calls(const std::string& path) {
    absl::MutexLock lock(&mu_);
    return calls_[path];
  }

 private:
  class Refusing final : public grpc::ServerGenericBidiReactor {
   public:
    Refusing() {
      Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "passing"));
    }
    void OnDone() override { delete this; }
  };

  absl::Mutex mu_;
  std::map<std::string, int> calls_ ABSL_GUARDED_BY(mu_);
};

TEST(Retries, EveryMethodOfTheProtocolIsTriedAsOftenAsWasDecided) {
  const std::set<std::string> all = AllMethods();
  PassingService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterCallbackGenericService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ASSERT_NE(server, nullptr);
  grpc::ChannelArguments arguments;
  RepeatIdempotentCalls(&arguments);
  grpc::GenericStub stub(
      grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                grpc::InsecureChannelCredentials(), arguments));
  // All at once: each takes the waits between its attempts.
  struct OneCall {
    grpc::ClientContext context;
    grpc::ByteBuffer request;
    grpc::ByteBuffer response;
    grpc::Status status;
  };
  std::map<std::string, OneCall> calls;
  absl::BlockingCounter open(static_cast<int>(all.size()));
  for (const std::string& name : all) {
    OneCall& one = calls[name];
    const grpc::Slice nothing("");
    one.request = grpc::ByteBuffer(&nothing, 1);
    stub.UnaryCall(&one.context, absl::StrCat("/entente.v1.", name), {},
                   &one.request, &one.response, [&](grpc::Status status) {
                     one.status = std::move(status);
                     open.DecrementCount();
                   });
  }
  open.Wait();
  server->Shutdown();
  std::set<std::string> decided;
  for (const auto& [name, times] : Decided()) decided.insert(name);
  EXPECT_EQ(all, decided) << "a method without a decision, or without a method";
  for (const std::string& name : all) {
    EXPECT_EQ(calls[name].status.error_code(), grpc::StatusCode::UNAVAILABLE)
        << name << ": " << calls[name].status.error_message();
    const auto times = Decided().find(name);
    if (times == Decided().end()) continue;
    EXPECT_EQ(service.Calls(absl::StrCat("/entente.v1.", name)), times->second)
        << name;
  }
}

}  // namespace
}  // namespace entente::client
