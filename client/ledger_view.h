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

// The key of another part of the ledger whose first part has `first`.
absl::StatusOr<crypto::NoteKey> PartKey(const crypto::NoteKey& first,
                                        uint32_t part);

// Unavailable (LEDGER_CONTINUED): the broker shows something of a part that is
// not verified here yet. The next call follows the ledger there.
absl::Status LedgerNotFollowed(absl::string_view part);

// An entry and its proof, as the broker gives them.
struct ShownReceipt {
  absl::string_view part;   // of the ledger: `isa-1`, or `isa-1.1`
  absl::string_view entry;  // the line
  absl::string_view proof;  // a tlog-proof
  absl::Span<const crypto::Hash> consistency;  // from what is known of the part
};

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

// One ledger as this client knows it, with all its parts: how it goes on in the
// next is client/continuation.h. Every failure that shows the broker lying is
// DataLoss (exit 6) and changes nothing. Unavailable: another process of this
// profile has meanwhile seen a later checkpoint, or the ledger goes on in a
// part that is not verified yet (LEDGER_CONTINUED); the call is to be repeated.
// Not thread-safe.
class LedgerView {
 public:
  // `key` is that of the first part.
  LedgerView(KnowledgeTable* knowledge, std::string ledger, crypto::NoteKey key)
      : knowledge_(*knowledge),
        ledger_(std::move(ledger)),
        key_(std::move(key)) {}

  const std::string& ledger() const { return ledger_; }
  // Of the first part.
  const crypto::NoteKey& key() const { return key_; }
  KnowledgeTable& knowledge() { return knowledge_; }

  // What to tell the broker with a call, so that it can prove what follows; to
  // be handed to the next two with the answer. Size 0 of the first part if
  // nothing is known.
  absl::StatusOr<KeptCheckpoint> Known();
  // What is known of part `part`: size 0 if nothing.
  absl::StatusOr<KeptCheckpoint> KnownOf(uint32_t part);

  // A checkpoint that claims to extend `known`. Verifies its signature and
  // origin, that it is no smaller, and the proof; then keeps it.
  absl::StatusOr<KeptCheckpoint> Accept(
      const KeptCheckpoint& known, absl::string_view checkpoint,
      absl::Span<const crypto::Hash> consistency);

  // A receipt. Verifies all that Accept does, that the entry stands there, and
  // that it is about `subject`: an entry of kind `kind`, with an outcome of
  // allow, whose subject is that hash. Then keeps the checkpoint. One of a part
  // before that of `known` must prove its entry under exactly the checkpoint
  // that the part was closed with.
  absl::StatusOr<VerifiedReceipt> AcceptReceipt(const KeptCheckpoint& known,
                                                const ShownReceipt& shown,
                                                policy::EntryKind kind,
                                                const crypto::Hash& subject);

  // The same for entries that have no subject; what else the entry says is the
  // caller's to check.
  absl::StatusOr<VerifiedReceipt> AcceptEntry(const KeptCheckpoint& known,
                                              const ShownReceipt& shown,
                                              policy::EntryKind kind);

 private:
  // All of AcceptReceipt but for the subject, and nothing is kept.
  absl::StatusOr<VerifiedReceipt> Examine(const KeptCheckpoint& known,
                                          const ShownReceipt& shown,
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
