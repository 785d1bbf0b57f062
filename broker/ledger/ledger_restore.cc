#include "broker/ledger/ledger_restore.h"

#include "absl/strings/str_cat.h"

namespace entente::broker {

absl::Status RestoreEntries(Transaction& transaction, const LedgerLog& ledgers,
                            absl::string_view id, const Anchor& anchor,
                            absl::Span<const std::string> entries) {
  absl::StatusOr<SignedHead> head = ledgers.Head(transaction, id);
  if (absl::IsNotFound(head.status())) {
    if (absl::Status made = ledgers.Create(transaction, id); !made.ok()) {
      return made;
    }
    head = ledgers.Head(transaction, id);
  }
  if (!head.ok()) return head.status();
  if (head->size >= anchor.size) {
    return absl::FailedPreconditionError(
        absl::StrCat("ledger ", id, " has ", head->size, " entries and ",
                     anchor.size, " were signed: nothing is missing"));
  }
  if (entries.size() != anchor.size - head->size) {
    return absl::InvalidArgumentError(
        absl::StrCat("ledger ", id, " lacks the entries ", head->size, " to ",
                     anchor.size - 1, " and ", entries.size(), " were given"));
  }
  for (const std::string& entry : entries) {
    const absl::StatusOr<uint64_t> put = ledgers.Append(transaction, id, entry);
    if (!put.ok()) return put.status();
  }
  head = ledgers.Sign(transaction, id);
  if (!head.ok()) return head.status();
  if (head->root != anchor.root) {
    return absl::DataLossError(
        absl::StrCat("the entries given are not those that ledger ", id,
                     " had; try another party's mirror"));
  }
  return absl::OkStatus();
}

}  // namespace entente::broker
