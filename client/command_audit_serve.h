// `entente audit serve`.
#ifndef ENTENTE_CLIENT_COMMAND_AUDIT_SERVE_H_
#define ENTENTE_CLIENT_COMMAND_AUDIT_SERVE_H_

#include "client/cli.h"

namespace entente::client {

// Adds it to `audit`.
void RegisterAuditServe(Command& audit);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AUDIT_SERVE_H_
