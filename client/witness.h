// A witness: signs the largest consistent checkpoint that it has seen of each
// log, and never one that contradicts an earlier one. c2sp.org/tlog-witness
// v1.0.0.
#ifndef ENTENTE_CLIENT_WITNESS_H_
#define ENTENTE_CLIENT_WITNESS_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "client/folder_lock.h"
#include "client/trusted_logs.h"
#include "crypto/add_checkpoint.h"
#include "crypto/checkpoint.h"
#include "crypto/note.h"
#include "crypto/signing.h"

namespace entente::client {

// What goes back over HTTP.
struct WitnessAnswer {
  int status = 0;
  std::string content_type;
  std::string body;
};

// The folder and what is in it:
//   key           the signing key, 0600
//   witness.vkey  its verifier key, for whoever should trust this witness
//   logs          TrustedLogs; read at the start
//   seen/<hex>    SHA-256 of an origin: the last checkpoint that was cosigned,
//                 with the cosignature
// One process has the folder at a time. Thread-safe.
class Witness {
 public:
  // What the folder says to whoever only reads it.
  struct Described {
    crypto::NoteKey key;
    TrustedLogs logs;
  };

  // Makes the folder (0700), a key and an empty file of logs. AlreadyExists if
  // there is a witness; InvalidArgument if `name` is no key name.
  static absl::StatusOr<crypto::NoteKey> Create(const std::string& folder,
                                                absl::string_view name);

  // Also while another process has the folder. NotFound, with the way out, if
  // there is no witness; DataLoss if its verifier key is damaged;
  // InvalidArgument, `<file>:<line>: …`, for a bad file of logs.
  static absl::StatusOr<Described> Describe(const std::string& folder);

  // Errors as Describe; Unavailable if another process has the folder;
  // FailedPrecondition if others can read the key; DataLoss if it is damaged.
  static absl::StatusOr<std::unique_ptr<Witness>> Open(
      const std::string& folder);

  // Answers add-checkpoint: 200 with the cosignature once the checkpoint is
  // durable; 400, 403, 404, 409 and 422 as the specification says; 500 if it
  // cannot be kept, and then nothing is signed. `now` becomes the time of the
  // cosignature, unless a later one was given for that log: then that.
  WitnessAnswer AddCheckpoint(absl::string_view request, absl::Time now)
      ABSL_LOCKS_EXCLUDED(mu_);

  // The last checkpoint that was cosigned of the log whose origin has this
  // SHA-256, in lower-case hex; 404 if there is none.
  WitnessAnswer Latest(absl::string_view origin_hash) const
      ABSL_LOCKS_EXCLUDED(mu_);

  const crypto::NoteKey& key() const { return public_; }
  const TrustedLogs& logs() const { return logs_; }

 private:
  struct Seen {
    crypto::Checkpoint checkpoint;
    absl::Time time;  // of the cosignature
  };

  Witness(std::string folder, FolderLock lock, crypto::SigningKey key,
          crypto::NoteKey verifier, TrustedLogs logs);

  std::string SeenPath(absl::string_view origin) const;
  // Nothing seen is a tree without entries.
  absl::StatusOr<Seen> ReadSeen(absl::string_view origin) const;
  // Signs `note`, whose checkpoint was compared with `seen`, and keeps both.
  WitnessAnswer Sign(crypto::Note note, const crypto::Checkpoint& checkpoint,
                     const Seen& seen, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::string folder_;
  const FolderLock lock_;
  const crypto::SigningKey key_;
  const crypto::NoteKey public_;
  const TrustedLogs logs_;
  // Comparing with what was seen and keeping it are one step.
  mutable absl::Mutex mu_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_WITNESS_H_
