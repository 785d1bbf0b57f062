// A sharing agreement between the agencies of this world.
#ifndef ENTENTE_TESTS_WORLD_DOCUMENT_H_
#define ENTENTE_TESTS_WORLD_DOCUMENT_H_

#include <string>

#include "absl/time/civil_time.h"

namespace entente::world {

// What the document must name of the world that was made.
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
inline constexpr char kInspector[] = "policing-inspectorate";  // overseer
inline constexpr char kPurpose[] = "investigate-series";
inline constexpr char kOtherPurpose[] = "tasking-analysis";

// kLeft and kRight agree on `content`: the blocks `lists`, `datasets` and
// `flows`. Two people sign for each; in force from today, for a year.
std::string FrameDocument(const Facts& facts, const std::string& content);

}  // namespace entente::world

#endif  // ENTENTE_TESTS_WORLD_DOCUMENT_H_
