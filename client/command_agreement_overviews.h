// entente agreement matrix | clauses | calendar FILE-OR-ID...
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_OVERVIEWS_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_OVERVIEWS_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementMatrix(Command& agreement);
void RegisterAgreementClauses(Command& agreement);
void RegisterAgreementCalendar(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_OVERVIEWS_H_
