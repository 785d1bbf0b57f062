// entente profile init | show
#ifndef ENTENTE_CLIENT_COMMAND_PROFILE_H_
#define ENTENTE_CLIENT_COMMAND_PROFILE_H_

#include "client/cli.h"

namespace entente::client {

void RegisterProfileCommands(Command& root);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_PROFILE_H_
