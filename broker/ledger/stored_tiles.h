// A ledger's tree over the tiles in the store.
#ifndef ENTENTE_BROKER_LEDGER_STORED_TILES_H_
#define ENTENTE_BROKER_LEDGER_STORED_TILES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/store/ledger_table.h"
#include "crypto/sha.h"
#include "crypto/tile_tree.h"

namespace entente::broker {

// Reads the first hashes of stored tiles, as many as the tile asked for is
// wide. DataLoss if the stored one is missing or shorter. `table` outlives the
// reader.
crypto::TileReader StoredTiles(LedgerTable* table, absl::string_view id);

// Root of the first `size` entries. DataLoss if the tiles do not reach that
// far.
absl::StatusOr<crypto::Hash> StoredRoot(LedgerTable* table,
                                        absl::string_view id, uint64_t size);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LEDGER_STORED_TILES_H_
