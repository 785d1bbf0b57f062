// A copy of a broker's data folder that can be put back.
#ifndef ENTENTE_BROKER_BACKUP_H_
#define ENTENTE_BROKER_BACKUP_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace entente::broker {

// What a backup holds.
struct BackupReport {
  uint64_t ledgers = 0;
  uint64_t entries = 0;  // of all ledgers
};

// Copies the data folder `from` into the new folder `to` (0700), whether or not
// a broker serves it: first the database as it is at one instant, then what was
// signed until now, then the key file, which is worth nothing without its
// passphrase. A broker does not start from `to`: it cannot tell what was signed
// after the copy, so it is put back by Restore alone.
//
// NotFound if `from` is no data folder; AlreadyExists if there is a `to`;
// DataLoss if the database is damaged; otherwise what the disk says, and `to`
// is then left unfinished and has to be deleted.
absl::StatusOr<BackupReport> BackUp(const std::string& from,
                                    const std::string& to);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_BACKUP_H_
