#include "certs/tls_policy.h"

#include <openssl/bio.h>
#include <openssl/conf.h>
#include <openssl/ssl.h>

#include <memory>

namespace entente::certs {
namespace {

constexpr char kPolicy[] =
    "openssl_conf = init\n"
    "[init]\n"
    "ssl_conf = ssl\n"
    "[ssl]\n"
    "system_default = policy\n"
    "[policy]\n"
    "Protocol = ALL,-TLSv1.2\n"
    "Ciphersuites = TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
    "TLS_AES_128_GCM_SHA256\n"
    "NumTickets = 0\n"
    "Options = -SessionTicket\n";

absl::Status Load() {
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(
      BIO_new_mem_buf(kPolicy, sizeof(kPolicy) - 1), BIO_free);
  const std::unique_ptr<CONF, decltype(&NCONF_free)> conf(NCONF_new(nullptr),
                                                          NCONF_free);
  long line = 0;
  if (text == nullptr || conf == nullptr ||
      NCONF_load_bio(conf.get(), text.get(), &line) != 1 ||
      CONF_modules_load(conf.get(), nullptr, 0) != 1) {
    return absl::FailedPreconditionError("OpenSSL refused the TLS policy");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ApplyTlsPolicy() {
  if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) != 1) {
    return absl::FailedPreconditionError("OpenSSL could not start");
  }
  if (absl::Status loaded = Load(); !loaded.ok()) return loaded;
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> probe(
      SSL_CTX_new(TLS_method()), SSL_CTX_free);
  if (probe == nullptr) {
    return absl::FailedPreconditionError("OpenSSL gave no TLS context");
  }
  const uint64_t options = SSL_CTX_get_options(probe.get());
  if ((options & SSL_OP_NO_TLSv1_2) == 0 || (options & SSL_OP_NO_TICKET) == 0 ||
      SSL_CTX_get_num_tickets(probe.get()) != 0) {
    return absl::FailedPreconditionError(
        "TLS 1.2 or session tickets are still on; OpenSSL was touched before "
        "the policy was applied");
  }
  return absl::OkStatus();
}

}  // namespace entente::certs
