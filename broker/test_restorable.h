// A broker without a port, whose folder is backed up and brought back.
#ifndef ENTENTE_BROKER_TEST_RESTORABLE_H_
#define ENTENTE_BROKER_TEST_RESTORABLE_H_

#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "broker/backup.h"
#include "broker/broker.h"
#include "broker/durable_file.h"
#include "broker/fake_clock.h"
#include "broker/test_folder.h"
#include "broker/test_mirror.h"
#include "certs/authority.h"
#include "gtest/gtest.h"

namespace entente::broker {

class TestRestorable {
 public:
  TestRestorable() {
    const absl::Status written =
        WriteDurably(folder / "operator.pem", authority.root().ToPem());
    EXPECT_TRUE(written.ok()) << written;
    config.data = folder / "data";
    config.name = "broker.test";
    config.trust_domain = "test.example";
    config.operator_root = folder / "operator.pem";
    const absl::Status started = Start();
    EXPECT_TRUE(started.ok()) << started;
  }

  static crypto::Secret Passphrase(char letter = 'p') {
    std::vector<uint8_t> bytes(12, static_cast<uint8_t>(letter));
    return *crypto::Secret::TakeFrom(absl::MakeSpan(bytes));
  }

  absl::Status Start() {
    auto opened = Broker::Open(config, Passphrase(), {1, 8192}, &clock, &log);
    if (!opened.ok()) return opened.status();
    broker = *std::move(opened);
    return absl::OkStatus();
  }
  void Stop() { broker.reset(); }

  // An act of the operator.
  void Revoke(char letter) {
    certs::Identity identity;
    identity.kind = certs::Identity::Kind::kOperator;
    identity.trust_domain = "test.example";
    identity.name = "op";
    v1::RevokeCertificateRequest request;
    request.set_fingerprint(std::string(64, letter));
    request.set_reason("lost");
    v1::RevokeCertificateResponse response;
    const absl::Status revoked = broker->directory().RevokeCertificate(
        {identity, identity.ToUri(), std::string(64, '0')}, request, &response);
    EXPECT_TRUE(revoked.ok()) << revoked;
  }

  SignedHead Head(const std::string& part = "broker") {
    SignedHead head;
    EXPECT_TRUE(broker->context()
                    .store
                    ->Read([&](Transaction& transaction) -> absl::Status {
                      auto found =
                          broker->context().ledgers->Head(transaction, part);
                      if (!found.ok()) return found.status();
                      head = *std::move(found);
                      return absl::OkStatus();
                    })
                    .ok());
    return head;
  }
  crypto::Hash RootAt(uint64_t size) {
    crypto::Hash root = {};
    EXPECT_TRUE(broker->context()
                    .store
                    ->Read([&](Transaction& transaction) -> absl::Status {
                      const auto found = broker->context().ledgers->RootAt(
                          transaction, kBrokerLedger, size);
                      if (!found.ok()) return found.status();
                      root = *found;
                      return absl::OkStatus();
                    })
                    .ok());
    return root;
  }

  std::string Entry(const std::string& part, uint64_t index) {
    std::string entry;
    const absl::Status read = broker->context().store->Read(
        [&](Transaction& transaction) -> absl::Status {
          auto found =
              broker->context().ledgers->Entry(transaction, part, index);
          if (!found.ok()) return found.status();
          entry = *std::move(found);
          return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << read;
    return entry;
  }

  void Mirror(const std::string& name, const std::string& part = "broker") {
    MirrorLedger(*broker->context().store, *broker->context().ledgers, part,
                 folder / name);
  }

  TestFolder folder;
  const certs::Authority authority = *certs::Authority::Create(
      "operator", absl::FromUnixSeconds(1760000000), 10);
  FakeClock clock{absl::FromUnixSeconds(1800000000)};
  JsonLog log{STDERR_FILENO, LogLevel::kError, &clock};
  Config config;
  std::unique_ptr<Broker> broker;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_RESTORABLE_H_
