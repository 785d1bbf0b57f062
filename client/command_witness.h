#ifndef ENTENTE_CLIENT_COMMAND_WITNESS_H_
#define ENTENTE_CLIENT_COMMAND_WITNESS_H_

#include "client/cli.h"

namespace entente::client {

// `entente witness init | serve | show`.
void RegisterWitnessCommands(Command& root);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_WITNESS_H_
