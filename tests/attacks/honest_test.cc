// What the guard must leave alone.
#include <grpcpp/generic/generic_stub.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/attacks/scene.h"
#include "tests/attacks/slow_link.h"

namespace entente::attacks {
namespace {

using Stub = grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer>;

constexpr char kSendChunk[] = "/entente.v1.Exchange/SendChunk";

// A message of `bytes` in a field that nobody knows.
std::string Body(size_t bytes) {
  std::string body("\x7a");  // field 15, a string
  size_t rest = bytes;
  for (; rest >= 0x80; rest >>= 7) {
    body.push_back(static_cast<char>(0x80 | (rest & 0x7f)));
  }
  body.push_back(static_cast<char>(rest));
  return absl::StrCat(body, std::string(bytes, 'b'));
}

struct Call {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
  grpc::ByteBuffer answer;
  grpc::Status status;
};

// Makes `total` calls, `parallel` at once; how often each status came.
std::map<grpc::StatusCode, int> CallMany(
    const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
    const std::string& body, int total, int parallel,
    absl::Duration deadline = kPatience) {
  Stub stub(channel);
  grpc::CompletionQueue queue;
  const grpc::Slice slice(body);
  const grpc::ByteBuffer request(&slice, 1);
  int started = 0;
  const auto start = [&] {
    auto* const call = new Call;
    call->context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
    call->reader = stub.PrepareUnaryCall(&call->context, path, request, &queue);
    call->reader->StartCall();
    call->reader->Finish(&call->answer, &call->status, call);
    ++started;
  };
  while (started < std::min(parallel, total)) start();
  std::map<grpc::StatusCode, int> codes;
  void* tag = nullptr;
  bool ok = false;
  for (int ended = 0; ended < total && queue.Next(&tag, &ok); ++ended) {
    const std::unique_ptr<Call> call(static_cast<Call*>(tag));
    ++codes[call->status.error_code()];
    if (started < total) start();
  }
  return codes;
}

class Honest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto scene = Scene::Create();
    ASSERT_TRUE(scene.ok()) << scene.status();
    scene_ = scene->release();
  }
  static void TearDownTestSuite() {
    delete scene_;
    scene_ = nullptr;
  }
  void SetUp() override { ASSERT_NE(scene_, nullptr); }
  void TearDown() override {
    EXPECT_FALSE(absl::StrContains(scene_->Said(), "connection_cut"))
        << scene_->Said();
  }

  static Scene* scene_;
};

Scene* Honest::scene_ = nullptr;

TEST_F(Honest, ChunksOfAMebibyteInParallel) {
  // An operator may not send, which the broker says once it has it all.
  const auto codes = CallMany(scene_->OpenChannel(), kSendChunk, Body(1 << 20),
                              /*total=*/64, /*parallel=*/16);
  EXPECT_EQ(codes.at(grpc::StatusCode::PERMISSION_DENIED), 64);
}

TEST_F(Honest, ChunksOfAMebibyteOverASlowLink) {
  for (const double rate : {1.5e6, 6e6}) {
    const auto link = SlowLink::Start(scene_->address(), rate);
    ASSERT_TRUE(link.ok()) << link.status();
    const auto codes =
        CallMany(scene_->OpenChannel((*link)->address()), kSendChunk,
                 Body(1 << 20), /*total=*/Long() ? 64 : 8,
                 /*parallel=*/Long() ? 32 : 8);
    EXPECT_EQ(codes.at(grpc::StatusCode::PERMISSION_DENIED), Long() ? 64 : 8)
        << rate;
  }
}

TEST_F(Honest, ManyCallsAtOnce) {
  const auto codes = CallMany(scene_->OpenChannel(), kHealthCheck, "",
                              /*total=*/3000, /*parallel=*/128);
  EXPECT_EQ(codes.at(grpc::StatusCode::OK), 3000);
}

TEST_F(Honest, CallsThatTimeOutTogether) {
  const auto channel = scene_->OpenChannel();
  ASSERT_TRUE(Scene::Check(channel.get()).ok());
  CallMany(channel, kHealthCheck, "", /*total=*/500, /*parallel=*/250,
           absl::Milliseconds(1));
  EXPECT_TRUE(Scene::Check(channel.get()).ok());
}

TEST_F(Honest, AStreamThatWaitsWhileOthersCall) {
  const auto channel = scene_->OpenChannel();
  Stub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  const auto stream = stub.PrepareCall(&context, kHealthWatch, &queue);
  void* tag = nullptr;
  bool ok = false;
  stream->StartCall(nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  stream->WriteLast(grpc::ByteBuffer(nullptr, 0), grpc::WriteOptions(),
                    nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::ByteBuffer answer;
  stream->Read(&answer, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  const auto codes =
      CallMany(channel, kHealthCheck, "", /*total=*/2000, /*parallel=*/4);
  EXPECT_EQ(codes.at(grpc::StatusCode::OK), 2000);
  // It ends because we end it.
  context.TryCancel();
  grpc::Status status;
  stream->Finish(&status, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
}

}  // namespace
}  // namespace entente::attacks
