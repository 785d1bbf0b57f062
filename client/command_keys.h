// entente keys request | publish
#ifndef ENTENTE_CLIENT_COMMAND_KEYS_H_
#define ENTENTE_CLIENT_COMMAND_KEYS_H_

#include "client/cli.h"

namespace entente::client {

void RegisterKeysCommands(Command& root);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_KEYS_H_
