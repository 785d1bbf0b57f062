// The state of an agreement, and what it allows its parties to do.
#ifndef ENTENTE_BROKER_TRANSITION_H_
#define ENTENTE_BROKER_TRANSITION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/agreement_act.h"
#include "policy/register.h"

namespace entente::broker {

// `proposed`, `signed`, `active`, `suspended`, `superseded`, `expired` or
// `ended`, as version `version` of `record` stands at `now`: active as long as
// it may be used, so also while a later version lets it go on; suspended by a
// party of it, or because a review is overdue.
absl::string_view StateName(const policy::AgreementRecord& record,
                            int64_t version, absl::Time now);

// The version in force at `now`, or else the highest one.
const policy::VersionRecord& GoverningVersion(
    const policy::AgreementRecord& record, absl::Time now);

// What `version` of `record`, 2 or above, is compared with for those who are to
// sign it: the one in force at `now`, or if that is not before it, the one
// before it.
const policy::VersionRecord& DiffBase(const policy::AgreementRecord& record,
                                      int64_t version, absl::Time now);

// `the agreement is suspended by west-police; north-police may now: suspend,
// withdraw`: the one wording for whatever is refused because of the state. The
// state is that of the version that counts for `agency` (broker/readers.h).
std::string StateAndLegalActs(const policy::AgreementRecord& record,
                              const std::string& agency, absl::Time now);

// Whether `act` is legal now. For one that resumes, `kind` is that of the
// suspension that it lifts; otherwise its own. ALREADY_DONE, OWNER_ONLY, or
// NOT_LEGAL_NOW; the detail says which acts are (policy/legal_acts.h).
absl::Status CheckTransition(const policy::AgreementRecord& record,
                             const certs::AgreementAct& act,
                             certs::ActKind kind, absl::Time now);

// How many parties are left of the version that has the most: of those in force
// at `now`, and of those that may come into force, which need all of theirs.
// Before any is in force, of those that there are.
size_t PartiesLeft(const policy::AgreementRecord& record, absl::Time now);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TRANSITION_H_
