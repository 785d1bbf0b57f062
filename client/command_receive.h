// `entente receive`.
#ifndef ENTENTE_CLIENT_COMMAND_RECEIVE_H_
#define ENTENTE_CLIENT_COMMAND_RECEIVE_H_

#include "client/cli.h"

namespace entente::client {

void RegisterReceive(Command& root);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_RECEIVE_H_
