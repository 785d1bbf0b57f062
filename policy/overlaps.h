// The same data, the same way, under two agreements.
#ifndef ENTENTE_POLICY_OVERLAPS_H_
#define ENTENTE_POLICY_OVERLAPS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "policy/agreement.h"
#include "policy/diff.h"

namespace entente::policy {

// A flow of each of two agreements that have senders and recipients in common,
// for data of one definition, while both are in force. Nobody has to merge the
// two: a request names one agreement, and its terms alone hold for it.
struct Overlap {
  // Borrowed. The first has the smaller id.
  const Agreement* first = nullptr;
  const Agreement* second = nullptr;
  const Flow* first_flow = nullptr;
  const Flow* second_flow = nullptr;
  // The catalogue entry of both data sets, without its version.
  std::string definition;
  // Sender and recipient, in order, each pair that both have.
  std::vector<std::pair<std::string, std::string>> ends;
  // Purposes that both name; empty if they have the data for different ones.
  std::vector<std::string> shared_purposes;
  // The days on which both are in force; `until` is not in.
  absl::CivilDay from;
  absl::CivilDay until;
  // What differs: `before` is what the first says, `after` the second. Without
  // sentences, which are about versions.
  std::vector<Change> differences;
};

// All of them, by the ids and the flows' places. Versions of one agreement do
// not overlap. Time is linear in the ways of all flows and in what is found:
// 10,000 agreements take under a second if few of them overlap.
std::vector<Overlap> OverlapsOf(absl::Span<const Agreement* const> agreements);

// `policing.crime`, of `policing.crime/4`.
absl::string_view CatalogueEntryOf(absl::string_view definition);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_OVERLAPS_H_
