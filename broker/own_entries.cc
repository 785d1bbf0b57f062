#include "broker/own_entries.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/store/ledger_table.h"
#include "crypto/hex.h"
#include "crypto/sha.h"
#include "policy/ledger_part.h"

namespace entente::broker {

std::string ConfigDigest(const Config& config) {
  std::string text;
  for (const auto& [name, value] : SettingsOf(config)) {
    absl::StrAppend(&text, name, ": ", value, "\n");
  }
  return crypto::ToHex(crypto::Sha256(text));
}

absl::StatusOr<std::vector<PendingEntry>> OwnEntries::Heads(
    Transaction& transaction) const {
  const auto rows = LedgerTable(transaction).List();
  if (!rows.ok()) return rows.status();
  std::set<std::string> ledgers;
  for (const LedgerRow& row : *rows) {
    const auto part = policy::ParsePartName(row.id);
    if (part.ok() && part->ledger != kBrokerLedger) {
      ledgers.insert(part->ledger);
    }
  }
  std::vector<PendingEntry> entries;
  for (const std::string& ledger : ledgers) {
    const auto newest = LedgerTable(transaction).NewestPart(ledger);
    if (!newest.ok()) return newest.status();
    // One that was refused at start is not vouched for.
    const auto head = context_.ledgers->Head(transaction, *newest);
    if (!head.ok()) continue;
    policy::LedgerEntry entry =
        context_.recorder->OwnAct(policy::EntryKind::kLedgerRecorded);
    entry.agreement = ledger;
    entry.subject = crypto::ToHex(head->root);
    entry.detail["origin"] = context_.ledgers->Origin(*newest);
    entry.detail["size"] = absl::StrCat(head->size);
    auto pending = Recorder::Pending(kBrokerLedger, std::move(entry));
    if (!pending.ok()) return pending.status();
    entries.push_back(*std::move(pending));
  }
  return entries;
}

absl::Status OwnEntries::Write(const policy::LedgerEntry* first,
                               const policy::LedgerEntry* last) {
  const auto written =
      context_.recorder->Run([&](Transaction& transaction)
                                 -> absl::StatusOr<std::vector<PendingEntry>> {
        const absl::Status made =
            context_.ledgers->Create(transaction, kBrokerLedger);
        if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
        auto entries = Heads(transaction);
        if (!entries.ok()) return entries.status();
        if (first != nullptr) {
          auto pending = Recorder::Pending(kBrokerLedger, *first);
          if (!pending.ok()) return pending.status();
          entries->insert(entries->begin(), *std::move(pending));
        }
        if (last != nullptr) {
          auto pending = Recorder::Pending(kBrokerLedger, *last);
          if (!pending.ok()) return pending.status();
          entries->push_back(*std::move(pending));
        }
        return entries;
      });
  if (!written.ok()) return written.status();
  const absl::MutexLock lock(&mu_);
  heads_due_ = context_.clock->Now() + kHeadsEvery;
  return absl::OkStatus();
}

absl::Status OwnEntries::Started(const Config& config,
                                 absl::string_view version) {
  policy::LedgerEntry entry =
      context_.recorder->OwnAct(policy::EntryKind::kBrokerStarted);
  entry.subject = ConfigDigest(config);
  entry.detail["version"] = std::string(version);
  return Write(&entry, nullptr);
}

absl::Status OwnEntries::Tick() {
  {
    const absl::MutexLock lock(&mu_);
    if (context_.clock->Now() < heads_due_) return absl::OkStatus();
  }
  return Write(nullptr, nullptr);
}

absl::Status OwnEntries::Stopped() {
  const policy::LedgerEntry entry =
      context_.recorder->OwnAct(policy::EntryKind::kBrokerStopped);
  return Write(nullptr, &entry);
}

}  // namespace entente::broker
