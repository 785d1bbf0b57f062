// `entente doctor`.
#ifndef ENTENTE_CLIENT_COMMAND_DOCTOR_H_
#define ENTENTE_CLIENT_COMMAND_DOCTOR_H_

#include "client/cli.h"

namespace entente::client {

void RegisterDoctor(Command& root);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_DOCTOR_H_
