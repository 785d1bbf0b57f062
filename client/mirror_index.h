// Finding entries of a mirror without reading all of it.
#ifndef ENTENTE_CLIENT_MIRROR_INDEX_H_
#define ENTENTE_CLIENT_MIRROR_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/entry_filter.h"
#include "client/proved_log.h"
#include "client/sqlite.h"

namespace entente::client {

// Its file in the folder of a mirror; may be removed, and is made again.
inline constexpr char kIndexFile[] = "search.sqlite";

// Which of a page's neighbours comes first.
enum class Order { kNewestFirst, kOldestFirst };

// Where the values of each facet occur. It tells where to look and is believed
// in nothing else: whoever prints an entry reads it from the log and asks the
// filter again. Not thread-safe.
class MirrorIndex {
 public:
  // Opens the index of the mirror in `folder` and adds the entries of `log`
  // that it lacks; about 30 us each. One that is of another log, damaged, or
  // of another version is made anew. `progress` is told how many entries are
  // in, now and then. DataLoss (exit 6) if an entry is not proved or is none;
  // otherwise, as where the folder cannot be written, whoever searches has to
  // read the log.
  static absl::StatusOr<std::unique_ptr<MirrorIndex>> Open(
      const std::string& folder, ProvedLog& log,
      const std::function<void(uint64_t)>& progress);

  // The first `limit` places that `filter` means, in `order`.
  absl::StatusOr<std::vector<uint64_t>> Find(const EntryFilter& filter,
                                             Order order, size_t limit);

 private:
  explicit MirrorIndex(std::unique_ptr<Database> database)
      : database_(std::move(database)) {}

  static absl::StatusOr<std::unique_ptr<MirrorIndex>> Load(
      const std::string& path);
  // How many entries it holds. DataLoss if they are not those of `log`.
  absl::StatusOr<uint64_t> Size(ProvedLog& log);
  absl::Status Extend(ProvedLog& log, uint64_t from,
                      const std::function<void(uint64_t)>& progress);
  absl::Status Add(uint64_t index, const policy::LedgerEntry& entry,
                   Statement& time, Statement& facet);
  // The number of a text, which is given one if it has none.
  absl::StatusOr<int64_t> Intern(absl::string_view text);
  // What the facets asked for are stored as, the rarest first; empty and true
  // if one of them occurs nowhere.
  absl::StatusOr<bool> Lookup(const EntryFilter& filter,
                              std::vector<std::pair<int64_t, int64_t>>* found);

  std::unique_ptr<Database> database_;
  std::map<std::string, int64_t> interned_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_MIRROR_INDEX_H_
