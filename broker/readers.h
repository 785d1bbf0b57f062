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

// Whether `agency` may read `version` of `record`: it, or a later one, names
// the agency as a party or an overseer. Whoever joins is shown what changes;
// whoever is left out does not see what the others agree afterwards.
bool MayReadVersion(const policy::AgreementRecord& record, int64_t version,
                    absl::string_view agency);

// The version that counts for `agency` at `now`: of those that name it the
// highest one that was activated, or else the highest. Null if none does.
const policy::VersionRecord* VersionFor(const policy::AgreementRecord& record,
                                        absl::string_view agency,
                                        absl::Time now);

// The highest version that names `agency`; null if none does.
const policy::VersionRecord* HighestFor(const policy::AgreementRecord& record,
                                        absl::string_view agency);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_READERS_H_
