// `entente agreement replay` and `agreement coverage`: agreements held against
// what their ledgers say.
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_REPLAY_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_REPLAY_H_

#include "client/cli.h"

namespace entente::client {

// Add them to `agreement`.
void RegisterAgreementReplay(Command& agreement);
void RegisterAgreementCoverage(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_REPLAY_H_
