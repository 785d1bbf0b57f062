// A profile's way to one of its broker's ledgers.
#ifndef ENTENTE_CLIENT_LEDGER_AT_BROKER_H_
#define ENTENTE_CLIENT_LEDGER_AT_BROKER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/entry_reader.h"
#include "client/entry_search.h"
#include "client/ledger_view.h"
#include "client/local_store.h"
#include "client/profile.h"
#include "client/rpc/broker_link.h"
#include "client/rpc/ledger_parts.h"
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
  // `ledger` may name a part. As BrokerLink::Open, LedgerKey and
  // LocalStore::Open; InvalidArgument if it names none.
  static absl::StatusOr<std::unique_ptr<LedgerAtBroker>> Open(
      const Profile& profile, const std::string& ledger);

  // Without the part.
  const std::string& ledger() const { return ledger_; }
  // Of the first part.
  const crypto::NoteKey& key() const { return key_; }
  LedgerParts& parts() { return parts_; }
  // Null: not a system's.
  KnowledgeTable* knowledge() {
    return store_ == nullptr ? nullptr : &store_->knowledge();
  }

  // The name of the newest part, by the broker's word alone. DataLoss (exit 6)
  // if it does not have a part that this profile knows.
  absl::StatusOr<std::string> ClaimedNewest();

  // The number of the newest part, to which a system's profile follows the
  // ledger as CatchUp (client/continuation.h).
  absl::StatusOr<uint32_t> Newest();

  // A reader of one part: that of `part`, or that named to Open, or else the
  // newest. A system's profile holds it to what it saw.
  absl::StatusOr<EntryReader> Read(std::optional<uint32_t> part);

  // All parts, to be read tile by tile; each under its latest checkpoint, which
  // is verified as by Read and remembered as by Remember.
  absl::StatusOr<std::vector<ReadablePart>> OpenParts();

  // Remembers what `reader` verified; does nothing without a store. DataLoss
  // (exit 6) if another process of the profile saw another history.
  absl::Status Remember(const EntryReader& reader);

 private:
  LedgerAtBroker(std::string ledger, std::optional<uint32_t> part,
                 crypto::NoteKey key, std::unique_ptr<BrokerLink> link,
                 std::unique_ptr<LocalStore> store);

  const std::string ledger_;
  const std::optional<uint32_t> part_;
  const crypto::NoteKey key_;
  const std::unique_ptr<BrokerLink> link_;
  const std::unique_ptr<LocalStore> store_;
  GrpcLedgerParts parts_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_LEDGER_AT_BROKER_H_
