// Whether the broker could write an entry now.
#ifndef ENTENTE_BROKER_WRITE_PROBE_H_
#define ENTENTE_BROKER_WRITE_PROBE_H_

#include "absl/status/status.h"
#include "broker/sequencer.h"

namespace entente::broker {

// Writes some pages and takes them away again, in one durable commit on the
// road of every entry; nothing is left, and no reader sees it. Unavailable,
// with the cause, if the disk is full or fails, or the store has stopped;
// ResourceExhausted if the sequencer's queue is full. Blocks for one commit.
absl::Status ProbeWriting(Sequencer& sequencer);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_WRITE_PROBE_H_
