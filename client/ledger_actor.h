// Who acted, as far as a ledger's entries say, and how much.
#ifndef ENTENTE_CLIENT_LEDGER_ACTOR_H_
#define ENTENTE_CLIENT_LEDGER_ACTOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/entry_search.h"
#include "policy/ledger_entry.h"

namespace entente::client {

// A person whom an agency names, or else a certificate, behind which there may
// be many people.
struct LedgerActor {
  std::string agency;  // empty for who is of none
  std::string name;
  bool is_person = false;

  auto operator<=>(const LedgerActor&) const = default;
};

LedgerActor ActorOf(const policy::LedgerEntry& entry);

// `Jo Wells of north`, or the certificate's URI.
std::string InWords(const LedgerActor& actor);

// Whether data was given or asked about: an allowed batch or query.
bool IsUse(const policy::LedgerEntry& entry);

// Of an act of use: a query that says none stands for one.
uint64_t RecordsOf(const policy::LedgerEntry& entry);

// Entries that count together, given in their order.
struct Evidence {
  uint64_t records = 0;
  absl::Time first = absl::InfiniteFuture();
  absl::Time last = absl::InfinitePast();
  std::vector<Place> entries;

  void Add(const FoundEntry& found, uint64_t more);
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_LEDGER_ACTOR_H_
