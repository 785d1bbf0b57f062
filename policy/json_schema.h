// The schema of a sharing agreement, for editors.
#ifndef ENTENTE_POLICY_JSON_SCHEMA_H_
#define ENTENTE_POLICY_JSON_SCHEMA_H_

#include <string>

namespace entente::policy {

// A JSON Schema (draft-07), indented, ended by a line feed. It uses the
// keywords type, const, enum, pattern, minLength, maxLength, minimum, maximum,
// properties, required, additionalProperties, propertyNames, minProperties,
// maxProperties, items, minItems, maxItems, uniqueItems, anyOf, title and
// description.
//
// It accepts exactly what the reader (policy/reader.h) accepts, with numbers
// and booleans written as such, but for what a schema cannot say: text in
// Unicode normal form C and without unassigned characters, edges in ascending
// order, and a value in no more than one group of a list. What the parts of a
// document say to each other (policy/cross_check.h) is not in it. `equals` may
// be written as text, number or boolean.
std::string SharingAgreementSchema();

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_JSON_SCHEMA_H_
