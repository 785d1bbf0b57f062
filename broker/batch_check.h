// What the broker checks of a batch's header before it touches a pseudonym.
#ifndef ENTENTE_BROKER_BATCH_CHECK_H_
#define ENTENTE_BROKER_BATCH_CHECK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "broker/ledger/ledger_log.h"
#include "broker/manifests_in_force.h"
#include "broker/store/quota_table.h"
#include "crypto/chunk.h"
#include "entente/v1/batch.pb.h"
#include "policy/decision.h"
#include "policy/ledger_entry.h"
#include "policy/register.h"

namespace entente::broker {

// How far ahead of the broker's clock a sender's may be.
inline constexpr absl::Duration kMaxClockLead = absl::Minutes(5);

// Reads a header. BAD_HEADER, naming what is wrong: bytes that no strict
// serialiser writes, another protocol version, a digest, key or batch id of the
// wrong length, what accompanies it out of order, repeated, empty or too long,
// an unknown method. Safe on hostile input.
absl::StatusOr<v1::BatchHeader> ParseHeader(absl::Span<const uint8_t> bytes);

// Chunks as `header` announces them.
crypto::BatchShape ShapeOf(const v1::BatchHeader& header);

// BAD_HEADER if it is from the future, or lives too long; BATCH_EXPIRED.
absl::Status CheckFresh(const v1::BatchHeader& header, absl::Time now);

// What a header says, as decisions ask for it. The method must be one.
policy::Request RequestOf(absl::string_view caller,
                          const v1::BatchHeader& header);

// The agreement's word on the batch that `caller` sends: a refusal with every
// failed condition, BAD_HEADER if the digest is not the version's, NOT_BUILT
// for queries and answers. Under a break-glass grant that the header names, as
// policy::DecideUnder; GRANT_UNKNOWN if there is none. Reads the store only for
// that.
absl::StatusOr<policy::Decision> DecideBatch(Transaction& transaction,
                                             const policy::Register& known,
                                             absl::Time now,
                                             absl::string_view caller,
                                             const v1::BatchHeader& header);

// Whether the header names the manifest in force, its epoch, and the bundles in
// it. MANIFEST_UNKNOWN, KEY_UNKNOWN.
absl::Status CheckKeysNamed(const v1::BatchHeader& header,
                            const LoadedManifest& manifest);

// Whether the sender's view is a beginning of the agreement's ledger.
// STALE_VIEW.
absl::Status CheckView(Transaction& transaction, const LedgerLog& ledgers,
                       const v1::BatchHeader& header);

// Takes what the batch uses of the flow's and every overarching flow's daily
// and yearly limits. QUOTA_EXCEEDED; the caller undoes the transaction then.
absl::Status TakeQuotas(Transaction& transaction,
                        const policy::Decision& allowed, absl::Time now,
                        const v1::BatchHeader& header);

// Adds what the header says to an entry about the batch.
void Describe(const v1::BatchHeader& header, policy::LedgerEntry* entry);

// Fills in the justification of an entry that Describe filled, for the ledger
// of its agreement, from purpose and case reference, if the request brought
// none and its version says so. It becomes `detail.justification`: what
// accompanied the request stays what that was.
void Justify(const policy::Register& known, policy::LedgerEntry* entry);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_BATCH_CHECK_H_
