// Receipts and views in the form of the wire.
#ifndef ENTENTE_BROKER_RECEIPTS_H_
#define ENTENTE_BROKER_RECEIPTS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "broker/ledger/ledger_log.h"
#include "broker/sequencer.h"
#include "broker/store/store.h"
#include "entente/v1/access.pb.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace entente::broker {

// Proves entries to callers. Thread-safe; blocks.
class Receipts {
 public:
  Receipts(Store* store, const LedgerLog* ledgers);

  // Fills `packed` from a receipt of the sequencer, with a consistency proof
  // from `known.size` to the receipt's checkpoint if that is not 0 and of the
  // same part. FAILED_PRECONDITION (STALE_VIEW) if the caller claims to know
  // more than there is.
  absl::Status Fill(const Receipt& receipt, const v1::KnownView& known,
                    v1::Receipt* packed) const;

  // The same for an entry written before, by its number in all parts of the
  // ledger, under its part's latest checkpoint. NOT_FOUND (NO_ENTRY).
  absl::Status Fill(absl::string_view ledger, uint64_t position,
                    const v1::KnownView& known, v1::Receipt* packed) const;

  // The same by its place. Consistency is proved from `known_size` entries of
  // that part, if it is not 0.
  absl::Status FillAt(const EntryPlace& place, uint64_t known_size,
                      v1::Receipt* packed) const;

  // From `size` entries of `part` to its latest checkpoint. STALE_VIEW as Fill.
  absl::Status FillConsistency(
      absl::string_view part, uint64_t size,
      google::protobuf::RepeatedPtrField<std::string>* hashes) const;

 private:
  Store& store_;
  const LedgerLog& ledgers_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RECEIPTS_H_
