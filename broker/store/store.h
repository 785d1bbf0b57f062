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
  // fails or has stopped.
  virtual absl::Status Read(
      absl::FunctionRef<absl::Status(Transaction&)> work) = 0;

  // Runs `work` in one transaction, commits, and runs `release`; no reader sees
  // the new state before `release` returned OK. A failing `work` or commit
  // changes nothing. If `release` fails the commit is durable and must not be
  // shown: the store stops, and every later call is Unavailable until the
  // broker starts again and checks what it finds.
  virtual absl::Status Write(absl::FunctionRef<absl::Status(Transaction&)> work,
                             absl::FunctionRef<absl::Status()> release) = 0;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_STORE_H_
