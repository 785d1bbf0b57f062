#include "broker/rpc/tls_identity.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "broker/fake_clock.h"
#include "broker/rpc/test_server.h"
#include "broker/test_tls_files.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using certs::TestNow;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr absl::Duration kDay = absl::Hours(24);

class TlsIdentityTest : public testing::Test {
 protected:
  TlsIdentityTest()
      : identity_(*TlsIdentity::Open(files_.config, &clock_, &log_)) {}
  ~TlsIdentityTest() override { close(log_file_); }

  // As if one interval had passed.
  void LookOnce() {
    now_ += kCertificateLookInterval;
    identity_->Look(now_);
  }
  void LookTwice() {
    LookOnce();
    LookOnce();
  }
  // What was logged since the last call.
  std::string Said() {
    std::string said(1 << 16, '\0');
    const ssize_t size = pread(log_file_, said.data(), said.size(), read_);
    said.resize(size < 0 ? 0 : static_cast<size_t>(size));
    read_ += static_cast<off_t>(said.size());
    return said;
  }
  std::string Shown() { return identity_->Current().Fingerprint(); }

  TestTlsFiles files_;
  FakeClock clock_{TestNow()};
  const int log_file_ = memfd_create("log", MFD_CLOEXEC);
  JsonLog log_{log_file_, LogLevel::kDebug, &clock_};
  off_t read_ = 0;
  absl::Time now_ = TestNow();
  std::unique_ptr<TlsIdentity> identity_;
};

TEST_F(TlsIdentityTest, TakesANewPairThatHasStoodStill) {
  const std::string before = Shown();
  const certs::TestHolder next = files_.Issue();
  LookTwice();
  files_.Put(next);
  LookOnce();
  EXPECT_EQ(Shown(), before);
  LookOnce();
  EXPECT_EQ(Shown(), next.chain[0].Fingerprint());
  EXPECT_THAT(Said(), testing::AllOf(HasSubstr("certificate_renewed"),
                                     HasSubstr(Shown()), HasSubstr(before)));
  LookTwice();
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(TlsIdentityTest, LooksNoMoreOftenThanItsInterval) {
  const std::string before = Shown();
  identity_->Look(now_);
  files_.Put(files_.Issue());
  for (int i = 0; i < 30; ++i) identity_->Look(now_ + absl::Milliseconds(i));
  EXPECT_EQ(Shown(), before);
}

TEST_F(TlsIdentityTest, ReadsAtOnceWhenAsked) {
  const certs::TestHolder next = files_.Issue();
  identity_->Look(now_);
  files_.Put(next);
  identity_->Ask();
  identity_->Look(now_);
  EXPECT_EQ(Shown(), next.chain[0].Fingerprint());
  EXPECT_THAT(Said(), HasSubstr("certificate_renewed"));
  identity_->Ask();
  identity_->Look(now_);
  EXPECT_THAT(Said(), HasSubstr("certificate_unchanged"));
}

TEST_F(TlsIdentityTest, WaitsForTheSecondFile) {
  const std::string before = Shown();
  const certs::TestHolder next = files_.Issue();
  files_.PutCertificate(next);
  LookOnce();
  files_.PutKey(next);
  LookOnce();
  EXPECT_EQ(Shown(), before);
  LookOnce();
  EXPECT_EQ(Shown(), next.chain[0].Fingerprint());
  EXPECT_THAT(Said(), Not(HasSubstr("certificate_refused")));
}

TEST_F(TlsIdentityTest, KeepsTheCurrentPairAndSaysOnceWhatIsWrongWithTheNext) {
  const std::string before = Shown();
  files_.PutKey(files_.Issue());
  LookTwice();
  EXPECT_EQ(Shown(), before);
  const std::string said = Said();
  EXPECT_THAT(said, HasSubstr("certificate_refused"));
  EXPECT_THAT(said, HasSubstr("key.pem is not the key of "));
  EXPECT_THAT(said, HasSubstr(before));
  LookTwice();
  EXPECT_THAT(Said(), IsEmpty());
  std::filesystem::remove(files_.config.certificate);
  LookTwice();
  EXPECT_EQ(Shown(), before);
  EXPECT_THAT(Said(), HasSubstr("certificate_refused"));
  const certs::TestHolder next = files_.Issue();
  files_.Put(next);
  LookTwice();
  EXPECT_EQ(Shown(), next.chain[0].Fingerprint());
}

TEST_F(TlsIdentityTest, RefusesAnotherRoot) {
  const std::string before = Shown();
  const certs::TestAgency other("other");
  files_.Put(other.Holder("spiffe://demo.example/broker/broker.test"));
  LookTwice();
  EXPECT_EQ(Shown(), before);
  EXPECT_THAT(Said(), HasSubstr("another root"));
}

TEST_F(TlsIdentityTest, WarnsOnceADayFromThirtyDaysBeforeTheEnd) {
  // Valid for 90 days.
  clock_.Set(TestNow() + 59 * kDay);
  LookOnce();
  EXPECT_THAT(Said(), IsEmpty());
  clock_.Set(TestNow() + 60 * kDay);
  LookTwice();
  const std::string said = Said();
  EXPECT_THAT(said, HasSubstr("\"certificate_expires\",\"days\":30"));
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1);
  clock_.Set(TestNow() + 61 * kDay);
  LookOnce();
  EXPECT_THAT(Said(), HasSubstr("\"days\":29"));
}

