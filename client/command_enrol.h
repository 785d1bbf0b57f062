// `entente enrol`.
#ifndef ENTENTE_CLIENT_COMMAND_ENROL_H_
#define ENTENTE_CLIENT_COMMAND_ENROL_H_

#include "client/cli.h"

namespace entente::client {

// Declares it.
void RegisterEnrol(Command& root);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_ENROL_H_
