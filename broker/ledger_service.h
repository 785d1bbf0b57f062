// Reads of ledgers by those who may.
#ifndef ENTENTE_BROKER_LEDGER_SERVICE_H_
#define ENTENTE_BROKER_LEDGER_SERVICE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/context.h"
#include "broker/rpc/caller.h"
#include "entente/v1/ledger.pb.h"

namespace entente::broker {

// An auditor's reads of one ledger within so long are one entry, written before
// the first is answered, and one at the end that says how much was given.
inline constexpr absl::Duration kReadSession = absl::Minutes(10);

// Thread-safe; every method but Tick and Flush blocks.
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

  // Hands an entry about each session that has ended, and in which entries were
  // given, to the sequencer: how many (`records`), and which (`detail`). Its
  // kind is `ledger_exported` if every entry of the ledger was among them. Once
  // a second.
  void Tick() ABSL_LOCKS_EXCLUDED(mu_);
  // The same for those that are open, before the sequencer is shut down.
  void Flush() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // What a certificate reads of a ledger.
  struct ReadSession {
    absl::Time end;
    Caller caller;
    std::string ledger;
    uint64_t given = 0;  // entries, each as often as it was
    // By part and bundle, how many of its entries were given together.
    std::map<std::pair<std::string, uint64_t>, uint32_t> bundles;
    // By part, the first and the last entry given.
    std::map<std::string, std::pair<uint64_t, uint64_t>> ranges;
  };

  // Whether `caller` may read the ledger of `part`, after its read is recorded
  // if it is an auditor's and no session is open. NOT_FOUND (NO_LEDGER).
  absl::Status Admit(const Caller& caller, const std::string& part)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Whether a session of this certificate on this ledger is open; opens it if
  // `open`.
  bool InSession(const Caller& caller, const std::string& ledger, bool open)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Counts `count` entries of `part` from `first` on, if there is a session.
  void Given(const Caller& caller, const std::string& part, uint64_t first,
             uint32_t count) ABSL_LOCKS_EXCLUDED(mu_);
  // Whether `session` was given all that its ledger holds.
  bool IsWhole(const ReadSession& session) const;
  void Close(bool all) ABSL_LOCKS_EXCLUDED(mu_);

  const Context context_;
  absl::Mutex mu_;
  // By certificate and ledger.
  absl::flat_hash_map<std::string, ReadSession> sessions_ ABSL_GUARDED_BY(mu_);
  // Over, and not written yet.
  std::vector<ReadSession> ended_ ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LEDGER_SERVICE_H_
