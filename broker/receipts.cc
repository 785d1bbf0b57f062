#include "broker/receipts.h"

#include <vector>

#include "broker/rpc/refusal.h"
#include "crypto/hex.h"

namespace entente::broker {
namespace {

absl::Status AddConsistency(Transaction& transaction, const LedgerLog& ledgers,
                            absl::string_view ledger, uint64_t from,
                            v1::Receipt* packed) {
  if (from == 0) return absl::OkStatus();
  const auto proof = ledgers.Consistency(transaction, ledger, from);
  if (absl::IsOutOfRange(proof.status())) {
    return Refuse(policy::Reason::kStaleView,
                  "the caller knows a longer ledger than the broker has");
  }
  if (!proof.ok()) return proof.status();
  for (const crypto::Hash& hash : *proof) {
    packed->add_consistency(hash.data(), hash.size());
  }
  return absl::OkStatus();
}

}  // namespace

Receipts::Receipts(Store* store, const LedgerLog* ledgers)
    : store_(*store), ledgers_(*ledgers) {}

absl::Status Receipts::Fill(absl::string_view ledger, uint64_t index,
                            const v1::KnownView& known,
                            v1::Receipt* packed) const {
  return store_.Read([&](Transaction& transaction) -> absl::Status {
    const auto entry = ledgers_.Entry(transaction, ledger, index);
    if (absl::IsOutOfRange(entry.status())) {
      return Refuse(policy::Reason::kNoEntry, "");
    }
    if (!entry.ok()) return entry.status();
    const auto proofs = ledgers_.Proofs(transaction, ledger, {index});
    if (!proofs.ok()) return proofs.status();
    packed->set_ledger(std::string(ledger));
    packed->set_index(index);
    packed->set_entry(*entry);
    packed->set_proof(proofs->front());
    return AddConsistency(transaction, ledgers_, ledger, known.size(), packed);
  });
}

absl::Status Receipts::Fill(const Receipt& receipt, const v1::KnownView& known,
                            v1::Receipt* packed) const {
  if (known.size() != 0 && known.size() != receipt.size) {
    // The latest checkpoint proves the same entry, and its consistency proof
    // is at hand.
    return Fill(receipt.ledger, receipt.index, known, packed);
  }
  packed->set_ledger(receipt.ledger);
  packed->set_index(receipt.index);
  packed->set_entry(receipt.entry);
  packed->set_proof(receipt.proof);
  return absl::OkStatus();
}

}  // namespace entente::broker
