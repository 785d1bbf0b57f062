// Key bundles and manifests, and the broker's own keys, sealed.
#ifndef ENTENTE_BROKER_STORE_KEYS_TABLE_H_
#define ENTENTE_BROKER_STORE_KEYS_TABLE_H_

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

struct BundleRow {
  std::vector<uint8_t> digest;  // 32 bytes
  std::string agency;
  std::vector<uint8_t> envelope;  // as published
  absl::Time published;           // whole milliseconds
};

struct ManifestRow {
  std::vector<uint8_t> digest;  // 32 bytes
  std::string agreement;
  uint32_t version = 0;
  uint32_t epoch = 0;
  std::vector<uint8_t> content;
  absl::optional<uint64_t> entry;  // in the agreement's ledger
};

struct MasterRow {
  std::string agreement;
  uint32_t epoch = 0;
  std::vector<uint8_t> sealed;
  absl::Time created;  // whole milliseconds
};

class KeysTable {
 public:
  explicit KeysTable(Transaction& transaction) : transaction_(transaction) {}

  // Puts a bundle in force in place of the agency's former one, which is kept.
  absl::Status PutBundle(const BundleRow& row);
  // NotFound, both.
  absl::StatusOr<BundleRow> GetBundle(absl::Span<const uint8_t> digest);
  absl::StatusOr<BundleRow> GetBundleInForce(absl::string_view agency);

  // The newest manifest of an agreement is the one in force. AlreadyExists if
  // the digest is there.
  absl::Status InsertManifest(const ManifestRow& row);
  absl::Status SetManifestEntry(absl::Span<const uint8_t> digest,
                                uint64_t entry);
  // NotFound, both.
  absl::StatusOr<ManifestRow> GetManifest(absl::Span<const uint8_t> digest);
  // The newest of `version`, or of the highest version that has one if that is
  // 0.
  absl::StatusOr<ManifestRow> GetManifestInForce(absl::string_view agreement,
                                                 uint32_t version = 0);

  // AlreadyExists if the epoch has one.
  absl::Status InsertMaster(const MasterRow& row);
  // NotFound.
  absl::StatusOr<MasterRow> GetMaster(absl::string_view agreement,
                                      uint32_t epoch);
  // By agreement and epoch.
  absl::StatusOr<std::vector<MasterRow>> ListMasters();
  // Shreds the pseudonyms of the epoch. NotFound.
  absl::Status DeleteMaster(absl::string_view agreement, uint32_t epoch);

  // Other sealed keys, by name, for example `ledger-key`. AlreadyExists.
  absl::Status InsertSealed(absl::string_view name,
                            absl::Span<const uint8_t> sealed);
  // NotFound.
  absl::StatusOr<std::vector<uint8_t>> GetSealed(absl::string_view name);

 private:
  Transaction& transaction_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_KEYS_TABLE_H_
