// Which entries of a ledger are meant.
#ifndef ENTENTE_CLIENT_ENTRY_FILTER_H_
#define ENTENTE_CLIENT_ENTRY_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/ledger_entry.h"

namespace entente::client {

// So many of a break-glass grant's first digits stand for it.
inline constexpr size_t kGrantDigits = 8;

// What entries can be found by: a name as it is typed and stored (`purpose`,
// `case`, `reason`…), and the values that an entry has for it. One list, so
// that filter and index cannot disagree. Empty values are left out. Of a grant
// both its id and the first kGrantDigits of it are values.
std::vector<std::pair<absl::string_view, std::string>> FacetsOf(
    const policy::LedgerEntry& entry);

// The names that FacetsOf gives, in its order.
const std::vector<absl::string_view>& FacetNames();

// What accompanied the act under `name`; of that the case reference, and the
// acting person as the agency names it. Empty if there was none.
std::string AccompanyingOf(const policy::LedgerEntry& entry,
                           const std::string& name);
std::string CaseOf(const policy::LedgerEntry& entry);
std::string PersonOf(const policy::LedgerEntry& entry);

// The agency in `spiffe://domain/agency/<agency>/…`; empty for anybody else.
std::string AgencyOfUri(absl::string_view uri);

struct EntryFilter {
  // All of these must be among the facets of the entry.
  std::vector<std::pair<std::string, std::string>> facets;
  // From the first instant, before the second.
  absl::Time since = absl::InfinitePast();
  absl::Time until = absl::InfiniteFuture();
  // From the first index, up to and with the second.
  uint64_t first = 0;
  uint64_t last = std::numeric_limits<uint64_t>::max();

  bool Matches(uint64_t index, const policy::LedgerEntry& entry) const;
};

// Reads an instant: `2027-03-01`, which is its first moment in `zone`,
// `2027-03-01T09:30` in `zone`, RFC 3339 with an offset, or `24h`, `7d`, `30m`
// before `now`. InvalidArgument otherwise.
absl::StatusOr<absl::Time> ParseInstant(absl::string_view text, absl::Time now,
                                        absl::TimeZone zone);

// Reads `17`, `17-` or `17-90` (both ends belong to it). InvalidArgument.
absl::StatusOr<std::pair<uint64_t, uint64_t>> ParseIndexRange(
    absl::string_view text);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ENTRY_FILTER_H_
