// entente agreement explain
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_EXPLAIN_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_EXPLAIN_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementExplain(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_EXPLAIN_H_
