// The ledgers of an old database, brought back to what was last signed.
#ifndef ENTENTE_BROKER_RESTORE_LEDGERS_H_
#define ENTENTE_BROKER_RESTORE_LEDGERS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/ledger/anchor_file.h"
#include "broker/ledger/ledger_log.h"
#include "broker/ledger/mirror_folder.h"
#include "broker/restore.h"
#include "broker/store/sqlite.h"

namespace entente::broker {

// What is known to have been signed, by origin.
using Anchors = std::map<std::string, Anchor>;

// Adds what `mirrors` prove under the broker's own key, where they know more.
// For a broker without its anchors. Passes on what the log says.
absl::Status AddSignedOf(const LedgerLog& ledgers,
                         const std::vector<MirrorFolder>& mirrors,
                         Anchors* known);

// Gives every part that is behind `known` its missing entries from a mirror, if
// they lead to exactly the root that was signed, and does again what they say
// was revoked; notes in `report` what came back and what is missing. DataLoss
// if the database has other entries than were signed, or a mirror has.
absl::Status RestoreParts(Transaction& transaction, const LedgerLog& ledgers,
                          const Anchors& known,
                          const std::vector<MirrorFolder>& mirrors,
                          RestoreReport* report);

// Opens the next part of each ledger of which something is missing, and of all
// ledgers if `of_all`; moves them in `report` from `missing` to `opened`.
absl::Status OpenNextParts(Transaction& transaction, const LedgerLog& ledgers,
                           const Anchors& known, bool of_all, absl::Time now,
                           RestoreReport* report);

// The last signed head of every part in the database.
absl::StatusOr<Anchors> HeadsOf(Transaction& transaction,
                                const LedgerLog& ledgers);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RESTORE_LEDGERS_H_
