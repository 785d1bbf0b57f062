// What happened to break-glass grants: signed acts, and what time did.
#ifndef ENTENTE_BROKER_STORE_GLASS_TABLE_H_
#define ENTENTE_BROKER_STORE_GLASS_TABLE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "broker/store/sqlite.h"

namespace entente::broker {

// Kept as numbers: values are never reused. A grant has at most one of each.
enum class GlassStep {
  kAsked = 1,
  kApproved = 2,
  kClosed = 3,  // by a party
  kEnded = 4,   // by time, or because the agreement was stopped
  kReported = 5,
  kOverdue = 6,  // that the report is, was noted
};

struct GlassRow {
  int64_t sequence = 0;  // set by Insert; grows with the order of arrival
  std::string agreement;
  std::vector<uint8_t> grant;  // 32 bytes
  GlassStep step = GlassStep::kAsked;
  // Of signed acts; empty for what nobody signed.
  std::vector<uint8_t> digest;  // of what was signed, 32 bytes
  std::string agency;
  std::string actor;              // its signatory's identity
  std::vector<uint8_t> envelope;  // as it was sent, with the chain
  absl::Time at;                  // whole milliseconds
  absl::optional<uint64_t> entry;
};

class GlassTable {
 public:
  explicit GlassTable(Transaction& transaction) : transaction_(transaction) {}

  // AlreadyExists if the grant has one of this step.
  absl::Status Insert(const GlassRow& row);
  absl::Status SetEntry(absl::string_view id, absl::Span<const uint8_t> grant,
                        GlassStep step, uint64_t entry);
  // What there is of one grant, in the order of GlassStep; empty if there is
  // none.
  absl::StatusOr<std::vector<GlassRow>> OfGrant(
      absl::string_view id, absl::Span<const uint8_t> grant);
  // The rows by which grants of one agreement were asked for, before the
  // sequence `before`, the newest first, at most `limit`.
  absl::StatusOr<std::vector<GlassRow>> Asked(absl::string_view id,
                                              int64_t before, int limit);
  // Grants about which something is still to be done: not reported, and not
  // ended before anybody approved them. Of one agreement, or of all if `id` is
  // empty; the oldest first. Agreement and grant.
  using Name = std::pair<std::string, std::vector<uint8_t>>;
  absl::StatusOr<std::vector<Name>> Unsettled(absl::string_view id);

 private:
  Transaction& transaction_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_GLASS_TABLE_H_
