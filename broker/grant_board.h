// The break-glass grants in memory: for notices, and for what must not wait
// for the store.
#ifndef ENTENTE_BROKER_GRANT_BOARD_H_
#define ENTENTE_BROKER_GRANT_BOARD_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/grant_state.h"

namespace entente::broker {

// Holds every grant about which something was done since the broker started,
// and those that were not settled then. Thread-safe.
class GrantBoard {
 public:
  // Takes a state that was read from the store, unless a newer one is there:
  // calls may come in any order.
  void Put(GrantState state) ABSL_LOCKS_EXCLUDED(mu_);

  // Whether what was sent under `grant` (hex) may be handed over at `now`. No
  // for a grant that is not known here, and for a drill.
  bool IsOpen(absl::string_view agreement, absl::string_view grant,
              absl::Time now) const ABSL_LOCKS_EXCLUDED(mu_);

  // Those of one agreement that parties are to be told of at `now`: asked,
  // open, or with a report that is due. The oldest first.
  std::vector<GrantState> ToTell(absl::string_view agreement,
                                 absl::Time now) const ABSL_LOCKS_EXCLUDED(mu_);

  // All, by agreement and grant.
  std::vector<GrantState> All() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  mutable absl::Mutex mu_;
  // By agreement and grant.
  std::map<std::pair<std::string, std::string>, GrantState> grants_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_GRANT_BOARD_H_
