#include "broker/rpc/tls_floor.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>

#include <memory>
#include <thread>

#include "broker/rpc/descriptor.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

// A server whose versions begin at `lowest`, whatever the process's policy is.
std::shared_ptr<SSL_CTX> ServerFrom(int lowest) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()),
                                         SSL_CTX_free);
  SSL_CTX_clear_options(context.get(), SSL_OP_NO_TLSv1_2);
  SSL_CTX_set_min_proto_version(context.get(), lowest);
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  EXPECT_GT(X509_sign(certificate, key, EVP_sha256()), 0);
  EXPECT_EQ(SSL_CTX_use_certificate(context.get(), certificate), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context.get(), key), 1);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

absl::StatusOr<bool> TakesOf(const std::shared_ptr<SSL_CTX>& context) {
  std::thread serving;
  absl::StatusOr<bool> takes = TakesTls12([&](int connection) {
    // It writes to a client that has seen enough.
    signal(SIGPIPE, SIG_IGN);
    serving = std::thread([connection, context] {
      const Descriptor owned(connection);
      fcntl(connection, F_SETFL, 0);
      const std::unique_ptr<SSL, decltype(&SSL_free)> server(
          SSL_new(context.get()), SSL_free);
      SSL_set_fd(server.get(), connection);
      SSL_accept(server.get());
    });
  });
  serving.join();
  return takes;
}

TEST(TlsFloor, IsTheLowestVersionThatAServerTakes) {
  EXPECT_TRUE(*TakesOf(ServerFrom(TLS1_2_VERSION)));
  EXPECT_FALSE(*TakesOf(ServerFrom(TLS1_3_VERSION)));
}

TEST(TlsFloor, IsNotKnownOfAServerThatDoesNotAnswer) {
  Descriptor held;
  const absl::StatusOr<bool> takes =
      TakesTls12([&](int connection) { held = Descriptor(connection); },
                 absl::Milliseconds(1));
  EXPECT_EQ(takes.status().code(), absl::StatusCode::kUnavailable);
}

TEST(TlsFloor, IsKeptByAServerThatHangsUp) {
  const absl::StatusOr<bool> takes =
      TakesTls12([](int connection) { Descriptor{connection}; });
  ASSERT_TRUE(takes.ok()) << takes.status();
  EXPECT_FALSE(*takes);
}

}  // namespace
}  // namespace entente::broker
