// entente status
#ifndef ENTENTE_CLIENT_COMMAND_STATUS_H_
#define ENTENTE_CLIENT_COMMAND_STATUS_H_

#include "client/cli.h"

namespace entente::client {

void RegisterStatusCommand(Command& root);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_STATUS_H_
