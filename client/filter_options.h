// The options by which commands choose entries of a ledger.
#ifndef ENTENTE_CLIENT_FILTER_OPTIONS_H_
#define ENTENTE_CLIENT_FILTER_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli.h"
#include "client/entry_filter.h"
#include "client/entry_search.h"

namespace entente::client {

// What was typed. Empty: not asked for.
struct FilterOptions {
  // Where the ledger is: a mirror, or else the broker.
  std::string folder;
  std::string agreement;

  std::string since;
  std::string until;
  std::string index;
  std::string zone;
  std::string agency;
  std::string sender;
  std::string recipient;
  std::string actor;
  std::string person;
  std::string flow;
  std::string purpose;
  std::string case_reference;
  std::string decision;
  std::string kind;
  std::string operation;
  std::string dataset;
  std::string method;
  std::string batch;
  std::string subject;
  std::string about;
  std::string grant;
  std::vector<std::string> reasons;
  std::vector<std::string> fields;
};

// Declares them on `command`; `options` is borrowed.
Command& TakesFilter(Command& command, FilterOptions* options);
// Those alone that say which ledger, and which time of it.
Command& TakesLedger(Command& command, FilterOptions* options);
// --since, --until and --zone.
Command& TakesTime(Command& command, FilterOptions* options);

// Which entries are meant, and the zone in which their times are written.
struct EntryChoice {
  EntryFilter filter;
  absl::TimeZone zone;
};

// What the options mean at `now`. A usage error, naming the option and what it
// may be.
absl::StatusOr<EntryChoice> ChoiceOf(const FilterOptions& options,
                                     absl::Time now);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_FILTER_OPTIONS_H_
