// What an agency's system knows of its batches, held against the ledger.
#ifndef ENTENTE_CLIENT_RECONCILIATION_H_
#define ENTENTE_CLIENT_RECONCILIATION_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/exchange_table.h"
#include "policy/ledger_entry.h"

namespace entente::client {

// Give it what the store knows, then every entry of the ledger, then ask. Not
// thread-safe.
class Reconciliation {
 public:
  explicit Reconciliation(std::string agency) : agency_(std::move(agency)) {}

  // A batch that the broker accepted, or one that was acknowledged.
  void Sent(const BatchId& id, const crypto::Hash& digest);
  void Received(absl::string_view sender, const BatchId& id,
                const crypto::Hash& digest);

  void See(const policy::LedgerEntry& entry);

  // Proof of a missing or another entry: this agency holds a receipt, and the
  // ledger has no such act. One sentence each.
  std::vector<std::string> Problems() const;
  // Acts in the agency's name that this store knows nothing of. Another system
  // of the agency may have done them, or a store that was lost.
  std::vector<std::string> Unknown() const;
  // How many of the acts known here stand in the ledger.
  uint64_t confirmed() const { return confirmed_; }

 private:
  struct Known {
    std::string digest;
    bool in_ledger = false;
  };
  void Match(std::map<std::string, Known>& known, const std::string& key,
             absl::string_view what, const policy::LedgerEntry& entry);

  const std::string agency_;
  std::map<std::string, Known> sent_;      // by batch
  std::map<std::string, Known> received_;  // by sender and batch
  std::vector<std::string> altered_;
  std::vector<std::string> unknown_;
  uint64_t confirmed_ = 0;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_RECONCILIATION_H_
