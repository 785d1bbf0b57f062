#include "broker/ledger/next_part.h"

#include <sodium.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "crypto/hex.h"
#include "crypto/sha.h"
#include "policy/ledger_entry.h"

namespace entente::broker {
namespace {

// The newest part of `ledger`; an empty first one is made if there is none.
absl::StatusOr<std::string> Closed(Transaction& transaction,
                                   const LedgerLog& ledgers,
                                   absl::string_view ledger) {
  const absl::StatusOr<PartOfLedger> newest =
      ledgers.Newest(transaction, ledger);
  if (newest.ok()) return newest->name;
  if (!absl::IsNotFound(newest.status())) return newest.status();
  const absl::Status made = ledgers.Create(transaction, ledger);
  if (!made.ok()) return made;
  return std::string(ledger);
}

}  // namespace

absl::StatusOr<NextPart> OpenNextPart(Transaction& transaction,
                                      const LedgerLog& ledgers,
                                      absl::string_view ledger,
                                      policy::ContinuationReason reason,
                                      const PartsSigned& known,
                                      absl::Time now) {
  const absl::StatusOr<std::string> closed =
      Closed(transaction, ledgers, ledger);
  if (!closed.ok()) return closed.status();
  const auto before = policy::ParsePartName(*closed);
  if (!before.ok()) return before.status();
  const absl::StatusOr<SignedHead> head = ledgers.Head(transaction, *closed);
  if (!head.ok()) return head.status();
  const uint32_t part = std::max(before->part, known.highest) + 1;
  if (part > policy::kMaxLedgerPart) {
    return absl::ResourceExhaustedError(
        absl::StrCat("ledger ", ledger, " has no more parts"));
  }
  NextPart next;
  next.name = policy::PartName(ledger, part);
  next.previous = *closed;
  next.size = head->size;
  next.signed_size = known.size > head->size ? known.size : 0;
  policy::LedgerEntry entry;
  randombytes_buf(entry.salt.data(), entry.salt.size());
  entry.time = absl::FromUnixMillis(absl::ToUnixMillis(now));
  if (ledger != kBrokerLedger) entry.agreement = std::string(ledger);
  const auto line = policy::SerialiseEntry(policy::ContinuationEntry(
      std::move(entry), {ledgers.Origin(*closed), head->size, head->root,
                         reason, next.signed_size}));
  if (!line.ok()) return line.status();
  next.digest = crypto::ToHex(crypto::Sha256(*line));
  if (absl::Status made = ledgers.Create(transaction, next.name); !made.ok()) {
    return made;
  }
  const auto index = ledgers.Append(transaction, next.name, *line);
  if (!index.ok()) return index.status();
  const absl::StatusOr<SignedHead> first = ledgers.Sign(transaction, next.name);
  if (!first.ok()) return first.status();
  return next;
}

}  // namespace entente::broker
