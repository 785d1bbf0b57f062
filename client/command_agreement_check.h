// entente agreement check FILE
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_CHECK_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_CHECK_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementCheck(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_CHECK_H_
