// One question to one witness: c2sp.org/tlog-witness, add-checkpoint.
#ifndef ENTENTE_BROKER_ASK_WITNESS_H_
#define ENTENTE_BROKER_ASK_WITNESS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/witness_port.h"
#include "crypto/note.h"
#include "crypto/sha.h"

namespace entente::broker {

struct WitnessQuestion {
  std::string url;  // the prefix of `/add-checkpoint`
  crypto::NoteKey key;
  uint64_t old_size = 0;  // what it cosigned last, as we believe
  std::vector<crypto::Hash> proof;
  uint64_t size = 0;
  std::string checkpoint;  // the note of `size`, signed by the log alone
};

// What came of it.
struct WitnessReply {
  enum class Kind {
    kCosigned,     // `line` and `time`
    kOtherSize,    // it cosigned `size` last: to be asked again from there
    kAhead,        // it cosigned `size`, more than the ledger has
    kRefused,      // it answers, and will not: `why`
    kInvalid,      // what it answers is no cosignature of it: `why`
    kUnreachable,  // `why`
  };
  Kind kind = Kind::kUnreachable;
  std::string line = {};  // with its line feed
  absl::Time time = {};   // whole seconds
  uint64_t size = 0;
  std::string why = {};
};

// `cosigned` and the like: stable, for metrics and the log.
absl::string_view WitnessReplyName(WitnessReply::Kind kind);

// Asks, and verifies the answer under the witness's key. Blocks.
WitnessReply AskWitness(WitnessPort& port, const WitnessQuestion& question);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_ASK_WITNESS_H_
