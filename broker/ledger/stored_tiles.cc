#include "broker/ledger/stored_tiles.h"

#include "absl/strings/str_cat.h"
#include "crypto/merkle_tree.h"
#include "crypto/tile.h"

namespace entente::broker {

crypto::TileReader StoredTiles(LedgerTable* table, absl::string_view id) {
  return [table, id = std::string(id)](
             const crypto::TileId& tile) -> absl::StatusOr<crypto::Bytes> {
    absl::StatusOr<crypto::Bytes> hashes =
        table->GetTile(id, tile.level, tile.index);
    if (!hashes.ok()) return hashes.status();
    const size_t bytes = tile.width * sizeof(crypto::Hash);
    if (hashes->size() < bytes) {
      return absl::DataLossError(absl::StrCat("ledger ", id, ": ",
                                              crypto::TilePath(tile),
                                              " is missing or too short"));
    }
    hashes->resize(bytes);
    return hashes;
  };
}

absl::StatusOr<crypto::Hash> StoredRoot(LedgerTable* table,
                                        absl::string_view id, uint64_t size) {
  crypto::TileHashReader nodes(size, StoredTiles(table, id));
  return crypto::TreeRoot(nodes, size);
}

}  // namespace entente::broker
