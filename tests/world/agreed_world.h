// A world in which both agencies have agreed on much data.
#ifndef ENTENTE_TESTS_WORLD_AGREED_WORLD_H_
#define ENTENTE_TESTS_WORLD_AGREED_WORLD_H_

#include <string>

#include "absl/status/status.h"
#include "tests/world/world.h"

namespace entente::world {

inline constexpr char kFlow[] = "persons";
inline constexpr char kScheme[] = "opaque/1:person";

// Builds `world` with one flow of a pseudonym and two values, `proof` as the
// document has it (`always` or `none`), and registers, agrees and activates.
absl::Status BuildAgreed(World& world, const std::string& proof,
                         int records_per_request);

// A file for that flow, `rows.csv`: people `first` to `first + records` - 1,
// column `ref` as their reference and `person` as the identifier; `surname` is
// as many bytes longer as `more` says. Its path.
std::string WriteRows(const World& world, int records, int first = 0,
                      int more = 0);

}  // namespace entente::world

#endif  // ENTENTE_TESTS_WORLD_AGREED_WORLD_H_
