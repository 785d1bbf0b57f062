// Watching a ledger grow.
#ifndef ENTENTE_CLIENT_LEDGER_TAIL_H_
#define ENTENTE_CLIENT_LEDGER_TAIL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "client/cancellation.h"
#include "client/entry_filter.h"
#include "client/entry_search.h"
#include "crypto/sha.h"

namespace entente::client {

// Shows the last entries that fit, and then each that comes, once. Holds the
// ledger to what it showed before. Not thread-safe.
class LedgerTail {
 public:
  using Show = std::function<absl::Status(const FoundEntry&)>;

  // Begins with the last `last` that `filter` matches.
  LedgerTail(EntryFilter filter, size_t last, Show show)
      : filter_(std::move(filter)), last_(last), show_(std::move(show)) {}

  // Shows what is new in `parts`, the whole ledger as it is now. DataLoss
  // (exit 6) if it does not continue what was shown; otherwise as SearchParts
  // and `show`; the next call goes on after what was shown.
  absl::Status Read(std::vector<ReadablePart>& parts);

 private:
  struct Seen {
    uint64_t size = 0;  // of the part when it was last looked at
    crypto::Hash root = {};
    uint64_t next = 0;  // the first index not looked at
  };

  absl::Status Begin(std::vector<ReadablePart>& parts);
  absl::Status GoOn(ReadablePart& part, Seen* seen);

  const EntryFilter filter_;
  const size_t last_;
  const Show show_;
  bool begun_ = false;
  std::map<uint32_t, Seen> seen_;
};

// Waits; true if it was cancelled meanwhile.
bool WaitUnlessCancelled(const Cancellation& cancellation, absl::Duration wait);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_LEDGER_TAIL_H_
