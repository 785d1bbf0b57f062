// `entente audit mirror`, `audit list` and `audit show`: ledgers read from
// their broker.
#ifndef ENTENTE_CLIENT_COMMAND_AUDIT_READ_H_
#define ENTENTE_CLIENT_COMMAND_AUDIT_READ_H_

#include "client/cli.h"

namespace entente::client {

void RegisterAuditRead(Command& audit);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AUDIT_READ_H_
