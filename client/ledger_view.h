// Holding the broker to what it showed before.
#ifndef ENTENTE_CLIENT_LEDGER_VIEW_H_
#define ENTENTE_CLIENT_LEDGER_VIEW_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/knowledge_table.h"
#include "client/profile.h"
#include "crypto/note.h"
#include "crypto/sha.h"
#include "policy/ledger_entry.h"

namespace entente::client {

// The key of a ledger, from the pinned broker key and the origin.
// InvalidArgument if the profile's broker name or key is none.
absl::StatusOr<crypto::NoteKey> LedgerKey(const Profile& profile,
                                          absl::string_view ledger);

// A receipt that was found good.
struct VerifiedReceipt {
  policy::LedgerEntry entry;
  uint64_t index = 0;
  KeptCheckpoint checkpoint;
};

// Whether `proof` (tlog-proof) shows that `entry`, an allowed one of `kind`,
// stands in the ledger of `key`. DataLoss (exit 6) if not.
absl::StatusOr<VerifiedReceipt> OpenReceipt(const crypto::NoteKey& key,
                                            absl::string_view entry,
                                            absl::string_view proof,
                                            policy::EntryKind kind);

// One ledger as this client knows it. Every failure that shows the broker lying
// is DataLoss (exit 6) and changes nothing. Unavailable: another process of
// this profile has meanwhile seen a later checkpoint; the call is to be
// repeated. Not thread-safe.
class LedgerView {
 public:
  LedgerView(KnowledgeTable* knowledge, std::string ledger, crypto::NoteKey key)
      : knowledge_(*knowledge),
        ledger_(std::move(ledger)),
        key_(std::move(key)) {}

  // What to tell the broker with a call, so that it can prove what follows; to
  // be handed to the next two with the answer. Size 0 if nothing is known.
  absl::StatusOr<KeptCheckpoint> Known();

  // A checkpoint that claims to extend `known`. Verifies its signature and
  // origin, that it is no smaller, and the proof; then keeps it.
  absl::StatusOr<KeptCheckpoint> Accept(
      const KeptCheckpoint& known, absl::string_view checkpoint,
      absl::Span<const crypto::Hash> consistency);

  // A receipt (tlog-proof) for `entry`. Verifies all that Accept does, that the
  // entry stands there, and that it is about `subject`: an entry of kind
  // `kind`, with an outcome of allow, whose subject is that hash. Then keeps
  // the checkpoint.
  absl::StatusOr<VerifiedReceipt> AcceptReceipt(
      const KeptCheckpoint& known, absl::string_view entry,
      absl::string_view proof, absl::Span<const crypto::Hash> consistency,
      policy::EntryKind kind, const crypto::Hash& subject);

  // The same for entries that have no subject; what else the entry says is the
  // caller's to check.
  absl::StatusOr<VerifiedReceipt> AcceptEntry(
      const KeptCheckpoint& known, absl::string_view entry,
      absl::string_view proof, absl::Span<const crypto::Hash> consistency,
      policy::EntryKind kind);

 private:
  // All of AcceptReceipt but for the subject, and nothing is kept.
  absl::StatusOr<VerifiedReceipt> Examine(
      const KeptCheckpoint& known, absl::string_view entry,
      absl::string_view proof, absl::Span<const crypto::Hash> consistency,
      policy::EntryKind kind);
  absl::Status Extends(const KeptCheckpoint& known,
                       const KeptCheckpoint& checkpoint,
                       absl::Span<const crypto::Hash> consistency);
  absl::Status Keep(const KeptCheckpoint& checkpoint);

  KnowledgeTable& knowledge_;
  const std::string ledger_;
  const crypto::NoteKey key_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_LEDGER_VIEW_H_
