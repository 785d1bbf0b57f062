#include "broker/write_probe.h"

#include <vector>

namespace entente::broker {

absl::Status ProbeWriting(Sequencer& sequencer) {
  return sequencer
      .Run([](Transaction& transaction)
               -> absl::StatusOr<std::vector<PendingEntry>> {
        // No agency's id begins with a space. Larger than what fits beside
        // other rows, so that it takes pages of its own.
        absl::Status done =
            transaction
                .Query(
                    "INSERT INTO agencies (id, name, root_digest, root_pem, "
                    "added_ms) VALUES (' probe', '', "
                    "hex(zeroblob(32)), hex(zeroblob(4096)), 0)")
                .Run();
        if (!done.ok()) return done;
        done =
            transaction.Query("DELETE FROM agencies WHERE id = ' probe'").Run();
        if (!done.ok()) return done;
        return std::vector<PendingEntry>();
      })
      .status();
}

}  // namespace entente::broker
