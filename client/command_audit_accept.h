// `entente audit accept`: going on with a ledger that lost entries.
#ifndef ENTENTE_CLIENT_COMMAND_AUDIT_ACCEPT_H_
#define ENTENTE_CLIENT_COMMAND_AUDIT_ACCEPT_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `audit`.
void RegisterAuditAccept(Command& audit);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AUDIT_ACCEPT_H_
