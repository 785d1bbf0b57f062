#include "broker/store/quota_table.h"

#include "absl/strings/str_cat.h"

namespace entente::broker {
namespace {

std::string UtcDay(absl::Time at) {
  return absl::FormatTime("%Y-%m-%d", at, absl::UTCTimeZone());
}

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
  const absl::StatusOr<uint64_t> used = Used(key, at);
  if (!used.ok()) return used.status();
  if (*used > limit || amount > limit - *used) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the limit of ", limit, " ", key.kind, " a day has ",
                     *used > limit ? 0 : limit - *used, " left and ", amount,
                     " are asked; it starts again at 00:00 UTC"));
  }
  const absl::Status written =
      transaction_
          .Query(
              "INSERT INTO quotas (agreement, flow, agency, kind, utc_day,"
              " used) VALUES (?, ?, ?, ?, ?, ?)"
              " ON CONFLICT DO UPDATE SET used = excluded.used")
          .Text(key.agreement)
          .Text(key.flow)
          .Text(key.agency)
          .Text(key.kind)
          .Text(UtcDay(at))
          .Int(static_cast<int64_t>(*used + amount))
          .Run();
  if (!written.ok()) return written;
  return *used + amount;
}

absl::Status QuotaTable::Forget(absl::Time at) {
  return transaction_.Query("DELETE FROM quotas WHERE utc_day < ?")
      .Text(UtcDay(at))
      .Run();
}

}  // namespace entente::broker