TEST_F(TlsIdentityTest, DoesNotStartWithABadPair) {
  files_.PutKey(files_.Issue());
  EXPECT_EQ(TlsIdentity::Open(files_.config, &clock_, &log_).status().code(),
            absl::StatusCode::kInvalidArgument);
}

// The fingerprint of the certificate that `address` shows now; empty if the
// handshake fails before.
std::string ShownAt(const std::string& address) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
      SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  // A client whose versions have a gap, as the policy leaves it, offers the
  // lower ones.
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  const unsigned char alpn[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), alpn, sizeof(alpn));
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
      BIO_new_ssl_connect(context.get()), BIO_free_all);
  BIO_set_conn_hostname(bio.get(), address.c_str());
  if (BIO_do_connect(bio.get()) != 1) return "";
  SSL* ssl = nullptr;
  BIO_get_ssl(bio.get(), &ssl);
  X509* shown = SSL_get1_peer_certificate(ssl);
  if (shown == nullptr) return "";
  unsigned char* der = nullptr;
  const int size = i2d_X509(shown, &der);
  X509_free(shown);
  const auto certificate =
      certs::Certificate::FromDer({der, static_cast<size_t>(size)});
  OPENSSL_free(der);
  return certificate.ok() ? certificate->Fingerprint() : "";
}

class ServerRenewalTest : public testing::Test {
 protected:
  void Replace(const Credential& next) {
    world_.Save("certificate.pem", next.certificate);
    world_.Save("key.pem", next.key);
  }
  Credential Broker(const std::string& authority = "broker") const {
    certs::Identity identity;
    identity.kind = certs::Identity::Kind::kBroker;
    identity.trust_domain = "test.example";
    identity.name = "broker.test";
    return world_.Issue(authority, identity);
  }
  // Handshakes until another certificate than `before` is shown; "" if none is
  // in half a minute, or a handshake fails.
  std::string NextAfter(const std::string& before) const {
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (absl::Now() < deadline) {
      const std::string shown = ShownAt(world_.server->address());
      if (shown != before) return shown;
    }
    return "";
  }

  TestServer world_;
};

TEST_F(ServerRenewalTest, ShowsTheNewCertificateAndKeepsOpenConnections) {
  const auto channel = world_.Connect(world_.op);
  const std::string path = "/entente.v1.Directory/GetStatus";
  EXPECT_TRUE(TestServer::Call(channel.get(), path).status.ok());
  const std::string before = ShownAt(world_.server->address());
  const Credential next = Broker();
  Replace(next);
  world_.server->RenewCertificate();
  EXPECT_EQ(NextAfter(before), next.fingerprint);
  EXPECT_TRUE(TestServer::Call(channel.get(), path).status.ok());
  EXPECT_TRUE(
      TestServer::Call(world_.Connect(world_.op).get(), path).status.ok());
}

TEST_F(ServerRenewalTest, ABadPairNeverTakesTheListenerDown) {
  const std::string before = ShownAt(world_.server->address());
  const std::string path = "/entente.v1.Directory/GetStatus";
  // Another root, a key of another, garbage, and then a good one: what is shown
  // first after `before` must be the last.
  for (const std::string& bad :
       {Broker("north-police").certificate, Broker().certificate,
        std::string("-----BEGIN CERTIFICATE-----\n"), std::string()}) {
    world_.Save("certificate.pem", bad);
    world_.server->RenewCertificate();
    EXPECT_TRUE(
        TestServer::Call(world_.Connect(world_.op).get(), path).status.ok());
    EXPECT_EQ(ShownAt(world_.server->address()), before);
  }
  const Credential next = Broker();
  Replace(next);
  world_.server->RenewCertificate();
  EXPECT_EQ(NextAfter(before), next.fingerprint);
}

}  // namespace
}  // namespace entente::broker
