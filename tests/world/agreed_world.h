// A world in which both agencies have agreed, for measuring.
#ifndef ENTENTE_TESTS_BENCH_AGREED_WORLD_H_
#define ENTENTE_TESTS_BENCH_AGREED_WORLD_H_

#include <string>

#include "absl/status/status.h"
#include "tests/world/world.h"

namespace entente::bench {

inline constexpr char kFlow[] = "persons";
inline constexpr char kScheme[] = "opaque/1:person";

// Builds `world` with one flow of a pseudonym and two values, `proof` as the
// document has it (`always` or `none`), batches of at most 256 records.
absl::Status Agree(world::World& world, const std::string& proof);

}  // namespace entente::bench

#endif  // ENTENTE_TESTS_BENCH_AGREED_WORLD_H_
