// Brings a broker whose database is an old copy back to what it last signed.
#ifndef ENTENTE_BROKER_RESTORE_H_
#define ENTENTE_BROKER_RESTORE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/clock.h"
#include "broker/ledger/next_part.h"
#include "crypto/secret.h"

namespace entente::broker {

struct RestoreRequest {
  std::string data;    // the folder to bring back; no broker serves it
  std::string backup;  // made by BackUp; empty to go on from what `data` has
  // Folders of mirrors, one ledger each, from any party.
  std::vector<std::string> mirrors;
  // Goes on without what cannot be brought back, in new parts of the ledgers.
  bool new_ledgers = false;
};

struct RestoreReport {
  // Part of a ledger to how many entries came back.
  std::map<std::string, uint64_t> restored;
  // Ledger to what is still missing; it stays refused.
  std::map<std::string, std::string> missing;
  // Ledger to the part that was opened for it.
  std::map<std::string, NextPart> opened;
  // Kind of entry to how many came back: acts that the ledgers tell of and the
  // database does not know. Revocations of certificates are not among them:
  // they are in force again.
  std::map<std::string, uint64_t> lost_acts;
};

// With a backup: puts its database, and its key file if there is none, into
// `data`. Then, in one transaction: gives every ledger that is behind the
// anchors of `data` its missing entries from a mirror, if they lead to exactly
// the anchored root; revokes again what they say was revoked; and exhausts
// every quota for today, since nobody knows what was used. Whatever is missing
// still can be fetched by another call with other mirrors.
//
// With `new_ledgers`, a ledger of which something is missing then goes on in a
// new part, whose first entry names what there is of the last one; the anchors
// become those of the database. If `data` has no anchors, nobody knows what was
// signed last: what the backup's anchors and the broker's own signatures on
// mirrors tell of is fetched, and every ledger goes on in a new part.
//
// FailedPrecondition, with the way out: a broker serves `data`; `data` has a
// database and a backup is named too, or has none and none is named; `data`
// has no anchors and no new ledgers are asked for. DataLoss: the anchors of
// `data` know less than the backup's; the database or a mirror has other
// entries than were signed; without anchors, a mirror is not signed by this
// broker. Otherwise as key file, database and mirrors fail.
absl::StatusOr<RestoreReport> Restore(const RestoreRequest& request,
                                      const crypto::Secret& passphrase,
                                      const Clock& clock);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RESTORE_H_
