// entente agreement break-glass ask | approve | close | report | list
#ifndef ENTENTE_CLIENT_COMMAND_BREAK_GLASS_H_
#define ENTENTE_CLIENT_COMMAND_BREAK_GLASS_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterBreakGlassCommands(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_BREAK_GLASS_H_
