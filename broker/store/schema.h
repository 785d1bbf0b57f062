// The tables of the store, in one place, with their version.
#ifndef ENTENTE_BROKER_STORE_SCHEMA_H_
#define ENTENTE_BROKER_STORE_SCHEMA_H_

#include <cstdint>

#include "absl/status/status.h"
#include "broker/store/sqlite.h"

namespace entente::broker {

// "ENTT" in the file's header.
inline constexpr int32_t kApplicationId = 0x454e5454;
inline constexpr int32_t kSchemaVersion = 4;

// Makes the tables in a new file, and checks application id and version of an
// old one. FailedPrecondition, with the way out, if they are not ours.
absl::Status PrepareSchema(Database* database);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_SCHEMA_H_
