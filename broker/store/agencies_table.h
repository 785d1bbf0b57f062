// Registered agencies, and certificates that are revoked.
#ifndef ENTENTE_BROKER_STORE_AGENCIES_TABLE_H_
#define ENTENTE_BROKER_STORE_AGENCIES_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/store/sqlite.h"

namespace entente::broker {

struct AgencyRow {
  std::string id;
  std::string name;
  std::string root_digest;  // SHA-256 of the root's SPKI, 64 hex digits
  std::string root_pem;
  absl::Time added;  // whole milliseconds
};

struct RevokedRow {
  std::string fingerprint;  // SHA-256 of the certificate's DER, 64 hex digits
  std::string agency;       // whose; empty: whoever shows it
  std::string reason;
  std::string revoked_by;  // the caller's identity
  absl::Time revoked;      // whole milliseconds
};

class AgenciesTable {
 public:
  explicit AgenciesTable(Transaction& transaction)
      : transaction_(transaction) {}

  // AlreadyExists if the id or the root is taken.
  absl::Status Insert(const AgencyRow& row);
  // NotFound.
  absl::StatusOr<AgencyRow> Get(absl::string_view id);
  // In order of the ids, those after `after`, at most `limit`.
  absl::StatusOr<std::vector<AgencyRow>> List(absl::string_view after,
                                              int limit);

  // False if it was revoked for this agency before; the first row stands.
  absl::StatusOr<bool> Revoke(const RevokedRow& row);
  // Whether it is revoked for `agency` or for everyone.
  absl::StatusOr<bool> IsRevoked(absl::string_view fingerprint,
                                 absl::string_view agency);
  // Every revoked certificate, by fingerprint and agency.
  absl::StatusOr<std::vector<RevokedRow>> Revoked();

 private:
  Transaction& transaction_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_AGENCIES_TABLE_H_
