// `entente audit stats`.
#ifndef ENTENTE_CLIENT_COMMAND_AUDIT_STATS_H_
#define ENTENTE_CLIENT_COMMAND_AUDIT_STATS_H_

#include "client/cli.h"

namespace entente::client {

// Adds it to `audit`.
void RegisterAuditStats(Command& audit);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AUDIT_STATS_H_
