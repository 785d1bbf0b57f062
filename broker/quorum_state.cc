#include "broker/quorum_state.h"

#include <algorithm>
#include <functional>
#include <map>

#include "broker/store/agreements_table.h"
#include "broker/store/witness_table.h"
#include "policy/ledger_entry.h"

namespace entente::broker {

const policy::Agreement* WitnessedVersion(const policy::AgreementRecord& record,
                                          absl::Time now) {
  const policy::VersionRecord* current = record.CurrentAt(now);
  if (current == nullptr || record.terminated ||
      now >= current->agreement->until() ||
      !current->agreement->document().witnesses.has_value()) {
    return nullptr;
  }
  return &current->agreement->document();
}

absl::StatusOr<QuorumState> QuorumStateOf(Transaction& transaction,
                                          const LedgerLog& ledgers,
                                          const policy::Agreement& document) {
  const absl::StatusOr<PartOfLedger> newest =
      ledgers.Newest(transaction, document.id);
  if (!newest.ok()) return newest.status();
  const absl::StatusOr<SignedHead> head =
      ledgers.Head(transaction, newest->name);
  if (!head.ok()) return head.status();
  const auto rows = WitnessTable(transaction).Of(newest->name);
  if (!rows.ok()) return rows.status();
  std::map<std::string, uint64_t> by_key;
  for (const CosignatureRow& row : *rows) by_key[row.witness] = row.size;
  QuorumState state;
  state.part = newest->name;
  state.size = head->size;
  std::vector<uint64_t> sizes;
  for (const auto& [name, witness] : document.witnesses->named) {
    const auto found = by_key.find(witness.key);
    sizes.push_back(found == by_key.end() ? 0 : found->second);
    if (sizes.back() < head->size) state.behind.push_back(name);
  }
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  const size_t needed = static_cast<size_t>(document.witnesses->quorum);
  if (needed <= sizes.size()) state.cosigned = sizes[needed - 1];
  if (state.cosigned >= state.size) return state;
  const absl::StatusOr<std::string> line =
      ledgers.Entry(transaction, newest->name, state.cosigned);
  if (!line.ok()) return line.status();
  const absl::StatusOr<policy::LedgerEntry> entry = policy::ParseEntry(*line);
  if (!entry.ok()) return entry.status();
  const auto version =
      AgreementsTable(transaction)
          .Get(document.id, static_cast<uint32_t>(document.version));
  if (!version.ok()) return version.status();
  state.waiting_since =
      std::max({entry->time, document.valid.FromInstant(),
                version->activated.value_or(absl::InfinitePast())});
  return state;
}

bool IsMissing(const QuorumState& state, const policy::Agreement& document,
               absl::Time now) {
  return now - state.waiting_since >
         absl::Minutes(document.witnesses->missing_minutes);
}

}  // namespace entente::broker
