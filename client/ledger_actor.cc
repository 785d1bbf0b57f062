#include "client/ledger_actor.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/entry_filter.h"

namespace entente::client {

LedgerActor ActorOf(const policy::LedgerEntry& entry) {
  const std::string agency = AgencyOfUri(entry.actor);
  const std::string person = PersonOf(entry);
  if (person.empty()) return {agency, entry.actor, false};
  return {agency, person, true};
}

std::string InWords(const LedgerActor& actor) {
  return actor.is_person ? absl::StrCat(actor.name, " of ", actor.agency)
                         : actor.name;
}

bool IsUse(const policy::LedgerEntry& entry) {
  return entry.outcome == policy::Outcome::kAllow &&
         (entry.kind == policy::EntryKind::kBatch ||
          entry.kind == policy::EntryKind::kQuery);
}

uint64_t RecordsOf(const policy::LedgerEntry& entry) {
  return std::max<uint64_t>(1, entry.records);
}

void Evidence::Add(const FoundEntry& found, uint64_t more) {
  records += more;
  first = std::min(first, found.entry.time);
  last = std::max(last, found.entry.time);
  entries.push_back(found.place);
}

}  // namespace entente::client
