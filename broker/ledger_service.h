// Reads of ledgers by those who may.
#ifndef ENTENTE_BROKER_LEDGER_SERVICE_H_
#define ENTENTE_BROKER_LEDGER_SERVICE_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/context.h"
#include "broker/rpc/caller.h"
#include "entente/v1/ledger.pb.h"

namespace entente::broker {

// An auditor's reads of one ledger within so long are one entry.
inline constexpr absl::Duration kReadSession = absl::Minutes(10);

// Thread-safe; every method blocks.
class LedgerService {
 public:
  explicit LedgerService(const Context& context) : context_(context) {}

  absl::Status GetCheckpoint(const Caller& caller,
                             const v1::GetCheckpointRequest& request,
                             v1::GetCheckpointResponse* response);
  absl::Status ReadTile(const Caller& caller,
                        const v1::ReadTileRequest& request,
                        v1::ReadTileResponse* response);
  absl::Status GetEntry(const Caller& caller,
                        const v1::GetEntryRequest& request,
                        v1::GetEntryResponse* response);

 private:
  // Whether `caller` may read the ledger of `part`, after its read is recorded
  // if it is an auditor's and no session is open. NOT_FOUND (NO_LEDGER).
  absl::Status Admit(const Caller& caller, const std::string& part)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Whether a session of this certificate on this ledger is open; opens it if
  // `open`.
  bool InSession(const Caller& caller, const std::string& ledger, bool open)
      ABSL_LOCKS_EXCLUDED(mu_);

  const Context context_;
  absl::Mutex mu_;
  // Certificate and ledger to the end of the session.
  absl::flat_hash_map<std::string, absl::Time> sessions_ ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LEDGER_SERVICE_H_
