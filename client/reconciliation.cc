#include "client/reconciliation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/hex.h"

namespace entente::client {
namespace {

std::string KeyOf(absl::string_view sender, absl::string_view batch) {
  return absl::StrCat(sender, " ", batch);
}

}  // namespace

void Reconciliation::Sent(const BatchId& id, const crypto::Hash& digest) {
  sent_[crypto::ToHex(id)] = {crypto::ToHex(digest)};
}

void Reconciliation::Received(absl::string_view sender, const BatchId& id,
                              const crypto::Hash& digest) {
  received_[KeyOf(sender, crypto::ToHex(id))] = {crypto::ToHex(digest)};
}

void Reconciliation::Match(std::map<std::string, Known>& known,
                           const std::string& key, absl::string_view what,
                           const policy::LedgerEntry& entry) {
  const auto found = known.find(key);
  if (found == known.end()) {
    unknown_.push_back(absl::StrCat("the ledger says that ", agency_, " ", what,
                                    " batch ", entry.batch,
                                    ", of which this profile knows nothing"));
    return;
  }
  found->second.in_ledger = true;
  if (found->second.digest == entry.subject) {
    ++confirmed_;
    return;
  }
  altered_.push_back(
      absl::StrCat("batch ", entry.batch, ", which ", agency_, " ", what,
                   ", stands in the ledger with another digest"));
}

void Reconciliation::See(const policy::LedgerEntry& entry) {
  if (entry.outcome != policy::Outcome::kAllow) return;
  if (entry.kind == policy::EntryKind::kBatch && entry.sender == agency_) {
    Match(sent_, entry.batch, "sent", entry);
  } else if (entry.kind == policy::EntryKind::kDelivery &&
             entry.recipient == agency_) {
    Match(received_, KeyOf(entry.sender, entry.batch), "acknowledged", entry);
  }
}

std::vector<std::string> Reconciliation::Problems() const {
  std::vector<std::string> problems = altered_;
  for (const auto& [batch, known] : sent_) {
    if (known.in_ledger) continue;
    problems.push_back(absl::StrCat("batch ", batch,
                                    " was sent and has a receipt, and is not "
                                    "in the ledger"));
  }
  for (const auto& [key, known] : received_) {
    if (known.in_ledger) continue;
    problems.push_back(absl::StrCat("the delivery of batch ",
                                    key.substr(key.find(' ') + 1), " from ",
                                    key.substr(0, key.find(' ')),
                                    " has a receipt, and is not in the "
                                    "ledger"));
  }
  return problems;
}

std::vector<std::string> Reconciliation::Unknown() const { return unknown_; }

}  // namespace entente::client
