// entente agreement diff OLD NEW
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_DIFF_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_DIFF_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementDiff(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_DIFF_H_
