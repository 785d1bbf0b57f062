#include "broker/store/pepper_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace entente::broker {

absl::StatusOr<bool> PepperTable::FixCommitment(
    absl::string_view agreement, uint32_t generation,
    absl::Span<const uint8_t> commitment) {
  Statement query = transaction_.Query(
      "SELECT commitment FROM peppers WHERE agreement = ? AND generation = ?");
  const absl::StatusOr<bool> row = query.Text(agreement).Int(generation).Step();
  if (!row.ok()) return row.status();
  if (*row) {
    const std::vector<uint8_t> stands = query.ColumnBlob(0);
    if (!std::equal(stands.begin(), stands.end(), commitment.begin(),
                    commitment.end())) {
      return absl::AlreadyExistsError(absl::StrCat(
          "generation ", generation, " of ", agreement,
          " has another pepper; fetch it from a party that has it"));
    }
    return false;
  }
  const absl::Status written =
      transaction_
          .Query(
              "INSERT INTO peppers (agreement, generation, commitment)"
              " VALUES (?, ?, ?)")
          .Text(agreement)
          .Int(generation)
          .Blob(commitment)
          .Run();
  if (!written.ok()) return written;
  return true;
}

absl::Status PepperTable::SetCommitmentEntry(absl::string_view agreement,
                                             uint32_t generation,
                                             uint64_t entry) {
  return transaction_
      .Query(
          "UPDATE peppers SET entry = ? WHERE agreement = ? AND generation = ?")
      .Int(static_cast<int64_t>(entry))
      .Text(agreement)
      .Int(generation)
      .Run();
}

absl::StatusOr<PepperGeneration> PepperTable::Latest(
    absl::string_view agreement) {
  Statement query = transaction_.Query(
      "SELECT generation, commitment, entry FROM peppers"
      " WHERE agreement = ? ORDER BY generation DESC LIMIT 1");
  const absl::StatusOr<bool> row = query.Text(agreement).Step();
  if (!row.ok()) return row.status();
  if (!*row) {
    return absl::NotFoundError(absl::StrCat("no pepper for ", agreement));
  }
  PepperGeneration latest = {static_cast<uint32_t>(query.ColumnInt(0)),
                             query.ColumnBlob(1), absl::nullopt};
  if (!query.ColumnIsNull(2)) {
    latest.entry = static_cast<uint64_t>(query.ColumnInt(2));
  }
  return latest;
}

absl::Status PepperTable::Put(const PepperMessageRow& row) {
  return transaction_
      .Query(
          "INSERT OR REPLACE INTO pepper_messages (agreement, generation,"
          " recipient, sender, message, ciphertext, signature)"
          " VALUES (?, ?, ?, ?, ?, ?, ?)")
      .Text(row.agreement)
      .Int(row.generation)
      .Text(row.recipient)
      .Text(row.sender)
      .Blob(row.message)
      .Blob(row.ciphertext)
      .Blob(row.signature)
      .Run();
}

absl::StatusOr<std::vector<PepperMessageRow>> PepperTable::MessagesTo(
    absl::string_view agreement, uint32_t generation,
    absl::string_view recipient) {
  Statement query = transaction_.Query(
      "SELECT agreement, generation, sender, recipient, message, ciphertext,"
      " signature FROM pepper_messages"
      " WHERE agreement = ? AND generation = ? AND recipient = ?"
      " ORDER BY sender");
  query.Text(agreement).Int(generation).Text(recipient);
  std::vector<PepperMessageRow> rows;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    rows.push_back(
        {query.ColumnText(0), static_cast<uint32_t>(query.ColumnInt(1)),
         query.ColumnText(2), query.ColumnText(3), query.ColumnBlob(4),
         query.ColumnBlob(5), query.ColumnBlob(6)});
  }
}

absl::StatusOr<std::vector<std::string>> PepperTable::Recipients(
    absl::string_view agreement, uint32_t generation) {
  Statement query = transaction_.Query(
      "SELECT DISTINCT recipient FROM pepper_messages"
      " WHERE agreement = ? AND generation = ? ORDER BY recipient");
  query.Text(agreement).Int(generation);
  std::vector<std::string> recipients;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return recipients;
    recipients.push_back(query.ColumnText(0));
  }
}

}  // namespace entente::broker
