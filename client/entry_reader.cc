#include "client/entry_reader.h"

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "crypto/hex.h"
#include "crypto/merkle.h"
#include "crypto/tlog_proof.h"

namespace entente::client {
namespace {

absl::Status Lied(const crypto::NoteKey& key, absl::string_view what,
                  const absl::Status& why) {
  return VerificationError(absl::StrCat(key.name(), ": ", what),
                           std::string(why.message()));
}

}  // namespace

absl::Status EntryReader::Follow(const crypto::Checkpoint& next,
                                 absl::string_view note,
                                 absl::Span<const crypto::Hash> consistency) {
  // Nothing was known, so nothing can be contradicted.
  if (seen_.size > 0) {
    if (next.size < seen_.size) {
      return VerificationError(
          absl::StrCat(key_.name(), " was cut back"),
          absl::StrCat("it had ", seen_.size, " entries and now claims ",
                       next.size));
    }
    const absl::Status extends = crypto::VerifyConsistency(
        seen_.size, seen_.root, next.size, next.root, consistency);
    if (!extends.ok()) {
      return Lied(key_,
                  absl::StrCat("what it shows at size ", next.size,
                               " does not continue what it showed at size ",
                               seen_.size),
                  extends);
    }
  }
  seen_ = {next.size, next.root, std::string(note), seen_.part};
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> EntryReader::Size() {
  const absl::StatusOr<LedgerSource::Head> head =
      source_.Latest(seen_.size, seen_.root);
  if (!head.ok()) return head.status();
  const absl::StatusOr<crypto::Checkpoint> opened =
      crypto::OpenCheckpoint(head->checkpoint, key_);
  if (!opened.ok()) {
    return Lied(key_, "the checkpoint is not signed by the pinned key",
                opened.status());
  }
  if (absl::Status followed =
          Follow(*opened, head->checkpoint, head->consistency);
      !followed.ok()) {
    return followed;
  }
  return seen_.size;
}

absl::StatusOr<VerifiedEntry> EntryReader::Read(uint64_t index) {
  absl::StatusOr<EntrySource::Proved> proved = source_.Entry(index, seen_.size);
  if (!proved.ok()) return proved.status();
  const absl::StatusOr<crypto::TlogProof> proof =
      crypto::ParseTlogProof(proved->proof);
  if (!proof.ok()) return Lied(key_, "no proof of an entry", proof.status());
  if (proof->index != index || proved->index != index) {
    return VerificationError(
        absl::StrCat(key_.name(), ": asked for entry ", index,
                     ", it proved another one"),
        absl::StrCat("the proof is of entry ", proof->index));
  }
  const absl::StatusOr<crypto::Checkpoint> opened =
      crypto::VerifyTlogProof(*proof, crypto::AsBytes(proved->entry), key_);
  if (!opened.ok()) {
    return Lied(key_, absl::StrCat("entry ", index, " is not proved"),
                opened.status());
  }
  if (absl::Status followed =
          Follow(*opened, proof->checkpoint, proved->consistency);
      !followed.ok()) {
    return followed;
  }
  absl::StatusOr<policy::LedgerEntry> entry = policy::ParseEntry(proved->entry);
  if (!entry.ok()) {
    return Lied(key_, absl::StrCat("entry ", index, " cannot be read"),
                entry.status());
  }
  return VerifiedEntry{index, std::move(proved->entry), *std::move(entry),
                       std::move(proved->proof)};
}

}  // namespace entente::client
