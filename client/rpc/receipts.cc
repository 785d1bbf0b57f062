#include "client/rpc/receipts.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "client/rpc/connection.h"
#include "policy/ledger_part.h"

namespace entente::client {
namespace {

ShownReceipt Shown(const v1::Receipt& receipt,
                   absl::Span<const crypto::Hash> consistency) {
  return {receipt.ledger(), receipt.entry(), receipt.proof(), consistency};
}

}  // namespace

void SetKnown(const KeptCheckpoint& known, v1::KnownView* packed) {
  packed->set_size(known.size);
  packed->set_part(known.part);
}

absl::StatusOr<VerifiedReceipt> AcceptReceipt(LedgerView& view,
                                              const KeptCheckpoint& known,
                                              const v1::Receipt& receipt,
                                              policy::EntryKind kind,
                                              const crypto::Hash& subject) {
  const absl::StatusOr<std::vector<crypto::Hash>> consistency =
      HashesOf(receipt.consistency());
  if (!consistency.ok()) return consistency.status();
  return view.AcceptReceipt(known, Shown(receipt, *consistency), kind, subject);
}

absl::StatusOr<VerifiedReceipt> AcceptReceipt(LedgerView& view,
                                              const KeptCheckpoint& known,
                                              const v1::Receipt& receipt,
                                              policy::EntryKind kind) {
  const absl::StatusOr<std::vector<crypto::Hash>> consistency =
      HashesOf(receipt.consistency());
  if (!consistency.ok()) return consistency.status();
  return view.AcceptEntry(known, Shown(receipt, *consistency), kind);
}

absl::StatusOr<v1::Receipt> ProveAgain(BrokerLink& link,
                                       const KeptCheckpoint& known,
                                       const v1::Receipt& receipt) {
  const auto part = policy::ParsePartName(receipt.ledger());
  // What is wrong with it, whoever verifies it says.
  if (!part.ok() || part->part != known.part) return receipt;
  v1::GetEntryRequest request;
  request.set_ledger(receipt.ledger());
  request.set_index(receipt.index());
  SetKnown(known, request.mutable_known());
  auto response = Call(link.ledger(), &v1::Ledger::Stub::GetEntry, request);
  if (!response.ok()) return response.status();
  return std::move(*response->mutable_receipt());
}

absl::StatusOr<VerifiedReceipt> VerifyReceipt(const Profile& profile,
                                              absl::string_view ledger,
                                              const v1::Receipt& receipt,
                                              policy::EntryKind kind) {
  const auto part = policy::ParsePartName(receipt.ledger());
  if (!part.ok() || part->ledger != ledger) {
    return VerificationError(
        absl::StrCat("the receipt is of another ledger than ", ledger),
        receipt.ledger());
  }
  const absl::StatusOr<crypto::NoteKey> key =
      LedgerKey(profile, receipt.ledger());
  if (!key.ok()) return key.status();
  return OpenReceipt(*key, receipt.entry(), receipt.proof(), kind);
}

}  // namespace entente::client
