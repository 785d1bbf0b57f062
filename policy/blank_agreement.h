// Commented documents to start an agreement from.
#ifndef ENTENTE_POLICY_BLANK_AGREEMENT_H_
#define ENTENTE_POLICY_BLANK_AGREEMENT_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "policy/agreement.h"

namespace entente::policy {

// What a blank document of `kind` calls its parties, in its order, until their
// agency ids stand there: in capitals, such as `FIRST-FORCE`, which no id is.
std::vector<std::string> BlankPartiesOf(AgreementKind kind);

// A document in YAML for an agreement of `kind`, with comments that say what
// belongs where. What only its authors can know is blank: a key without a
// value. `parties` are agency ids for the parties, in order; those beyond are
// left in capitals, and more than there are parties are not looked at. `Check`
// reports every blank with its place, and takes the document once they are
// filled.
std::string BlankAgreement(AgreementKind kind,
                           absl::Span<const std::string> parties = {});

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_BLANK_AGREEMENT_H_
