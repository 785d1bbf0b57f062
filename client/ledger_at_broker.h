// A profile's way to one of its broker's ledgers.
#ifndef ENTENTE_CLIENT_LEDGER_AT_BROKER_H_
#define ENTENTE_CLIENT_LEDGER_AT_BROKER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/entry_reader.h"
#include "client/local_store.h"
#include "client/profile.h"
#include "client/rpc/broker_link.h"
#include "client/rpc/grpc_ledger_source.h"
#include "crypto/note.h"

namespace entente::client {

// The id of the ledger meant: an agreement's, or the broker's own if
// `agreement` is empty.
std::string LedgerIdOf(absl::string_view agreement);

// For any role. A system's profile remembers what it saw and holds the broker
// to it; the other profiles keep nothing and check each run by itself. Not
// thread-safe.
class LedgerAtBroker {
 public:
  // As BrokerLink::Open, LedgerKey and LocalStore::Open.
  static absl::StatusOr<std::unique_ptr<LedgerAtBroker>> Open(
      const Profile& profile, const std::string& ledger);

  const std::string& id() const { return id_; }
  const crypto::NoteKey& key() const { return key_; }
  EntrySource& source() { return source_; }
  EntryReader& reader() { return reader_; }

  // Remembers what `reader` verified; does nothing without a store. DataLoss
  // (exit 6) if another process of the profile saw another history.
  absl::Status Remember();

 private:
  LedgerAtBroker(std::string id, crypto::NoteKey key,
                 std::unique_ptr<BrokerLink> link,
                 std::unique_ptr<LocalStore> store, KeptCheckpoint known);

  const std::string id_;
  const crypto::NoteKey key_;
  const std::unique_ptr<BrokerLink> link_;
  const std::unique_ptr<LocalStore> store_;  // null: not a system's
  GrpcLedgerSource source_;
  EntryReader reader_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_LEDGER_AT_BROKER_H_
