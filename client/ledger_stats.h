// What a ledger says in sum.
#ifndef ENTENTE_CLIENT_LEDGER_STATS_H_
#define ENTENTE_CLIENT_LEDGER_STATS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/ledger_entry.h"

namespace entente::client {

enum class Period { kDay, kWeek, kMonth };

// `day`, `week`, `month`; a usage error for anything else.
absl::StatusOr<Period> ParsePeriod(absl::string_view name);

// The first day of the period that `time` falls in, in `zone`: `2027-03-01`.
// Weeks begin on Monday.
std::string PeriodOf(absl::Time time, Period period, absl::TimeZone zone);

// Of batches: how many were allowed and refused, and the records of the former.
struct BatchCounts {
  uint64_t allowed = 0;
  uint64_t refused = 0;
  uint64_t records = 0;

  uint64_t acts() const { return allowed + refused; }
};

// Who gave what to whom.
struct Direction {
  std::string sender;
  std::string recipient;
  std::string flow;

  auto operator<=>(const Direction&) const = default;
};

// Counts entries, given in their order. Memory for what is counted, and for
// each batch that was not delivered yet. Not thread-safe.
class LedgerStats {
 public:
  LedgerStats(Period period, absl::TimeZone zone)
      : period_(period), zone_(zone) {}

  void Add(const policy::LedgerEntry& entry);

  uint64_t entries() const { return entries_; }
  const std::map<std::string, BatchCounts>& periods() const { return periods_; }
  const std::map<Direction, BatchCounts>& directions() const {
    return directions_;
  }
  const std::map<std::string, BatchCounts>& purposes() const {
    return purposes_;
  }
  // Refusals of any kind of act, by the code of each reason.
  const std::map<std::string, uint64_t>& reasons() const { return reasons_; }
  // Entries by kind.
  const std::map<std::string, uint64_t>& kinds() const { return kinds_; }

  // Batches that were allowed and whose delivery is not there.
  uint64_t undelivered() const { return waiting_.size(); }
  // From a batch's entry to that of its delivery: so many of a hundred were at
  // most so long under way. None without deliveries.
  std::optional<absl::Duration> TimeToDelivery(int percent) const;

 private:
  const Period period_;
  const absl::TimeZone zone_;
  uint64_t entries_ = 0;
  std::map<std::string, BatchCounts> periods_;
  std::map<Direction, BatchCounts> directions_;
  std::map<std::string, BatchCounts> purposes_;
  std::map<std::string, uint64_t> reasons_;
  std::map<std::string, uint64_t> kinds_;
  std::map<std::string, absl::Time> waiting_;  // by sender and batch
  std::vector<absl::Duration> delivered_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_LEDGER_STATS_H_
