// entente agreement schema
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_SCHEMA_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_SCHEMA_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementSchema(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_SCHEMA_H_
