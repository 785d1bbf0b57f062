// How a ledger goes on in a new part, and whether that continues what was seen.
#ifndef ENTENTE_CLIENT_CONTINUATION_H_
#define ENTENTE_CLIENT_CONTINUATION_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/entry_reader.h"
#include "client/knowledge_table.h"
#include "client/ledger_view.h"
#include "crypto/note.h"
#include "policy/ledger_part.h"

namespace entente::client {

// All parts of one ledger at its keeper.
class LedgerParts {
 public:
  virtual ~LedgerParts() = default;

  // The part of this name, whether or not the keeper has it. Borrowed; good as
  // long as this is.
  virtual EntrySource& Part(const std::string& name) = 0;
};

// A way from what is known of a ledger to its newest part, of which every
// signature and link was verified.
struct ContinuedLedger {
  std::string ledger;
  KeptCheckpoint known;  // what it was compared with
  // The last checkpoint of the part where the way begins, as the part after it
  // names it, and of each that follows. The last is the newest part's.
  std::vector<KeptCheckpoint> parts;
  // What the part after the first of `parts` says of it.
  policy::Continuation says;
  // The newest part's.
  std::string first_entry;
  // SHA-256 of the first entry of each part but the first of `parts`, by
  // number, in hexadecimal.
  std::map<uint32_t, std::string> digests;
  // Entries of the part `known` is of that were seen and that the newest part
  // does not vouch for, from the first up to and without the last.
  uint64_t lost_begin = 0;
  uint64_t lost_end = 0;
  // The entries that it vouches for are not those that were seen.
  bool is_rewritten = false;

  bool is_whole() const { return lost_begin == lost_end; }
  std::string newest() const {
    return policy::PartName(ledger, parts.back().part);
  }
  // Of the newest part's first entry: what somebody accepts.
  const std::string& digest() const { return digests.at(parts.back().part); }
};

// Verifies the way from `known` to the part `newest`: the first entry of each
// part, proved under the key (`first` is the first part's), names exactly the
// last checkpoint of an earlier one. Whether that is what was seen, the result
// says. `known` is of an earlier part than `newest`, or of size 0.
//
// DataLoss (exit 6) if `newest` is no later part of the ledger, or a signature,
// proof or link does not hold; otherwise as the source. One call a part, and
// one more.
absl::StatusOr<ContinuedLedger> FollowParts(LedgerParts& parts,
                                            const crypto::NoteKey& first,
                                            absl::string_view ledger,
                                            const KeptCheckpoint& known,
                                            absl::string_view newest);

// OK if nothing that was seen is missing. Otherwise exit 6 with the entries
// concerned and the way on: LEDGER_ENTRIES_LOST, or LEDGER_REWRITTEN if what is
// there is not what was seen.
absl::Status CheckWhole(const ContinuedLedger& continued);

// Brings `view` to the part `newest`, as FollowParts and CheckWhole; does
// nothing if it is there. DataLoss (exit 6) also if `newest` is an earlier part
// than is known.
absl::Status CatchUp(LedgerView& view, LedgerParts& parts,
                     absl::string_view newest);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_CONTINUATION_H_
