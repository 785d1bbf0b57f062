// Roots and proofs of a ledger from its stored tiles.
#ifndef ENTENTE_BROKER_LEDGER_LEDGER_TREE_H_
#define ENTENTE_BROKER_LEDGER_LEDGER_TREE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "broker/store/ledger_table.h"
#include "crypto/sha.h"

namespace entente::broker {

// Hashes in a full tile of tlog-tiles.
inline constexpr uint64_t kTileWidth = 256;
// Levels that a tree of 2^64 entries has.
inline constexpr uint32_t kTileLevels = 8;

// The RFC 6962 tree over the tiles of one ledger, as far as they go. Tiles and
// inner hashes that were read or computed are kept, so several proofs from one
// object share the work; it must not outlive a change of the tiles. DataLoss
// from any call if a tile is missing or too short.
class LedgerTree {
 public:
  LedgerTree(LedgerTable* table, absl::string_view id)
      : table_(*table), id_(id) {}

  // Root of the first `size` entries.
  absl::StatusOr<crypto::Hash> Root(uint64_t size);

  // Leaf to root. OutOfRange unless index < size.
  absl::StatusOr<std::vector<crypto::Hash>> Inclusion(uint64_t index,
                                                      uint64_t size);

  // Proof that the tree of `size` extends that of `from`; empty if `from` is 0
  // or `size`. OutOfRange if from > size.
  absl::StatusOr<std::vector<crypto::Hash>> Consistency(uint64_t from,
                                                        uint64_t size);

 private:
  // Hash of the leaves [index << height, (index + 1) << height).
  absl::StatusOr<crypto::Hash> Node(uint32_t height, uint64_t index);
  // MTH of the leaves [begin, end); `begin` is aligned as RFC 6962 splits.
  absl::StatusOr<crypto::Hash> Range(uint64_t begin, uint64_t end);

  LedgerTable& table_;
  const std::string id_;
  absl::flat_hash_map<std::pair<uint32_t, uint64_t>, std::vector<uint8_t>>
      tiles_;
  absl::flat_hash_map<std::pair<uint32_t, uint64_t>, crypto::Hash> nodes_;
};

// The root of a full tile's 256 hashes, 8,192 bytes.
crypto::Hash FullTileRoot(absl::Span<const uint8_t> hashes);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LEDGER_LEDGER_TREE_H_
