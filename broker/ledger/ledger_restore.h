// Entries that a restored database lacks, fetched back from a mirror.
#ifndef ENTENTE_BROKER_LEDGER_LEDGER_RESTORE_H_
#define ENTENTE_BROKER_LEDGER_LEDGER_RESTORE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "broker/ledger/anchor_file.h"
#include "broker/ledger/ledger_log.h"
#include "broker/store/sqlite.h"

namespace entente::broker {

// Adds to ledger `id` the entries that follow those it has, up to the size of
// `anchor`, and signs. The mirror is not trusted: the caller rolls back unless
// this returns OK, which it does only if the ledger then has exactly the
// anchored root. Makes the ledger if the database lacks it. For a broker that
// does not serve.
//
// FailedPrecondition if the ledger is not behind the anchor; InvalidArgument
// if there are not as many entries as are missing; DataLoss if they lead to
// another root.
absl::Status RestoreEntries(Transaction& transaction, const LedgerLog& ledgers,
                            absl::string_view id, const Anchor& anchor,
                            absl::Span<const std::string> entries);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LEDGER_LEDGER_RESTORE_H_
