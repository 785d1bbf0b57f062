#include "client/rpc/receipts.h"

#include <vector>

#include "client/rpc/broker_link.h"

namespace entente::client {

absl::StatusOr<VerifiedReceipt> AcceptReceipt(LedgerView& view,
                                              const KeptCheckpoint& known,
                                              const v1::Receipt& receipt,
                                              policy::EntryKind kind,
                                              const crypto::Hash& subject) {
  const absl::StatusOr<std::vector<crypto::Hash>> consistency =
      HashesOf(receipt.consistency());
  if (!consistency.ok()) return consistency.status();
  return view.AcceptReceipt(known, receipt.entry(), receipt.proof(),
                            *consistency, kind, subject);
}

absl::StatusOr<VerifiedReceipt> AcceptReceipt(LedgerView& view,
                                              const KeptCheckpoint& known,
                                              const v1::Receipt& receipt,
                                              policy::EntryKind kind) {
  const absl::StatusOr<std::vector<crypto::Hash>> consistency =
      HashesOf(receipt.consistency());
  if (!consistency.ok()) return consistency.status();
  return view.AcceptEntry(known, receipt.entry(), receipt.proof(), *consistency,
                          kind);
}

absl::StatusOr<VerifiedReceipt> VerifyReceipt(const Profile& profile,
                                              absl::string_view ledger,
                                              const v1::Receipt& receipt,
                                              policy::EntryKind kind) {
  const absl::StatusOr<crypto::NoteKey> key = LedgerKey(profile, ledger);
  if (!key.ok()) return key.status();
  return OpenReceipt(*key, receipt.entry(), receipt.proof(), kind);
}

}  // namespace entente::client
