// Where a ledger is read from.
#ifndef ENTENTE_CLIENT_LEDGER_SOURCE_H_
#define ENTENTE_CLIENT_LEDGER_SOURCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/hex.h"
#include "crypto/sha.h"

namespace entente::client {

// One part of a ledger at its keeper. Nothing that it gives is believed.
class LedgerSource {
 public:
  struct Head {
    std::string checkpoint;                 // the signed note
    std::vector<crypto::Hash> consistency;  // from the size asked about
    // The newest part of the ledger, by the keeper's word; empty if it does not
    // say. If there is a newer one, no proof is given to who has seen more than
    // this one holds.
    std::string newest = {};
    // The largest checkpoint that a quorum of the witnesses named in the
    // agreement cosigned, by the keeper's word; empty if it has none.
    std::string witnessed = {};
  };

  virtual ~LedgerSource() = default;

  // The latest checkpoint, and the proof that it extends the tree of
  // `known_size` entries under `known_root`; no proof is asked for if
  // `known_size` is 0.
  virtual absl::StatusOr<Head> Latest(uint64_t known_size,
                                      const crypto::Hash& known_root) = 0;

  // The first `width` (1 to 256) entries of bundle `number`, packed.
  virtual absl::StatusOr<crypto::Bytes> Entries(uint64_t number,
                                                uint32_t width) = 0;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_LEDGER_SOURCE_H_
