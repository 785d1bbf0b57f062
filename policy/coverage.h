// Which clauses of an agreement its ledger shows in use.
#ifndef ENTENTE_POLICY_COVERAGE_H_
#define ENTENTE_POLICY_COVERAGE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "policy/agreement.h"
#include "policy/ledger_entry.h"

namespace entente::policy {

// Something that an agreement allows.
struct ClauseUse {
  std::string clause;  // `flows[0] crimes-west.methods`
  std::string what;    // `north to west for analysis`
  uint64_t acts = 0;   // allowed ones, in the time that is looked at
  uint64_t records = 0;
  std::optional<absl::Time> last = {};  // also before that time
};

// A limit, and the most that was ever used of it in the time looked at.
struct LimitUse {
  std::string clause;  // `flows[0] crimes-west.limits.records_per_day`
  int64_t limit = 0;
  uint64_t most = 0;
};

// Counts allowed acts by the clause that allows them, from `since` on. A ledger
// shows ways, methods, purposes, parties, schemes of identifiers, break-glass
// and limits in use. It cannot show which fields were ever filled, or which row
// rules ever kept a record back: both are inside the seal, or never left the
// sender. Not thread-safe.
class Coverage {
 public:
  // `agreement` is borrowed; `digest` is the SHA-256 of its canonical form,
  // hex.
  Coverage(const Agreement* agreement, std::string digest, absl::Time since);

  // Entries in their order; also those of other versions, whose flows count by
  // their id. `caller` is the agency that acted.
  void See(const LedgerEntry& entry, absl::string_view caller);

  // In the order of the document.
  std::vector<ClauseUse> Clauses() const;
  std::vector<LimitUse> Limits() const;

  // When this version was activated, if the entries say so.
  std::optional<absl::Time> activated() const { return activated_; }

 private:
  struct Use {
    uint64_t acts = 0;
    uint64_t records = 0;
    std::optional<absl::Time> last;
  };

  void Count(const std::string& clause, const std::string& what,
             const LedgerEntry& entry);
  void SeeBatch(const LedgerEntry& entry);
  void SeeLimits(const LedgerEntry& entry, const std::string& place,
                 const Flow& flow);
  // Adds `amount` in the period that begins on `from`.
  void Spend(const std::string& clause, const std::string& who,
             absl::CivilDay from, uint64_t amount);

  const Agreement& agreement_;
  const std::string digest_;
  const absl::Time since_;
  // The order of the document, by index into clauses_.
  std::vector<std::pair<std::string, std::string>> clauses_;
  std::map<std::pair<std::string, std::string>, Use> uses_;
  std::map<std::pair<std::string, absl::CivilDay>, uint64_t> spent_;
  std::map<std::string, uint64_t> most_;  // by clause of the limit
  std::optional<absl::Time> activated_;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_COVERAGE_H_
