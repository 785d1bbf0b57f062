// All commands of `entente`.
#ifndef ENTENTE_CLIENT_COMMANDS_H_
#define ENTENTE_CLIENT_COMMANDS_H_

#include <vector>

#include "client/cli.h"

namespace entente::client {

std::vector<Registration> AllCommands();

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMANDS_H_
