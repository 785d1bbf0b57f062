// What a replay of past acts gives in sum.
#ifndef ENTENTE_CLIENT_REPLAY_SUMS_H_
#define ENTENTE_CLIENT_REPLAY_SUMS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "client/entry_search.h"
#include "client/output.h"
#include "policy/replay.h"

namespace entente::client {

// Whose acts flip, and about what.
struct FlipRoute {
  std::string sender;
  std::string recipient;
  std::string purpose;
  std::string dataset;

  auto operator<=>(const FlipRoute&) const = default;
};

// Acts of one route that the draft answers differently.
struct Flips {
  uint64_t acts = 0;
  uint64_t records = 0;
  // How many of them for each reason, and the clauses: of the draft's refusal,
  // or of the past one.
  std::map<std::pair<std::string, std::string>, uint64_t> reasons;
  std::vector<Place> entries;
};

// A field that would not go any more, or would go as well, with acts that are
// allowed then and now.
struct FieldFlip {
  FlipRoute route;
  std::string field;
  bool gained = false;

  auto operator<=>(const FieldFlip&) const = default;
};

// Not thread-safe. Memory for each act that flips.
class ReplaySums {
 public:
  // `act` is what the replay says of `found`.
  void Add(const FoundEntry& found, const policy::ReplayedAct& act);

  uint64_t acts() const { return acts_; }
  bool flips() const {
    return !newly_refused_.empty() || !newly_allowed_.empty() ||
           !fields_.empty();
  }

  // {"same_allowed","same_refused","newly_refused","newly_allowed","fields",
  // "not_replayed"}, the last four as lists.
  Record ToRecord() const;
  // The same for people: lines of at most 80 columns.
  std::string InWords() const;

 private:
  std::map<FlipRoute, Flips> newly_refused_;
  std::map<FlipRoute, Flips> newly_allowed_;
  std::map<FieldFlip, Flips> fields_;
  std::map<std::string, uint64_t> not_replayed_;  // by why not
  uint64_t same_allowed_ = 0;
  uint64_t same_refused_ = 0;
  uint64_t acts_ = 0;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_REPLAY_SUMS_H_
