// How often the same thing came before, in constant memory.
#ifndef ENTENTE_CLIENT_OCCURRENCES_H_
#define ENTENTE_CLIENT_OCCURRENCES_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/row_sealer.h"
#include "client/sqlite.h"

namespace entente::client {

// Counts in a temporary table of the store's connection, which SQLite keeps in
// a file of its own, under HMACs. Not thread-safe. 5 us each.
class Occurrences {
 public:
  // Starts at none. As client/sqlite.h.
  static absl::StatusOr<std::unique_ptr<Occurrences>> Begin(
      Database* database, const RowSealer* sealer);
  ~Occurrences();
  Occurrences(const Occurrences&) = delete;
  Occurrences& operator=(const Occurrences&) = delete;

  // Counts `thing`, and says how often it came by now: 1 the first time.
  absl::StatusOr<uint64_t> Count(absl::Span<const uint8_t> thing);

 private:
  Occurrences(Database* database, const RowSealer* sealer, int64_t counting);

  Database& database_;
  const RowSealer& sealer_;
  const int64_t counting_;
  Statement count_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_OCCURRENCES_H_
