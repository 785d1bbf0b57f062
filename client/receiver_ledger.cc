// How a receiver holds what arrives to the ledger that it knows.
#include <string>

#include "absl/strings/str_cat.h"
#include "client/entry_reader.h"
#include "client/error.h"
#include "client/receiver.h"
#include "policy/ledger_part.h"

namespace entente::client {
namespace {

// Two chains of checkpoints meet as soon as nothing is appended between two
// calls.
constexpr int kLinkAttempts = 20;

}  // namespace

absl::StatusOr<KeptCheckpoint> Receiver::ViewEnd(
    const ArrivedBatch& arrived, const v1::BatchHeader& header) {
  const absl::StatusOr<KeptCheckpoint> known = view_.Known();
  if (!known.ok()) return known.status();
  const std::string& part = arrived.start.receipt().ledger();
  const auto name = policy::ParsePartName(part);
  if (name.ok() && name->ledger == id_ && name->part > known->part) {
    return LedgerNotFollowed(part);
  }
  return view_.KnownOf(header.view_part());
}

absl::Status Receiver::Link(const KeptCheckpoint& checkpoint) {
  const absl::StatusOr<KeptCheckpoint> known = view_.Known();
  if (!known.ok()) return known.status();
  if (checkpoint.part == known->part) return LinkOpen(checkpoint);
  const std::string part = policy::PartName(id_, checkpoint.part);
  if (checkpoint.part > known->part) return LedgerNotFollowed(part);
  const absl::StatusOr<KeptCheckpoint> closed = view_.KnownOf(checkpoint.part);
  if (!closed.ok()) return closed.status();
  if (closed->size == checkpoint.size && closed->root == checkpoint.root) {
    return absl::OkStatus();
  }
  return VerificationError(
      absl::StrCat("the ledger ", part, " is not what it was closed with"),
      absl::StrCat("it was closed at size ", closed->size,
                   " and the batch shows size ", checkpoint.size));
}

absl::Status Receiver::LinkOpen(const KeptCheckpoint& checkpoint) {
  // One chain of proofs from the batch, one from what was kept. They are one
  // history if they meet.
  const auto key = PartKey(ledger_key_, checkpoint.part);
  if (!key.ok()) return key.status();
  GrpcLedgerSource source(&link_->ledger(),
                          policy::PartName(id_, checkpoint.part));
  EntryReader reader(&source, *key, checkpoint);
  for (int i = 0; i < kLinkAttempts; ++i) {
    const absl::StatusOr<KeptCheckpoint> known = view_.KnownOf(checkpoint.part);
    if (!known.ok()) return known.status();
    if (known->size == reader.seen().size) {
      if (known->root == reader.seen().root) return absl::OkStatus();
      return VerificationError(
          "the broker shows this agency two histories",
          absl::StrCat("at size ", known->size, " of the ledger"));
    }
    const absl::StatusOr<LedgerSource::Head> head =
        source.Latest(known->size, known->root);
    if (!head.ok()) return head.status();
    const auto accepted =
        view_.Accept(*known, head->checkpoint, head->consistency);
    if (!accepted.ok()) return accepted.status();
    if (accepted->size == reader.seen().size) continue;
    if (const auto size = reader.Size(); !size.ok()) return size.status();
  }
  return absl::UnavailableError(
      "the ledger grows too fast to compare views; try again");
}

}  // namespace entente::client
