// The broker's ledgers: append-only logs of entries under signed checkpoints.
#ifndef ENTENTE_BROKER_LEDGER_LEDGER_LOG_H_
#define ENTENTE_BROKER_LEDGER_LEDGER_LOG_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "broker/ledger/anchor_file.h"
#include "broker/store/sqlite.h"
#include "crypto/hex.h"
#include "crypto/note.h"
#include "crypto/sha.h"
#include "crypto/signing.h"

namespace entente::broker {

// The id of the broker's own ledger.
inline constexpr absl::string_view kBrokerLedger = "broker";

// A tree head with the note that vouches for it.
struct SignedHead {
  uint64_t size = 0;
  crypto::Hash root = {};
  std::string checkpoint;  // signed note
};

// Where an entry stands.
struct EntryPlace {
  std::string part;
  uint64_t index = 0;  // counted from 0 in that part
};

// A part of a ledger.
struct PartOfLedger {
  std::string name;
  uint64_t first = 0;  // entries in the parts before it
};

// Whether `status` is a LedgerLog's about a ledger that was refused at start.
bool IsLedgerRefused(const absl::Status& status);

// One C2SP tlog-tiles log per id, origin `<broker name>/ledgers/<id>`. A ledger
// is a series of them, its parts (policy/ledger_part.h): `isa-1`, `isa-1.1`…
// The newest alone takes entries, and the first entry of each but the first
// part names the last head of the one before. An `id` is that of a part, a
// `ledger` that of the series.
//
// Everything stands in the transaction's tables; nothing is cached. Every call
// returns NotFound for an unknown ledger, FailedPrecondition for one that was
// refused at start, and passes on what the store says. Const methods may run
// concurrently, each on its own transaction.
class LedgerLog {
 public:
  LedgerLog(absl::string_view broker_name, crypto::SigningKey key);

  std::string Origin(absl::string_view id) const;
  // Verifier key of a ledger, as in signed notes. InvalidArgument if the
  // broker's name or `id` cannot stand in one.
  absl::StatusOr<std::string> VerifierKey(absl::string_view id) const;
  // The Ed25519 key of all ledgers, 32 bytes.
  absl::Span<const uint8_t> public_key() const {
    return key_.public_key().bytes();
  }

  // The newest part of `ledger`.
  absl::StatusOr<PartOfLedger> Newest(Transaction& transaction,
                                      absl::string_view ledger) const;
  // Signed entries in all parts of `ledger` together.
  absl::StatusOr<uint64_t> Size(Transaction& transaction,
                                absl::string_view ledger) const;
  // The place of an entry that is number `position`, from 0, in all parts
  // together. OutOfRange if it is not under a signed head.
  absl::StatusOr<EntryPlace> PlaceOf(Transaction& transaction,
                                     absl::string_view ledger,
                                     uint64_t position) const;

  // Makes an empty ledger, or an empty part of one that exists, after its
  // newest. AlreadyExists; InvalidArgument as VerifierKey and if `id` names no
  // part; FailedPrecondition if a part would not be the newest, or if the
  // newest has entries that are not signed.
  absl::Status Create(Transaction& transaction, absl::string_view id) const;

  // Adds an entry and returns its index. It is under no checkpoint, and no
  // proof or tile shows it, before Sign. InvalidArgument if it is empty, has a
  // line feed, is longer than policy::kMaxEntryBytes, or is the first of a part
  // and does not continue the one before; FailedPrecondition if there is a
  // newer part.
  absl::StatusOr<uint64_t> Append(Transaction& transaction,
                                  absl::string_view id,
                                  absl::string_view entry) const;

  // Whether the last signed head is the anchored one and the tiles still lead
  // to it. DataLoss if not. About 0.1 ms.
  absl::Status CheckUnchanged(Transaction& transaction, absl::string_view id,
                              const absl::optional<Anchor>& anchored) const;

  // Moves the entries since the last checkpoint into the tiles and signs a
  // checkpoint over all. After CheckUnchanged in the same transaction.
  absl::StatusOr<SignedHead> Sign(Transaction& transaction,
                                  absl::string_view id) const;

  // The last signed head.
  absl::StatusOr<SignedHead> Head(Transaction& transaction,
                                  absl::string_view id) const;

  // c2sp.org/tlog-proof@v1 for each of `indices` under the last signed head.
  // OutOfRange if one is not under it.
  absl::StatusOr<std::vector<std::string>> Proofs(
      Transaction& transaction, absl::string_view id,
      absl::Span<const uint64_t> indices) const;

  // From the tree of `from` entries to the last signed head; empty if `from`
  // is 0 or its size. OutOfRange if `from` is larger.
  absl::StatusOr<std::vector<crypto::Hash>> Consistency(
      Transaction& transaction, absl::string_view id, uint64_t from) const;

  // Root of the first `size` entries. OutOfRange if the last signed head has
  // fewer.
  absl::StatusOr<crypto::Hash> RootAt(Transaction& transaction,
                                      absl::string_view id,
                                      uint64_t size) const;

  // OutOfRange if it is not under the last signed head.
  absl::StatusOr<std::string> Entry(Transaction& transaction,
                                    absl::string_view id, uint64_t index) const;

  // Tile `tile` of `level`, its first `width` hashes (1 to 256); and the entry
  // bundle of the same place. OutOfRange if the last signed head does not
  // reach that far.
  absl::StatusOr<crypto::Bytes> Tile(Transaction& transaction,
                                     absl::string_view id, uint32_t level,
                                     uint64_t tile, uint32_t width) const;
  absl::StatusOr<crypto::Bytes> Bundle(Transaction& transaction,
                                       absl::string_view id, uint64_t tile,
                                       uint32_t width) const;

  // Whether `checkpoint` is a note of this ledger, with this size and root,
  // under our key. DataLoss if not.
  absl::Status VerifyCheckpoint(absl::string_view id,
                                const SignedHead& head) const;

  // Whether the first entry of part `id` names exactly the head of the part
  // before. DataLoss if not, or if there is none before.
  absl::Status CheckContinues(Transaction& transaction,
                              absl::string_view id) const;

  // Stops serving all parts of a ledger; `why` goes into the error of every
  // later call, which IsLedgerRefused knows. Before any other thread uses this
  // object.
  void Refuse(absl::string_view ledger, absl::string_view why);
  // Ledger to reason.
  const std::map<std::string, std::string>& refused() const { return refused_; }

 private:
  // `id` may be a part's.
  absl::Status Served(absl::string_view id) const;
  absl::StatusOr<crypto::NoteKey> Key(absl::string_view id) const;

  const std::string broker_name_;
  const crypto::SigningKey key_;
  std::map<std::string, std::string> refused_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LEDGER_LEDGER_LOG_H_
