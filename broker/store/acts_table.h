// What signatories did to agreements that stand.
#ifndef ENTENTE_BROKER_STORE_ACTS_TABLE_H_
#define ENTENTE_BROKER_STORE_ACTS_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "broker/store/sqlite.h"
#include "certs/agreement_act.h"

namespace entente::broker {

struct ActRow {
  std::string agreement;
  std::vector<uint8_t> digest;  // of what was signed, 32 bytes
  certs::ActKind kind = certs::ActKind::kSuspend;
  std::string agency;
  std::string actor;  // the signatory's identity
  std::string reason;
  // The highest version when it was done: a withdrawal is from none after it.
  uint32_t through = 0;
  std::vector<uint8_t> envelope;  // as it was sent, with the chain
  absl::Time acted;               // whole milliseconds
  // Whether it has its effect still. A resumption has none of its own.
  bool stands = false;
  absl::optional<uint64_t> entry;
};

class ActsTable {
 public:
  explicit ActsTable(Transaction& transaction) : transaction_(transaction) {}

  // AlreadyExists if it is there, or if another of the agency and kind stands.
  absl::Status Insert(const ActRow& row);
  // NotFound.
  absl::StatusOr<ActRow> Get(absl::string_view id,
                             absl::Span<const uint8_t> digest);
  // Ends its effect. NotFound if it has none.
  absl::Status Lift(absl::string_view id, absl::Span<const uint8_t> digest);
  absl::Status SetEntry(absl::string_view id, absl::Span<const uint8_t> digest,
                        uint64_t entry);
  // Those that stand, by agency and kind.
  absl::StatusOr<std::vector<ActRow>> Standing(absl::string_view id);

 private:
  Transaction& transaction_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_ACTS_TABLE_H_
