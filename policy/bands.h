// Bands of numbers, and the cells of a grid.
#ifndef ENTENTE_POLICY_BANDS_H_
#define ENTENTE_POLICY_BANDS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace entente::policy {

// Distances from a grid's origin go up to here: the British and Irish grids,
// and UTM, which the Channel Islands use.
inline constexpr int64_t kMaxMetres = 10'000'000;

// What may stand between two edges.
enum class Between {
  kWhole,      // `18 to 24`, and `18` where there is but one
  kFractions,  // `18 to under 25`
};

// The bands that ascending, not empty `edges` make, in their order: `under 18`,
// `18 to 24`, `25 or over`. One more than there are edges.
std::vector<std::string> BandNames(absl::Span<const int64_t> edges,
                                   Between between);

// Which of them `value` is in: an edge begins its band. For a number with a
// fraction, give its Floor.
size_t BandOf(absl::Span<const int64_t> edges, int64_t value);

// The largest whole number that is not above `decimal`, which is one
// (crypto::ValueType::kDecimal) of any length; at most 10^18 away from zero.
int64_t Floor(absl::string_view decimal);

// The lower edge of the cell of `step` in which `value` is; both are at least
// 0, `step` above.
inline int64_t CellOf(int64_t value, int64_t step) {
  return value - value % step;
}

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_BANDS_H_
