// The ledger that a command was pointed at: a mirror, or at the broker.
#ifndef ENTENTE_CLIENT_OPENED_LEDGER_H_
#define ENTENTE_CLIENT_OPENED_LEDGER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli.h"
#include "client/entry_search.h"
#include "client/filter_options.h"
#include "client/ledger_at_broker.h"

namespace entente::client {

// `parts` read from `at`, which is null for a mirror.
struct OpenedLedger {
  std::unique_ptr<LedgerAtBroker> at;
  std::vector<ReadablePart> parts;
};

// A usage error if both are named. Otherwise as OpenMirrorParts, or
// LedgerAtBroker::Open and OpenParts with the session's profile.
absl::StatusOr<OpenedLedger> OpenLedgerOf(Session& session,
                                          const FilterOptions& options);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_OPENED_LEDGER_H_
