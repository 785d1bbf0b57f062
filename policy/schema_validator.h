// Validates documents against the schema for editors, for its tests.
#ifndef ENTENTE_POLICY_SCHEMA_VALIDATOR_H_
#define ENTENTE_POLICY_SCHEMA_VALIDATOR_H_

#include <string>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace entente::policy {

// Where and by which keyword `document` breaks `schema`, or "". Knows the
// keywords that policy/json_schema.h names, as draft-07 has them, and
// fails the test for any other.
std::string SchemaFault(const nlohmann::json& schema,
                        const nlohmann::json& document);

// Whether `regex` (ECMAScript) finds something in `text`, which is UTF-8.
bool RegexFinds(const std::string& regex, absl::string_view text);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_SCHEMA_VALIDATOR_H_
