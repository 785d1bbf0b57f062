// `entente audit prove` and `check`.
#ifndef ENTENTE_CLIENT_COMMAND_AUDIT_PROVE_H_
#define ENTENTE_CLIENT_COMMAND_AUDIT_PROVE_H_

#include "client/cli.h"

namespace entente::client {

// Adds them to `audit`.
void RegisterAuditProve(Command& audit);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AUDIT_PROVE_H_
