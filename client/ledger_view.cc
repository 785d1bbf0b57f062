#include "client/ledger_view.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "crypto/checkpoint.h"
#include "crypto/merkle.h"
#include "crypto/tlog_proof.h"
#include "policy/ledger_part.h"
#include "policy/reason.h"

namespace entente::client {
namespace {

// Whatever a check of foreign bytes says, here it means the same.
absl::Status Lied(absl::string_view ledger, absl::string_view what,
                  const absl::Status& why) {
  return VerificationError(absl::StrCat("the ledger ", ledger, ": ", what),
                           std::string(why.message()));
}

absl::Status SomethingElse(absl::string_view ledger, uint64_t index,
                           absl::string_view wanted) {
  return VerificationError(
      absl::StrCat("the ledger ", ledger, ": entry ", index,
                   " is about something else than what was sent"),
      absl::StrCat("wanted ", wanted));
}

}  // namespace

absl::StatusOr<VerifiedReceipt> OpenReceipt(const crypto::NoteKey& key,
                                            absl::string_view entry,
                                            absl::string_view proof,
                                            policy::EntryKind kind) {
  const absl::StatusOr<crypto::TlogProof> parsed =
      crypto::ParseTlogProof(proof);
  if (!parsed.ok()) return Lied(key.name(), "no receipt", parsed.status());
  const absl::StatusOr<crypto::Checkpoint> opened =
      crypto::VerifyTlogProof(*parsed, crypto::AsBytes(entry), key);
  if (!opened.ok()) {
    return Lied(key.name(), "the receipt does not prove its entry",
                opened.status());
  }
  VerifiedReceipt receipt;
  receipt.index = parsed->index;
  receipt.checkpoint = {opened->size, opened->root, parsed->checkpoint, 0};
  absl::StatusOr<policy::LedgerEntry> read = policy::ParseEntry(entry);
  if (!read.ok()) {
    return Lied(key.name(), "the receipt's entry cannot be read",
                read.status());
  }
  receipt.entry = *std::move(read);
  if (receipt.entry.kind != kind ||
      receipt.entry.outcome != policy::Outcome::kAllow) {
    return SomethingElse(
        key.name(), receipt.index,
        absl::StrCat("an allowed ", policy::EntryKindName(kind)));
  }
  return receipt;
}

absl::StatusOr<crypto::NoteKey> LedgerKey(const Profile& profile,
                                          absl::string_view ledger) {
  const absl::StatusOr<crypto::Ed25519PublicKey> key =
      crypto::Ed25519PublicKey::Parse(profile.settings().ledger_key);
  if (!key.ok()) {
    return Annotate(key.status(), "the profile's broker_ledger_key is no key");
  }
  return crypto::NoteKey::Create(profile.LedgerOrigin(ledger),
                                 crypto::NoteKeyType::kEd25519, *key);
}

absl::Status LedgerNotFollowed(absl::string_view part) {
  return ToStatus(
      {.what = absl::StrCat("the ledger goes on as ", part,
                            ", which is not verified here yet"),
       .next = "try again",
       .code = std::string(policy::CodeOf(policy::Reason::kLedgerContinued)),
       .exit = ExitCode::kUnavailable});
}

absl::StatusOr<crypto::NoteKey> PartKey(const crypto::NoteKey& first,
                                        uint32_t part) {
  return crypto::NoteKey::Create(policy::PartName(first.name(), part),
                                 first.type(), first.key());
}

absl::StatusOr<KeptCheckpoint> LedgerView::Known() {
  const absl::StatusOr<std::optional<KeptCheckpoint>> kept =
      knowledge_.Checkpoint(ledger_);
  if (!kept.ok()) return kept.status();
  if (kept->has_value()) return **kept;
  return KnownOf(0);
}

absl::StatusOr<KeptCheckpoint> LedgerView::KnownOf(uint32_t part) {
  const absl::StatusOr<std::optional<KeptCheckpoint>> kept =
      knowledge_.CheckpointOf(ledger_, part);
  if (!kept.ok()) return kept.status();
  if (kept->has_value()) return **kept;
  KeptCheckpoint nothing;
  nothing.root = crypto::EmptyRoot();
  nothing.part = part;
  return nothing;
}

absl::Status LedgerView::Extends(const KeptCheckpoint& known,
                                 const KeptCheckpoint& checkpoint,
                                 absl::Span<const crypto::Hash> consistency) {
  if (checkpoint.size < known.size) {
    return VerificationError(
        absl::StrCat("the ledger ", ledger_, " was cut back"),
        absl::StrCat("it had ", known.size, " entries and now claims ",
                     checkpoint.size,
                     ": the broker serves an older copy of it, restored or "
                     "rolled back; keep your receipts and mirror, and tell the "
                     "other parties"));
  }
  const absl::Status extends = crypto::VerifyConsistency(
      known.size, known.root, checkpoint.size, checkpoint.root, consistency);
  if (extends.ok()) return extends;
  return Lied(
      ledger_,
      absl::StrCat("what it shows at size ", checkpoint.size,
                   " does not continue what it showed at size ", known.size),
      extends);
}

absl::Status LedgerView::Keep(const KeptCheckpoint& checkpoint) {
  const absl::StatusOr<KeptCheckpoint> now = KnownOf(checkpoint.part);
  if (!now.ok()) return now.status();
  if (now->size > checkpoint.size) {
    // The proof says nothing about what the other process saw.
    return absl::UnavailableError(
        absl::StrCat("another process of this profile has seen more of the "
                     "ledger ",
                     ledger_, "; try again"));
  }
  const absl::Status kept = knowledge_.KeepCheckpoint(ledger_, checkpoint);
  if (!absl::IsDataLoss(kept)) return kept;
  return Lied(ledger_, "it shows two histories", kept);
}

absl::StatusOr<KeptCheckpoint> LedgerView::Accept(
    const KeptCheckpoint& known, absl::string_view checkpoint,
    absl::Span<const crypto::Hash> consistency) {
  const absl::StatusOr<crypto::NoteKey> key = PartKey(key_, known.part);
  if (!key.ok()) return key.status();
  const absl::StatusOr<crypto::Checkpoint> opened =
      crypto::OpenCheckpoint(checkpoint, *key);
  if (!opened.ok()) {
    return Lied(ledger_, "its checkpoint is not signed by the pinned key",
                opened.status());
  }
  KeptCheckpoint next = {opened->size, opened->root, std::string(checkpoint),
                         known.part};
  if (absl::Status extends = Extends(known, next, consistency); !extends.ok()) {
    return extends;
  }
  if (absl::Status kept = Keep(next); !kept.ok()) return kept;
  return next;
}

absl::StatusOr<VerifiedReceipt> LedgerView::Examine(const KeptCheckpoint& known,
                                                    const ShownReceipt& shown,
                                                    policy::EntryKind kind) {
  const absl::StatusOr<policy::LedgerPart> part =
      policy::ParsePartName(shown.part);
  if (shown.part.empty()) {
    return VerificationError(
        absl::StrCat("the ledger ", ledger_, ": no receipt"),
        "the answer has none");
  }
  if (!part.ok() || part->ledger != ledger_) {
    return VerificationError(
        absl::StrCat("the receipt is of another ledger than ", ledger_),
        shown.part);
  }
  if (part->part > known.part) return LedgerNotFollowed(shown.part);
  const absl::StatusOr<crypto::NoteKey> key = PartKey(key_, part->part);
  if (!key.ok()) return key.status();
  absl::StatusOr<VerifiedReceipt> receipt =
      OpenReceipt(*key, shown.entry, shown.proof, kind);
  if (!receipt.ok()) return receipt;
  receipt->checkpoint.part = part->part;
  if (part->part == known.part) {
    const absl::Status extends =
        Extends(known, receipt->checkpoint, shown.consistency);
    if (!extends.ok()) return extends;
    return receipt;
  }
  const absl::StatusOr<KeptCheckpoint> closed = KnownOf(part->part);
  if (!closed.ok()) return closed.status();
  if (closed->size == receipt->checkpoint.size &&
      closed->root == receipt->checkpoint.root) {
    return receipt;
  }
  return VerificationError(
      absl::StrCat("the ledger ", shown.part,
                   " is not what it was closed with"),
      absl::StrCat("it was closed at size ", closed->size,
                   " and the receipt is of size ", receipt->checkpoint.size));
}

absl::StatusOr<VerifiedReceipt> LedgerView::AcceptReceipt(
    const KeptCheckpoint& known, const ShownReceipt& shown,
    policy::EntryKind kind, const crypto::Hash& subject) {
  absl::StatusOr<VerifiedReceipt> receipt = Examine(known, shown, kind);
  if (!receipt.ok()) return receipt;
  if (receipt->entry.subject != crypto::ToHex(subject)) {
    return SomethingElse(
        ledger_, receipt->index,
        absl::StrCat("an entry about ", crypto::ToHex(subject)));
  }
  if (absl::Status kept = Keep(receipt->checkpoint); !kept.ok()) return kept;
  return receipt;
}

absl::StatusOr<VerifiedReceipt> LedgerView::AcceptEntry(
    const KeptCheckpoint& known, const ShownReceipt& shown,
    policy::EntryKind kind) {
  absl::StatusOr<VerifiedReceipt> receipt = Examine(known, shown, kind);
  if (!receipt.ok()) return receipt;
  if (absl::Status kept = Keep(receipt->checkpoint); !kept.ok()) return kept;
  return receipt;
}

}  // namespace entente::client
