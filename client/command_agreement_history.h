// entente agreement versions | signatures
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_HISTORY_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_HISTORY_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementVersions(Command& agreement);
void RegisterAgreementSignatures(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_HISTORY_H_
