// Which acts the state of an agreement allows its parties.
#ifndef ENTENTE_BROKER_TRANSITION_H_
#define ENTENTE_BROKER_TRANSITION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/agreement_act.h"
#include "policy/register.h"

namespace entente::broker {

// `proposed`, `signed`, `active`, `suspended`, `superseded`, `expired` or
// `ended`, as version `version` of `record` stands at `now`: active as long as
// it may be used, so also while a later version lets it go on; suspended by a
// party, or because a review is overdue.
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

// What `agency` may do at `now`: of `suspend`, `suspend --sending`, `resume`,
// `resume --sending` and `withdraw`, in this order. Everything is refused to
// those who are no party of the version that governs, or have left it. Alone,
// an agency may always restrict: only what is not in force cannot be suspended,
// and what has ended cannot be left.
std::vector<std::string> LegalActs(const policy::AgreementRecord& record,
                                   const std::string& agency, absl::Time now);

// Whether `act` is legal now. For one that resumes, `kind` is that of the
// suspension that it lifts; otherwise its own. ALREADY_DONE, OWNER_ONLY, or
// NOT_LEGAL_NOW, whose detail says which acts are.
absl::Status CheckTransition(const policy::AgreementRecord& record,
                             const certs::AgreementAct& act,
                             certs::ActKind kind, absl::Time now);

// How many parties of the version that governs have not left it.
size_t PartiesLeft(const policy::AgreementRecord& record, absl::Time now);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TRANSITION_H_
