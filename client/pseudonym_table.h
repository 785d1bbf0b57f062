// An agency's own pseudonyms, and which of its people they stand for.
#ifndef ENTENTE_CLIENT_PSEUDONYM_TABLE_H_
#define ENTENTE_CLIENT_PSEUDONYM_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/row_sealer.h"
#include "client/sqlite.h"
#include "crypto/group.h"

namespace entente::client {

// Whose pseudonyms: one scheme of one agreement, in one epoch.
struct PseudonymScope {
  std::string agreement;
  std::string scheme;  // `nhs/1`
  uint32_t epoch = 0;
};

// One person or thing: what names it, its pseudonym, and the agency's own
// reference to it.
struct EnrolledRow {
  std::string identifier;  // canonical, crypto::Canonicalise
  crypto::Point pseudonym;
  std::string reference;
};

// An enrolment that was sent and not yet answered, to be repeated verbatim.
struct PendingEnrolment {
  std::string request_id;
  std::string agreement;
  // Whatever is needed to go on: blinds, identifiers, references. Sealed.
  crypto::Bytes state;
};

// See LocalStore for threads, durability and status codes.
class PseudonymTable {
 public:
  PseudonymTable(Database* database, const RowSealer* sealer)
      : database_(*database), sealer_(*sealer) {}

  // Adds rows, replacing those of the same identifier and reference. All or
  // none. InvalidArgument if a text is longer than 65,535 bytes.
  absl::Status Add(const PseudonymScope& scope,
                   absl::Span<const EnrolledRow> rows);

  // The pseudonym of a canonical identifier, if it was enrolled.
  absl::StatusOr<std::optional<crypto::Point>> Find(
      const PseudonymScope& scope, absl::string_view identifier);

  // The agency's references for a pseudonym, sorted; none if it is unknown.
  absl::StatusOr<std::vector<std::string>> ReferencesOf(
      const PseudonymScope& scope, const crypto::Point& pseudonym);

  // How many identifiers and references are enrolled.
  absl::StatusOr<uint64_t> Count(const PseudonymScope& scope);

  // Everything enrolled in `scope`, in no order: what moves to a new epoch.
  absl::StatusOr<std::vector<EnrolledRow>> All(const PseudonymScope& scope);

  // Forgets a scope: its epoch's grace has passed.
  absl::Status Erase(const PseudonymScope& scope);

  // Before the first sending. AlreadyExists if the request id is there.
  absl::Status PutPending(const PendingEnrolment& enrolment);
  // The oldest ids first.
  absl::StatusOr<std::vector<PendingEnrolment>> Pending(
      absl::string_view agreement);
  // After the answer's rows were added.
  absl::Status DropPending(absl::string_view request_id);

 private:
  Database& database_;
  const RowSealer& sealer_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_PSEUDONYM_TABLE_H_
