// entente ca init | issue | revoke | list
#ifndef ENTENTE_CLIENT_COMMAND_CA_H_
#define ENTENTE_CLIENT_COMMAND_CA_H_

#include "client/cli.h"

namespace entente::client {

void RegisterCaCommands(Command& root);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_CA_H_
