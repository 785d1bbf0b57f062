// Where the broker keeps its state, and when others may see a change.
#ifndef ENTENTE_BROKER_STORE_STORE_H_
#define ENTENTE_BROKER_STORE_STORE_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "broker/store/sqlite.h"

namespace entente::broker {

// Thread-safe, but for Write, which the sequencer's thread alone calls.
class Store {
 public:
  virtual ~Store() = default;

  // Runs `work` on one unchanging state, the last one released. Blocks: not on
  // gRPC's threads. Returns what `work` returns; Unavailable if the store
  // fails, has paused or has stopped.
  virtual absl::Status Read(
      absl::FunctionRef<absl::Status(Transaction&)> work) = 0;

  // Runs `work` in one transaction, commits, and runs `release`; no reader sees
  // the new state before `release` returned OK. A failing `work` or commit
  // changes nothing, and may be tried again, unless a sync failed: then nobody
  // knows what the disk holds, and the store stops for good. If `release` fails
  // the commit is durable and must not be shown: the store pauses. Stopped or
  // paused, every call is Unavailable and says why.
  virtual absl::Status Write(absl::FunctionRef<absl::Status(Transaction&)> work,
                             absl::FunctionRef<absl::Status()> release) = 0;

  // Runs `release` again for the commit at which the store paused, and goes on
  // if it returns OK. OK without running it if the store has not paused.
  // Unavailable if it has stopped. Called like Write.
  virtual absl::Status Resume(absl::FunctionRef<absl::Status()> release) = 0;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_STORE_H_
