// entente audit verify DIR
#ifndef ENTENTE_CLIENT_COMMAND_AUDIT_VERIFY_H_
#define ENTENTE_CLIENT_COMMAND_AUDIT_VERIFY_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `audit`.
void RegisterAuditVerify(Command& audit);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AUDIT_VERIFY_H_
