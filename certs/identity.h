// Who the owner of a certificate is.
#ifndef ENTENTE_CERTS_IDENTITY_H_
#define ENTENTE_CERTS_IDENTITY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::certs {

// What an agency's certificate is for.
enum class Role { kSystem, kSignatory, kAuditor };

absl::string_view RoleName(Role role);

// One of
//   spiffe://<trust domain>/agency/<agency>/<role>/<name>
//   spiffe://<trust domain>/operator/<name>
//   spiffe://<trust domain>/broker/<name>
// The trust domain is a host name in lower case, at most 253 characters; an
// agency [a-z][a-z0-9-]{1,60}; a name [A-Za-z0-9._-]{1,64}.
struct Identity {
  enum class Kind { kAgency, kOperator, kBroker };

  Kind kind = Kind::kAgency;
  std::string trust_domain;
  std::string agency;         // empty unless kAgency
  Role role = Role::kSystem;  // meaningful for kAgency
  std::string name;

  // The one parser of identities. InvalidArgument, saying what is wrong.
  static absl::StatusOr<Identity> Parse(absl::string_view uri);

  std::string ToUri() const;
  bool operator==(const Identity&) const = default;
};

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_IDENTITY_H_
