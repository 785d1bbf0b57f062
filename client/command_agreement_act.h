// entente agreement suspend | resume | withdraw
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_ACT_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_ACT_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementSuspend(Command& agreement);
void RegisterAgreementResume(Command& agreement);
void RegisterAgreementWithdraw(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_ACT_H_
