// entente agreement show | list
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_SHOW_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_SHOW_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementShow(Command& agreement);
void RegisterAgreementList(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_SHOW_H_
