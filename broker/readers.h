// Who may read what belongs to an agreement.
#ifndef ENTENTE_BROKER_READERS_H_
#define ENTENTE_BROKER_READERS_H_

#include "absl/strings/string_view.h"
#include "policy/register.h"

namespace entente::broker {

// Whether `agency` is a party or an overseer of any version of `record`, which
// is null for an agreement that does not exist. An operator's empty agency may
// read nothing.
bool MayRead(const policy::AgreementRecord* record, absl::string_view agency);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_READERS_H_
