// `entente audit signals`.
#ifndef ENTENTE_CLIENT_COMMAND_AUDIT_SIGNALS_H_
#define ENTENTE_CLIENT_COMMAND_AUDIT_SIGNALS_H_

#include "client/cli.h"

namespace entente::client {

// Adds it to `audit`.
void RegisterAuditSignals(Command& audit);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AUDIT_SIGNALS_H_
