// `entente send`.
#ifndef ENTENTE_CLIENT_COMMAND_SEND_H_
#define ENTENTE_CLIENT_COMMAND_SEND_H_

#include "client/cli.h"

namespace entente::client {

// Declares it.
void RegisterSend(Command& root);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_SEND_H_
