// entente agreement propose | sign
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_SIGN_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_SIGN_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementPropose(Command& agreement);
void RegisterAgreementSign(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_SIGN_H_
