// The ledgers of a data folder that no broker serves.
#ifndef ENTENTE_BROKER_LEDGERS_AT_REST_H_
#define ENTENTE_BROKER_LEDGERS_AT_REST_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "broker/clock.h"
#include "broker/ledger/ledger_log.h"
#include "broker/ledger/next_part.h"
#include "broker/store/data_folder.h"
#include "broker/store/sqlite_store.h"
#include "crypto/secret.h"

namespace entente::broker {

// The database of a folder and the log under the broker's own key and name,
// with nothing refused: whoever uses it checks what it holds.
struct LedgersAtRest {
  std::unique_ptr<SqliteStore> store;
  std::unique_ptr<LedgerLog> log;
};

// As key file and database fail.
absl::StatusOr<LedgersAtRest> OpenLedgersAtRest(
    const DataFolderFiles& folder, const crypto::Secret& passphrase);

// Closes the newest part of `ledger` in the data folder `data` and opens the
// next, because the operator says so. Every ledger is checked first, as at
// start.
//
// FailedPrecondition, with the way out: a broker serves `data`, or the ledger
// does not match what was last signed. NotFound if there is no such ledger, or
// no database or anchors in `data`. Otherwise as OpenLedgersAtRest.
absl::StatusOr<NextPart> RollLedger(const std::string& data,
                                    const std::string& ledger,
                                    const crypto::Secret& passphrase,
                                    const Clock& clock);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LEDGERS_AT_REST_H_
