// entente agreement amend
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_AMEND_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_AMEND_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementAmend(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_AMEND_H_
