// Receipts as they come from the broker.
#ifndef ENTENTE_CLIENT_RPC_RECEIPTS_H_
#define ENTENTE_CLIENT_RPC_RECEIPTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/ledger_view.h"
#include "client/profile.h"
#include "client/rpc/broker_link.h"
#include "crypto/sha.h"
#include "entente/v1/access.pb.h"
#include "policy/ledger_entry.h"

namespace entente::client {

// What is known of a ledger, as a call tells it.
void SetKnown(const KeptCheckpoint& known, v1::KnownView* packed);

// The entry of `receipt` once more, with a proof that continues `known`, which
// is the last known of its ledger: one call. A receipt of another part comes
// back as it is, since parts that are closed need no such proof.
absl::StatusOr<v1::Receipt> ProveAgain(BrokerLink& link,
                                       const KeptCheckpoint& known,
                                       const v1::Receipt& receipt);

// As LedgerView::AcceptReceipt, for a receipt of the wire.
absl::StatusOr<VerifiedReceipt> AcceptReceipt(LedgerView& view,
                                              const KeptCheckpoint& known,
                                              const v1::Receipt& receipt,
                                              policy::EntryKind kind,
                                              const crypto::Hash& subject);

// The same for entries that have no subject.
absl::StatusOr<VerifiedReceipt> AcceptReceipt(LedgerView& view,
                                              const KeptCheckpoint& known,
                                              const v1::Receipt& receipt,
                                              policy::EntryKind kind);

// For callers without a store: that the entry stands in a part of `ledger`
// under the pinned key and is an allowed one of `kind`. Nothing earlier is
// known that the ledger could be held to. DataLoss (exit 6).
absl::StatusOr<VerifiedReceipt> VerifyReceipt(const Profile& profile,
                                              absl::string_view ledger,
                                              const v1::Receipt& receipt,
                                              policy::EntryKind kind);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_RPC_RECEIPTS_H_
