#include "tests/attacks/scene.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace entente::attacks {
namespace {

constexpr absl::Duration kBetweenCalls = absl::Milliseconds(20);

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file),
          std::istreambuf_iterator<char>()};
}

}  // namespace

bool Long() { return std::getenv("ENTENTE_LONG") != nullptr; }

absl::StatusOr<std::unique_ptr<Scene>> Scene::Create(int descriptors) {
  // OpenSSL writes to connections that the broker has cut.
  signal(SIGPIPE, SIG_IGN);
  std::unique_ptr<Scene> scene(new Scene);
  if (absl::Status built = scene->Build(descriptors); !built.ok()) {
    return built;
  }
  return scene;
}

absl::Status Scene::Build(int descriptors) {
  std::string folder =
      std::filesystem::temp_directory_path() / "entente_attacks.XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    return absl::InternalError(absl::StrCat("cannot make ", folder));
  }
  world_.settings.folder = folder;
  world_.settings.narrate = false;
  world_.settings.entente = ENTENTE_PROGRAM;
  // Another build of the broker, to compare.
  const char* const other = std::getenv("ENTENTE_BROKER_UNDER_ATTACK");
  world_.settings.entente_broker =
      other != nullptr ? other : ENTENTE_BROKER_PROGRAM;
  std::filesystem::create_directory(world_.Path("operator"));
  const auto root = world_.MakeAuthority("operator", "Broker under attack");
  if (!root.ok()) return root.status();
  const std::string domain = absl::StrCat("spiffe://", world::kTrustDomain);
  if (absl::Status issued = world_.Issue(
          "operator", absl::StrCat(domain, "/broker/", world::kBrokerName),
          "operator/broker-certificate", {"--ip", "127.0.0.1"});
      !issued.ok()) {
    return issued;
  }
  if (absl::Status issued = world_.Issue(
          "operator", absl::StrCat(domain, "/operator/duty"), "operator/duty");
      !issued.ok()) {
    return issued;
  }
  const std::string passphrase = world_.Path("operator/passphrase");
  std::ofstream(passphrase) << "a passphrase, made for a test\n";
  std::filesystem::permissions(
      passphrase,
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  if (descriptors > 0) {
    // One program, so that it can stand in a command line.
    const std::string limited = world_.Path("limited-broker");
    std::ofstream(limited) << "#!/bin/sh\nulimit -n " << descriptors
                           << "\nexec " << world_.settings.entente_broker
                           << " \"$@\"\n";
    std::filesystem::permissions(limited, std::filesystem::perms::owner_all);
    world_.settings.entente_broker = limited;
  }
  return world_.StartBroker();
}

Scene::~Scene() {
  world_.broker.reset();
  std::error_code ignored;
  std::filesystem::remove_all(world_.settings.folder, ignored);
}

Credentials Scene::credentials() const {
  return {world_.Path("operator/duty/certificate.pem"),
          world_.Path("operator/duty/key.pem")};
}

std::shared_ptr<grpc::Channel> Scene::OpenChannel(const std::string& to) const {
  const Credentials mine = credentials();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(
      to,
      grpc::SslCredentials({ReadAll(world_.Path("operator/ca/root.pem")),
                            ReadAll(mine.key_file),
                            ReadAll(mine.certificate_file)}),
      arguments);
}

absl::Status Scene::Check(grpc::Channel* channel) {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  grpc::CompletionQueue queue;
  const grpc::ByteBuffer request(nullptr, 0);
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(
      std::shared_ptr<grpc::Channel>(channel, [](grpc::Channel*) {}));
  auto call = stub.PrepareUnaryCall(&context, kHealthCheck, request, &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (status.ok()) return absl::OkStatus();
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

absl::Status Scene::WaitForLog(const std::string& event,
                               const std::string& reason,
                               const std::string& source) const {
  const std::string named = absl::StrCat("\"event\":\"", event, "\"");
  const std::string why =
      reason.empty() ? "" : absl::StrCat("\"reason\":\"", reason, "\"");
  const std::string from = absl::StrCat("\"address\":\"", source, ":");
  return world_.broker
      ->WaitForLine(
          [&](const std::string& line) {
            return absl::StrContains(line, named) &&
                   absl::StrContains(line, why) &&
                   absl::StrContains(line, from);
          },
          kPatience)
      .status();
}

void Scene::ForgetPeak() const {
  std::ofstream(absl::StrCat("/proc/", world_.broker->pid(), "/clear_refs"))
      << "5";
}

Measured::Measured(const Scene* scene)
    : scene_(*scene), before_(scene->cost()), channel_(scene->OpenChannel()) {
  // From here on the peak is that of the attack: the key derivation at the
  // start takes more than any.
  scene_.ForgetPeak();
  // Its handshake is no part of the bill.
  bill_.failures += Scene::Check(channel_.get()).ok() ? 0 : 1;
  thread_ = std::thread([this] { CallOnAndOn(); });
}

void Measured::CallOnAndOn() {
  // Once at least, however short the attack was.
  do {
    const absl::Time start = absl::Now();
    bill_.failures += Scene::Check(channel_.get()).ok() ? 0 : 1;
    bill_.longest = std::max(bill_.longest, absl::Now() - start);
    ++bill_.calls;
  } while (!over_.WaitForNotificationWithTimeout(kBetweenCalls));
}

Bill Measured::End(std::string name) {
  bill_.name = std::move(name);
  over_.Notify();
  thread_.join();
  const Cost after = scene_.cost();
  bill_.cpu_seconds = after.cpu_seconds - before_.cpu_seconds;
  bill_.memory_mib = after.memory_mib - before_.memory_mib;
  bill_.peak_mib = after.peak_mib - before_.memory_mib;
  std::cout << absl::StreamFormat(
      "%-28s %6.2f CPU-s  %+7.1f MiB (peak %+.1f)  bystander: %d calls, %d "
      "failed, slowest %.0f ms\n",
      bill_.name, bill_.cpu_seconds, bill_.memory_mib, bill_.peak_mib,
      bill_.calls, bill_.failures, absl::ToDoubleMilliseconds(bill_.longest));
  return bill_;
}

Measured::~Measured() {
  if (!over_.HasBeenNotified()) over_.Notify();
  if (thread_.joinable()) thread_.join();
}

void ExpectWithin(const Bound& bound, const Bill& bill, const Scene& scene) {
  EXPECT_LT(bill.cpu_seconds, bound.cpu_seconds) << bill.name;
  EXPECT_LT(bill.peak_mib, bound.peak_mib) << bill.name;
  EXPECT_LT(bill.longest, bound.longest) << bill.name;
  EXPECT_GT(bill.calls, 0) << bill.name;
  EXPECT_EQ(bill.failures, 0) << bill.name;
  EXPECT_TRUE(Scene::Check(scene.OpenChannel().get()).ok()) << bill.name;
}

}  // namespace entente::attacks
