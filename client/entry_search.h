// Searching a ledger with all its parts.
#ifndef ENTENTE_CLIENT_ENTRY_SEARCH_H_
#define ENTENTE_CLIENT_ENTRY_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/entry_filter.h"
#include "client/mirror_index.h"
#include "client/proved_log.h"
#include "policy/ledger_entry.h"

namespace entente::client {

// A part of a ledger that can be read.
struct ReadablePart {
  uint32_t part = 0;
  std::string folder;  // of its mirror; empty: it is at the broker
  std::unique_ptr<ProvedLog> log;
};

// The mirror in `folder` and those of later parts beside it, in order. As
// OpenMirror and MirroredLater.
absl::StatusOr<std::vector<ReadablePart>> OpenMirrorParts(
    const std::string& folder);

// Where an entry stands in a ledger. As text, `1:17`.
struct Place {
  uint32_t part = 0;
  uint64_t index = 0;

  friend bool operator==(const Place&, const Place&) = default;
};
std::string PlaceText(const Place& place);
// Reads what PlaceText writes. InvalidArgument.
absl::StatusOr<Place> ParsePlace(absl::string_view text);

struct FoundEntry {
  Place place;
  std::string line;
  policy::LedgerEntry entry;
};

struct SearchPage {
  std::vector<FoundEntry> found;
  // Where the next page begins; none if this is the last.
  std::optional<Place> next;
};

struct SearchPlan {
  EntryFilter filter;
  Order order = Order::kNewestFirst;
  std::optional<Place> from;  // where the page begins
  size_t limit = 100;
  // Told what there is to say while it takes long. May be null.
  std::function<void(const std::string&)> say;
};

// One page of the entries that `plan` means. A mirror has an index for this
// (client/mirror_index.h), which is made or extended first; at the broker, and
// where the folder cannot be written, entries are read one after another. Every
// entry found is proved. Errors as ProvedLog and MirrorIndex; DataLoss (exit 6)
// if an entry of the log is none.
absl::StatusOr<SearchPage> SearchParts(std::vector<ReadablePart>& parts,
                                       const SearchPlan& plan);

// Calls `visit` for every entry that `filter` matches, from the oldest on. Ends
// with its first error.
absl::Status ForEachEntry(
    std::vector<ReadablePart>& parts, const EntryFilter& filter,
    const std::function<absl::Status(const FoundEntry&)>& visit);

// Entry `index` of `log`, read.
absl::StatusOr<FoundEntry> ReadEntry(ProvedLog& log, const Place& place);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ENTRY_SEARCH_H_
