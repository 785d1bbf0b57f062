// entente agreement whatif
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_WHATIF_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_WHATIF_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementWhatif(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_WHATIF_H_
