// Whether one term of an agreement lets more happen than another.
#ifndef ENTENTE_POLICY_BREADTH_H_
#define ENTENTE_POLICY_BREADTH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/agreement.h"

namespace entente::policy {

// How the term after stands to the term before.
enum class Breadth {
  kSame,
  kWider,     // all that was, and more
  kNarrower,  // a part of what was
  kDiffers,   // neither: a person must judge
};

// `before_fits`: everything under the term before is within the term after.
// `after_fits`: the other way round.
Breadth BreadthOf(bool before_fits, bool after_fits);

// Wider if what was given can be worked out from what is given now, and not the
// other way round: as_is is above everything, a sector above its district,
// a month above its year, fine bands above coarser ones on the same edges. A
// shift is wider the fewer days it has. Without a sure order kDiffers.
Breadth CompareTreatments(const Treatment& before, const Treatment& after);

// Of a limit, absent if there is none: wider if it is higher.
Breadth CompareLimits(const std::optional<int64_t>& before,
                      const std::optional<int64_t>& after);

// Wider if whatever was kept may still be kept, and longer or more of it.
Breadth CompareRetention(const Retention& before, const Retention& after);

// Wider if all that could be passed on still can.
Breadth CompareOnward(const Onward& before, const Onward& after);

// Wider if an emergency may show all that it could, for as long, with a report
// no sooner.
Breadth CompareBreakGlass(const std::optional<BreakGlass>& before,
                          const std::optional<BreakGlass>& after);

// What the rules on one field ask for, all of them together.
struct FieldRules {
  std::string field;
  std::vector<RowRule> before;  // the rules as written; empty: none
  std::vector<RowRule> after;
  Breadth breadth = Breadth::kSame;  // kWider: more records pass
};

// The fields on which the rules differ in effect, in order of their names.
// Rules that say the same in other words (repeated, weaker than another,
// `equals` for a single `one_of`) do not differ.
std::vector<FieldRules> CompareRows(const std::vector<RowRule>& before,
                                    const std::vector<RowRule>& after);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_BREADTH_H_
