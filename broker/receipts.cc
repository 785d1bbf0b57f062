#include "broker/receipts.h"

#include <vector>

#include "broker/rpc/refusal.h"
#include "crypto/hex.h"
#include "policy/ledger_part.h"

namespace entente::broker {
namespace {

using Hashes = google::protobuf::RepeatedPtrField<std::string>;

absl::Status AddConsistency(Transaction& transaction, const LedgerLog& ledgers,
                            absl::string_view part, uint64_t from,
                            Hashes* hashes) {
  if (from == 0) return absl::OkStatus();
  const auto proof = ledgers.Consistency(transaction, part, from);
  if (absl::IsOutOfRange(proof.status())) {
    return Refuse(policy::Reason::kStaleView,
                  "the caller knows a longer ledger than the broker has");
  }
  if (!proof.ok()) return proof.status();
  for (const crypto::Hash& hash : *proof) {
    hashes->Add()->assign(reinterpret_cast<const char*>(hash.data()),
                          hash.size());
  }
  return absl::OkStatus();
}

absl::Status Pack(Transaction& transaction, const LedgerLog& ledgers,
                  const EntryPlace& place, uint64_t known_size,
                  v1::Receipt* packed) {
  const auto entry = ledgers.Entry(transaction, place.part, place.index);
  if (absl::IsOutOfRange(entry.status())) {
    return Refuse(policy::Reason::kNoEntry, "");
  }
  if (!entry.ok()) return entry.status();
  const auto proofs = ledgers.Proofs(transaction, place.part, {place.index});
  if (!proofs.ok()) return proofs.status();
  packed->set_ledger(place.part);
  packed->set_index(place.index);
  packed->set_entry(*entry);
  packed->set_proof(proofs->front());
  return AddConsistency(transaction, ledgers, place.part, known_size,
                        packed->mutable_consistency());
}

// What is known of `part`, if that is what `known` is about.
uint64_t KnownOf(absl::string_view part, const v1::KnownView& known) {
  const absl::StatusOr<policy::LedgerPart> read = policy::ParsePartName(part);
  return read.ok() && read->part == known.part() ? known.size() : 0;
}

}  // namespace

Receipts::Receipts(Store* store, const LedgerLog* ledgers)
    : store_(*store), ledgers_(*ledgers) {}

absl::Status Receipts::Fill(absl::string_view ledger, uint64_t position,
                            const v1::KnownView& known,
                            v1::Receipt* packed) const {
  return store_.Read([&](Transaction& transaction) -> absl::Status {
    const auto place = ledgers_.PlaceOf(transaction, ledger, position);
    if (absl::IsOutOfRange(place.status())) {
      return Refuse(policy::Reason::kNoEntry, "");
    }
    if (!place.ok()) return place.status();
    return Pack(transaction, ledgers_, *place, KnownOf(place->part, known),
                packed);
  });
}

absl::Status Receipts::FillAt(const EntryPlace& place, uint64_t known_size,
                              v1::Receipt* packed) const {
  return store_.Read([&](Transaction& transaction) {
    return Pack(transaction, ledgers_, place, known_size, packed);
  });
}

absl::Status Receipts::Fill(const Receipt& receipt, const v1::KnownView& known,
                            v1::Receipt* packed) const {
  const uint64_t known_size = KnownOf(receipt.part, known);
  if (known_size != 0 && known_size != receipt.size) {
    // The latest checkpoint proves the same entry, and its consistency proof
    // is at hand.
    return FillAt({receipt.part, receipt.index}, known_size, packed);
  }
  packed->set_ledger(receipt.part);
  packed->set_index(receipt.index);
  packed->set_entry(receipt.entry);
  packed->set_proof(receipt.proof);
  return absl::OkStatus();
}

absl::Status Receipts::FillConsistency(absl::string_view part, uint64_t size,
                                       Hashes* hashes) const {
  return store_.Read([&](Transaction& transaction) {
    return AddConsistency(transaction, ledgers_, part, size, hashes);
  });
}

}  // namespace entente::broker
