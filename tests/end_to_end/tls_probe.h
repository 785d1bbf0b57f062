// A TLS client that knows nothing of the broker's protocol.
#ifndef ENTENTE_TESTS_END_TO_END_TLS_PROBE_H_
#define ENTENTE_TESTS_END_TO_END_TLS_PROBE_H_

#include <string>

namespace entente::end_to_end {

struct ProbeOptions {
  std::string address;           // 127.0.0.1:PORT
  std::string certificate = {};  // PEM file; none is shown if empty
  std::string key = {};          // PEM file
  int version = 0;               // TLS1_2_VERSION and the like; 0: the newest
};

// Connects and waits for the first byte of an HTTP/2 server. `served`, or what
// ended the connection: OpenSSL's words for an alert, or `closed`.
std::string Probe(const ProbeOptions& options);

}  // namespace entente::end_to_end

#endif  // ENTENTE_TESTS_END_TO_END_TLS_PROBE_H_
