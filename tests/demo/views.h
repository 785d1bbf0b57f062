// What each party can see of one record, taken from what it really holds.
#ifndef ENTENTE_TESTS_DEMO_VIEWS_H_
#define ENTENTE_TESTS_DEMO_VIEWS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "tests/demo/csv_table.h"
#include "tests/demo/document.h"
#include "tests/world/world.h"

namespace entente::demo {

// Follows record 0 of the first batch.
class Views {
 public:
  // Reads the broker's own database while the batch waits in its mailbox.
  absl::Status LookAtBroker(const world::World& world);
  // Reads the sender's journal and file, the recipient's folder, and the
  // overseer's entry; then searches the broker's whole store for the record's
  // values.
  absl::Status LookAtParties(world::World& world, const CsvTable& left);
  // The table, one row for each of them.
  std::string Table() const;

 private:
  std::string batch_;  // hex
  std::string sender_, broker_, recipient_, overseer_;
};

}  // namespace entente::demo

#endif  // ENTENTE_TESTS_DEMO_VIEWS_H_
