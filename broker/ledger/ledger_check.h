// Whether the ledgers are what this broker last signed; at start.
#ifndef ENTENTE_BROKER_LEDGER_LEDGER_CHECK_H_
#define ENTENTE_BROKER_LEDGER_LEDGER_CHECK_H_

#include "absl/status/status.h"
#include "broker/ledger/anchor_file.h"
#include "broker/ledger/ledger_log.h"
#include "broker/store/sqlite.h"

namespace entente::broker {

// Recomputes every tile and the right edge of every part of every ledger from
// its entries, and compares them with the stored tiles, the signed head in the
// database, the anchor, and what the first entry of the next part names. A
// ledger of which a part does not match is refused in `ledgers` as a whole,
// with what was found and the ways out; the others are served on. Anchors
// behind the database (the broker ended between commit and anchor) move forward
// if the database extends them under our own signature.
//
// Fails only if the store or the anchor file does. About 3 us an entry.
absl::Status CheckLedgers(Transaction& transaction, LedgerLog* ledgers,
                          AnchorFile* anchors);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LEDGER_LEDGER_CHECK_H_
