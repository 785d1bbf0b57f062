#include "tests/end_to_end/tls_probe.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>

namespace entente::end_to_end {
namespace {

std::string LastError() {
  const unsigned long code = ERR_get_error();
  if (code == 0 || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    return "closed";
  }
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "failed" : reason;
}

}  // namespace

std::string Probe(const ProbeOptions& options) {
  ERR_clear_error();
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
      SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (options.version != 0) {
    SSL_CTX_set_min_proto_version(context.get(), options.version);
    SSL_CTX_set_max_proto_version(context.get(), options.version);
  }
  if (!options.certificate.empty() &&
      (SSL_CTX_use_certificate_chain_file(context.get(),
                                          options.certificate.c_str()) != 1 ||
       SSL_CTX_use_PrivateKey_file(context.get(), options.key.c_str(),
                                   SSL_FILETYPE_PEM) != 1)) {
    return "cannot use " + options.certificate + ": " + LastError();
  }
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> connection(
      BIO_new_ssl_connect(context.get()), BIO_free_all);
  SSL* ssl = nullptr;
  BIO_get_ssl(connection.get(), &ssl);
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl, kHttp2, sizeof(kHttp2));
  BIO_set_conn_hostname(connection.get(), options.address.c_str());
  if (BIO_do_connect(connection.get()) != 1 ||
      BIO_do_handshake(connection.get()) != 1) {
    return LastError();
  }
  // Under TLS 1.3 a client's certificate is judged after its handshake.
  char byte = 0;
  return BIO_read(connection.get(), &byte, 1) == 1 ? "served" : LastError();
}

}  // namespace entente::end_to_end
