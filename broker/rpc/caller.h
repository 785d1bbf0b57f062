// Who makes a call, as its certificate says.
#ifndef ENTENTE_BROKER_RPC_CALLER_H_
#define ENTENTE_BROKER_RPC_CALLER_H_

#include <string>

#include "certs/identity.h"

namespace entente::broker {

struct Caller {
  certs::Identity identity;
  std::string uri;          // the certificate's one URI
  std::string fingerprint;  // SHA-256 of the certificate's DER, lower-case hex
  std::string twin = {};    // Certificate::TwinFingerprint; may be empty

  // The agency, or empty for an operator.
  const std::string& agency() const { return identity.agency; }
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_CALLER_H_
