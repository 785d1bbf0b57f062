// entente agreement new
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_NEW_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_NEW_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementNew(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_NEW_H_
