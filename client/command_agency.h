// entente agency add | list | show | revoke
#ifndef ENTENTE_CLIENT_COMMAND_AGENCY_H_
#define ENTENTE_CLIENT_COMMAND_AGENCY_H_

#include "client/cli.h"

namespace entente::client {

void RegisterAgencyCommands(Command& root);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGENCY_H_
