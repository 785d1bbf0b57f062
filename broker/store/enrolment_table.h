// Answers to enrolment requests, so that a retry costs nothing.
#ifndef ENTENTE_BROKER_STORE_ENROLMENT_TABLE_H_
#define ENTENTE_BROKER_STORE_ENROLMENT_TABLE_H_

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

namespace entente::broker {

struct EnrolmentRow {
  std::string agency;
  std::vector<uint8_t> domain;          // its encoding
  std::vector<uint8_t> request_id;      // 16 bytes
  std::vector<uint8_t> blinded_digest;  // SHA-256 of what was asked, 32 bytes
  std::vector<uint8_t> evaluated;       // elements of 32 bytes
  std::vector<uint8_t> proof;           // 64 bytes
  std::string ledger;
  absl::optional<uint64_t> entry;
  absl::Time created;  // whole milliseconds
};

class EnrolmentTable {
 public:
  explicit EnrolmentTable(Transaction& transaction)
      : transaction_(transaction) {}

  // The answer given before; nothing if the request is new. AlreadyExists if
  // `blinded_digest` differs from the one asked under this id.
  absl::StatusOr<absl::optional<EnrolmentRow>> Find(
      absl::string_view agency, absl::Span<const uint8_t> domain,
      absl::Span<const uint8_t> request_id,
      absl::Span<const uint8_t> blinded_digest);
  // AlreadyExists if the request id is taken.
  absl::Status Insert(const EnrolmentRow& row);
  absl::Status SetEntry(const EnrolmentRow& row, uint64_t entry);
  // Forgets answers created before `at`; their retries are new requests then.
  absl::Status Forget(absl::Time at);

 private:
  Transaction& transaction_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_ENROLMENT_TABLE_H_
