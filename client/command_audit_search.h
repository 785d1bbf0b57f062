// `entente audit search`, `export` and `tail`.
#ifndef ENTENTE_CLIENT_COMMAND_AUDIT_SEARCH_H_
#define ENTENTE_CLIENT_COMMAND_AUDIT_SEARCH_H_

#include "client/cli.h"

namespace entente::client {

// Adds them to `audit`.
void RegisterAuditSearch(Command& audit);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AUDIT_SEARCH_H_
