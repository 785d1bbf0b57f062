// What one set of agreements allows and another does not.
#ifndef ENTENTE_POLICY_DIFF_REGISTERS_H_
#define ENTENTE_POLICY_DIFF_REGISTERS_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "policy/compiled_agreement.h"
#include "policy/diff.h"

namespace entente::policy {

// One agreement that is not the same in both sets. Borrows the documents.
struct AgreementChange {
  std::string id;
  const Agreement* before = nullptr;  // null: it is new
  const Agreement* after = nullptr;   // null: it is gone
  // As Diff. Of one that is new or gone, its ways alone.
  AgreementDiff diff;
};

// The agreements that differ in effect, by id. Each set has one version of an
// agreement; of two, the last counts. One whose overarching agreement differs
// has a change of Clause::kUnder that says so, whatever that does to it. Never
// reads documents of which both sets have the same digest: about 0.1 us for
// each of those.
std::vector<AgreementChange> DiffRegisters(
    absl::Span<const CompiledAgreement* const> before,
    absl::Span<const CompiledAgreement* const> after);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_DIFF_REGISTERS_H_
