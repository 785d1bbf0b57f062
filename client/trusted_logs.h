// The logs that a witness knows.
#ifndef ENTENTE_CLIENT_TRUSTED_LOGS_H_
#define ENTENTE_CLIENT_TRUSTED_LOGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/note.h"

namespace entente::client {

inline constexpr size_t kMaxTrustedLogsBytes = 1 << 20;

// A file of lines
//   log <verifier key>
//   broker <broker name> <ledger key, base64>
// and comments after `#`. A broker stands for all of its ledgers, those to come
// too. Immutable.
class TrustedLogs {
 public:
  // InvalidArgument, `<line>: <what is wrong>`.
  static absl::StatusOr<TrustedLogs> Parse(absl::string_view text);

  // The keys that may sign checkpoints of `origin`; empty for a log that is not
  // known.
  std::vector<crypto::NoteKey> KeysOf(absl::string_view origin) const;

  // Lines that are not comments.
  size_t size() const { return logs_.size() + brokers_.size(); }

 private:
  struct Broker {
    std::string ledgers;  // what its origins begin with
    crypto::Ed25519PublicKey key;
  };

  absl::Status ReadLine(absl::string_view line);

  std::vector<crypto::NoteKey> logs_;
  std::vector<Broker> brokers_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TRUSTED_LOGS_H_
