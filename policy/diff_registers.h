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
// agreement; of two, the last counts.
//
// Of an agreement that stands under others, what is compared is what is left of
// it under those of its own set (policy/flows_under.h), so a change above is
// told by what it does below: flow by flow, with a change of Clause::kUnder
// that names the cause. If it does nothing below, nothing is said there. One
// whose overarching agreement is not in its set allows nothing there. When the
// ones above are in force is told, and not worked out.
//
// Never reads a document that has the same digest in both sets, and the same
// documents above it: about 0.1 us for each.
std::vector<AgreementChange> DiffRegisters(
    absl::Span<const CompiledAgreement* const> before,
    absl::Span<const CompiledAgreement* const> after);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_DIFF_REGISTERS_H_
