#include "broker/store/quota_table.h"

#include "absl/strings/str_cat.h"

namespace entente::broker {
namespace {

std::string UtcDay(absl::Time at) {
  return absl::FormatTime("%Y-%m-%d", at, absl::UTCTimeZone());
}

// The counter that stands for all; no agreement's id is empty.
const QuotaKey kEverything = {"", "", "", "exhausted"};

}  // namespace

absl::StatusOr<uint64_t> QuotaTable::Used(const QuotaKey& key, absl::Time at) {
  Statement query = transaction_.Query(
      "SELECT used FROM quotas WHERE agreement = ? AND flow = ?"
      " AND agency = ? AND kind = ? AND utc_day = ?");
  const absl::StatusOr<bool> row = query.Text(key.agreement)
                                       .Text(key.flow)
                                       .Text(key.agency)
                                       .Text(key.kind)
                                       .Text(UtcDay(at))
                                       .Step();
  if (!row.ok()) return row.status();
  return *row ? static_cast<uint64_t>(query.ColumnInt(0)) : 0;
}

absl::StatusOr<uint64_t> QuotaTable::Take(const QuotaKey& key, absl::Time at,
                                          uint64_t amount, uint64_t limit) {
  const absl::StatusOr<uint64_t> exhausted = Used(kEverything, at);
  if (!exhausted.ok()) return exhausted.status();
  if (*exhausted != 0) {
    return absl::ResourceExhaustedError(
        "the broker was restored today and does not know what was used; every "
        "limit starts again at 00:00 UTC");
  }
  const absl::StatusOr<uint64_t> used = Used(key, at);
  if (!used.ok()) return used.status();
  if (*used > limit || amount > limit - *used) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the limit of ", limit, " ", key.kind, " a day has ",
                     *used > limit ? 0 : limit - *used, " left and ", amount,
                     " are asked; it starts again at 00:00 UTC"));
  }
  if (absl::Status written = Put(key, at, *used + amount); !written.ok()) {
    return written;
  }
  return *used + amount;
}

absl::Status QuotaTable::Put(const QuotaKey& key, absl::Time at,
                             uint64_t used) {
  return transaction_
      .Query(
          "INSERT INTO quotas (agreement, flow, agency, kind, utc_day,"
          " used) VALUES (?, ?, ?, ?, ?, ?)"
          " ON CONFLICT DO UPDATE SET used = excluded.used")
      .Text(key.agreement)
      .Text(key.flow)
      .Text(key.agency)
      .Text(key.kind)
      .Text(UtcDay(at))
      .Int(static_cast<int64_t>(used))
      .Run();
}

absl::Status QuotaTable::Exhaust(absl::Time at) {
  return Put(kEverything, at, 1);
}

absl::Status QuotaTable::Forget(absl::Time at) {
  return transaction_.Query("DELETE FROM quotas WHERE utc_day < ?")
      .Text(UtcDay(at))
      .Run();
}

}  // namespace entente::broker
