// entente agreement export FILE-OR-ID
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_EXPORT_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_EXPORT_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementExport(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_EXPORT_H_
