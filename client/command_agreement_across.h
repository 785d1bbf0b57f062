// entente agreement overlaps | reciprocity FILE-OR-ID...
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_ACROSS_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_ACROSS_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementOverlaps(Command& agreement);
void RegisterAgreementReciprocity(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_ACROSS_H_
