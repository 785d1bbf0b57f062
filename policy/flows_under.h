// What an agreement allows, given the overarching ones that it stands under.
#ifndef ENTENTE_POLICY_FLOWS_UNDER_H_
#define ENTENTE_POLICY_FLOWS_UNDER_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "policy/agreement.h"

namespace entente::policy {

// Flows, each with its place in a document: `flows[1] crimes-for-analysis`.
// Several may have one place.
struct PlacedFlows {
  std::vector<Flow> flows;
  std::vector<std::string> places;
};

// The flows of `document` as they stand.
PlacedFlows FlowsOf(const Agreement& document);

// What is left of them if each of `above` must allow the same as well, as
// Decide has it: a way that all have, with the methods and fields that all
// allow, the requirements and row rules of all, and the smallest of each limit.
// A flow of which different flows above have different ways becomes several.
// Retention and the like stay the document's own. Of one that allows nothing
// any more nothing is left.
//
// When the agreements are in force is not looked at. Pure; linear in the ways.
PlacedFlows FlowsUnder(const Agreement& document,
                       absl::Span<const Agreement* const> above);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_FLOWS_UNDER_H_
