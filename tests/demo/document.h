// The demo's sharing agreement, written from what its parties have.
#ifndef ENTENTE_TESTS_DEMO_DOCUMENT_H_
#define ENTENTE_TESTS_DEMO_DOCUMENT_H_

#include <string>
#include <vector>

#include "absl/time/civil_time.h"

namespace entente::demo {

// What the document must name of the world that the demo made.
struct Facts {
  absl::CivilDay today;
  std::string broker_name;
  std::string ledger_key;      // base64
  std::string left_root;       // SHA-256 of the root's SPKI, hex
  std::string right_root;      // likewise
  std::string inspector_root;  // likewise
};

inline constexpr char kAgreement[] = "isa-demo-cross-border-burglary";
inline constexpr char kLeft[] = "northmere-police";
inline constexpr char kRight[] = "westvale-police";
inline constexpr char kInspector[] = "policing-inspectorate";
inline constexpr char kFlow[] = "persons-for-investigation";
inline constexpr char kPurpose[] = "investigate-series";
// Declared, but not for kFlow: what the demo tries in vain.
inline constexpr char kForbiddenPurpose[] = "tasking-analysis";

// The agreement of the story with the demo's own data.
std::string StoryDocument(const Facts& facts);

// One column of anybody's file, and the field that carries it.
struct MappedColumn {
  std::string column;  // header, trimmed
  std::string field;   // [a-z][a-z0-9_]{1,60}
};

// An agreement that enrols `key` as `opaque/1:<key's field>` and releases
// `columns` as text.
std::string MappedDocument(const Facts& facts, const MappedColumn& key,
                           const std::vector<MappedColumn>& columns);

// Fields for `columns`, distinct, in their order: lower case, `_` for what a
// field's name may not hold.
std::vector<MappedColumn> MapColumns(const std::vector<std::string>& columns);

}  // namespace entente::demo

#endif  // ENTENTE_TESTS_DEMO_DOCUMENT_H_
