// The agency's own encrypted store, in the profile's folder.
#ifndef ENTENTE_CLIENT_LOCAL_STORE_H_
#define ENTENTE_CLIENT_LOCAL_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/exchange_table.h"
#include "client/knowledge_table.h"
#include "client/occurrences.h"
#include "client/profile.h"
#include "client/pseudonym_table.h"
#include "client/row_sealer.h"
#include "client/sent_rows.h"
#include "client/sqlite.h"

namespace entente::client {

// One SQLite file (0600; WAL, synchronous=FULL). Names, counts and digests
// that the broker knows too stand in clear; pseudonyms, identifiers,
// references, peppers and whatever else could tell about a person is sealed
// under the table key and found by HMAC. Every call of the tables is one
// transaction and durable when it returns. Several processes may have it open;
// one object is not thread-safe.
class LocalStore {
 public:
  // `store.db` of a system's profile. As Profile::TableKey and sqlite.h;
  // FailedPrecondition if the file is of another version than this one and the
  // last, which is brought up to date; DataLoss if it belongs to another table
  // key.
  static absl::StatusOr<std::unique_ptr<LocalStore>> Open(
      const Profile& profile);
  static absl::StatusOr<std::unique_ptr<LocalStore>> Open(
      const std::string& path, const crypto::Secret& table_key);

  PseudonymTable& pseudonyms() { return pseudonyms_; }
  KnowledgeTable& knowledge() { return knowledge_; }
  ExchangeTable& exchange() { return exchange_; }
  // As SentRows::Begin and Occurrences::Begin; they end before the store.
  absl::StatusOr<std::unique_ptr<SentRows>> BeginSending(
      const SendingScope& scope) {
    return SentRows::Begin(database_.get(), &sealer_, scope);
  }
  absl::StatusOr<std::unique_ptr<Occurrences>> BeginCounting() {
    return Occurrences::Begin(database_.get(), &sealer_);
  }

 private:
  LocalStore(std::unique_ptr<Database> database, RowSealer sealer);
  absl::Status Prepare();

  const std::unique_ptr<Database> database_;
  const RowSealer sealer_;
  PseudonymTable pseudonyms_;
  KnowledgeTable knowledge_;
  ExchangeTable exchange_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_LOCAL_STORE_H_
