#include "client/entry_proof.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/durable_file.h"
#include "client/error.h"
#include "crypto/hex.h"
#include "crypto/tlog_proof.h"

namespace entente::client {
namespace {

absl::Status NoProof(const absl::Status& why) {
  return VerificationError("this is no proof of an entry",
                           std::string(why.message()));
}

}  // namespace

absl::Status WriteEntryProof(const std::string& name, absl::string_view line,
                             absl::string_view proof) {
  if (absl::Status written =
          WriteDurably(absl::StrCat(name, kEntrySuffix), line, 0644);
      !written.ok()) {
    return written;
  }
  return WriteDurably(absl::StrCat(name, kProofSuffix), proof, 0644);
}

absl::StatusOr<std::string> ClaimedOrigin(absl::string_view proof) {
  const absl::StatusOr<crypto::TlogProof> parsed =
      crypto::ParseTlogProof(proof);
  if (!parsed.ok()) return NoProof(parsed.status());
  const absl::StatusOr<crypto::Note> note =
      crypto::ParseNote(parsed->checkpoint);
  if (!note.ok()) return NoProof(note.status());
  absl::StatusOr<crypto::Checkpoint> checkpoint =
      crypto::ParseCheckpointText(note->text);
  if (!checkpoint.ok()) return NoProof(checkpoint.status());
  return std::move(checkpoint->origin);
}

absl::StatusOr<CheckedEntry> CheckEntryProof(absl::string_view proof,
                                             absl::string_view line,
                                             const crypto::NoteKey& key) {
  const absl::StatusOr<crypto::TlogProof> parsed =
      crypto::ParseTlogProof(proof);
  if (!parsed.ok()) return NoProof(parsed.status());
  // What the format does not authenticate is not passed on.
  if (!parsed->extra.empty()) {
    return VerificationError(
        "the proof holds an extra line, which nothing vouches for",
        "the broker writes none: somebody put it there");
  }
  absl::StatusOr<crypto::Checkpoint> opened =
      crypto::OpenCheckpoint(parsed->checkpoint, key);
  if (!opened.ok()) {
    return VerificationError(
        absl::StrCat("the checkpoint is not signed by the key of ", key.name()),
        std::string(opened.status().message()));
  }
  const absl::StatusOr<crypto::Checkpoint> proved =
      crypto::VerifyTlogProof(*parsed, crypto::AsBytes(line), key);
  if (!proved.ok()) {
    return VerificationError(
        absl::StrCat("the entry is not number ", parsed->index, " of ",
                     opened->origin),
        absl::StrCat("entry or proof was altered: ",
                     proved.status().message()));
  }
  absl::StatusOr<policy::LedgerEntry> entry = policy::ParseEntry(line);
  if (!entry.ok()) {
    return VerificationError("the log holds this, but it is no ledger entry",
                             std::string(entry.status().message()));
  }
  return CheckedEntry{parsed->index, *std::move(opened), std::string(line),
                      *std::move(entry)};
}

}  // namespace entente::client
