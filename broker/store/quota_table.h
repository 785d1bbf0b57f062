// What has been used of each daily limit.
#ifndef ENTENTE_BROKER_STORE_QUOTA_TABLE_H_
#define ENTENTE_BROKER_STORE_QUOTA_TABLE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/store/sqlite.h"

namespace entente::broker {

struct QuotaKey {
  std::string agreement;
  std::string flow;    // empty where the limit is the agreement's
  std::string agency;  // who uses it
  std::string kind;    // for example `records` or `enrolments`
};

// Counters run over UTC days and survive restarts.
class QuotaTable {
 public:
  explicit QuotaTable(Transaction& transaction) : transaction_(transaction) {}

  // Used on the UTC day of `at`.
  absl::StatusOr<uint64_t> Used(const QuotaKey& key, absl::Time at);

  // Adds `amount`, whole or not at all, and returns what is used then.
  // ResourceExhausted if that were more than `limit`, or after Exhaust; the
  // message says how much is left and when the day ends.
  absl::StatusOr<uint64_t> Take(const QuotaKey& key, absl::Time at,
                                uint64_t amount, uint64_t limit);

  // Uses up every limit for the UTC day of `at`: what was used is not known.
  absl::Status Exhaust(absl::Time at);

  // Forgets days before that of `at`.
  absl::Status Forget(absl::Time at);

 private:
  absl::Status Put(const QuotaKey& key, absl::Time at, uint64_t used);

  Transaction& transaction_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_QUOTA_TABLE_H_
