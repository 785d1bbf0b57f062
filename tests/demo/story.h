// The main job from beginning to end, as its users run it.
#ifndef ENTENTE_TESTS_DEMO_STORY_H_
#define ENTENTE_TESTS_DEMO_STORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/world/world.h"

namespace entente::demo {

// The two files and what their columns are for.
struct Input {
  std::string left;   // CSV of the sending agency
  std::string right;  // CSV of the receiving agency
  std::string key;    // column of the identifier; empty: the demo's own story
  std::string truth;  // column that says who is who; empty: none
};

// What the programs said, counted.
struct Result {
  int64_t sent = 0;
  int64_t received = 0;
  int64_t matched = 0;
  int64_t correct = 0;
  int64_t wrong = 0;
  int64_t refused = 0;
  int64_t ledger_entries = 0;
  bool ledger_verified = false;
};

// Runs it all in `world`, which Build has made. Leaves `left/`, `right/` and
// `ledger/` in its folder.
absl::StatusOr<Result> RunStory(world::World& world, const Input& input);

}  // namespace entente::demo

#endif  // ENTENTE_TESTS_DEMO_STORY_H_
