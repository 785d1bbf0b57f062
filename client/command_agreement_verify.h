// entente agreement verify BUNDLE
#ifndef ENTENTE_CLIENT_COMMAND_AGREEMENT_VERIFY_H_
#define ENTENTE_CLIENT_COMMAND_AGREEMENT_VERIFY_H_

#include "client/cli.h"

namespace entente::client {

// Below the group `agreement`.
void RegisterAgreementVerify(Command& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_COMMAND_AGREEMENT_VERIFY_H_
