// The demo's sharing agreement, written from what its parties have.
#ifndef ENTENTE_TESTS_DEMO_DOCUMENT_H_
#define ENTENTE_TESTS_DEMO_DOCUMENT_H_

#include <string>
#include <vector>

#include "tests/world/document.h"

namespace entente::demo {

using world::kAgreement;
using world::kInspector;
using world::kLeft;
using world::kPurpose;
using world::kRight;
inline constexpr char kFlow[] = "persons-for-investigation";
// Declared, but not for kFlow: what the demo tries in vain.
inline constexpr const char* kForbiddenPurpose = world::kOtherPurpose;

// The agreement of the story with the demo's own data.
std::string StoryDocument(const world::Facts& facts);

// One column of anybody's file, and the field that carries it.
struct MappedColumn {
  std::string column;  // header, trimmed
  std::string field;   // [a-z][a-z0-9_]{1,60}
};

// An agreement that enrols `key` as `opaque/1:<key's field>` and releases
// `columns` as text.
std::string MappedDocument(const world::Facts& facts, const MappedColumn& key,
                           const std::vector<MappedColumn>& columns);

// Fields for `columns`, distinct, in their order: lower case, `_` for what a
// field's name may not hold.
std::vector<MappedColumn> MapColumns(const std::vector<std::string>& columns);

}  // namespace entente::demo

#endif  // ENTENTE_TESTS_DEMO_DOCUMENT_H_
