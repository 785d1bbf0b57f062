// Who must have cosigned a log, in one file: c2sp.org/tlog-policy.
#ifndef ENTENTE_CRYPTO_TLOG_POLICY_H_
#define ENTENTE_CRYPTO_TLOG_POLICY_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/checkpoint.h"
#include "crypto/cosignature.h"
#include "crypto/note.h"

namespace entente::crypto {

// The longest file that is read, and the most witnesses and groups in it.
inline constexpr size_t kMaxTlogPolicyBytes = 64 << 10;
inline constexpr size_t kMaxTlogPolicyNames = 100;

struct PolicyLog {
  NoteKey key;
  std::string url;  // may be empty
};

struct PolicyWitness {
  std::string name;  // in the file; need not be the key's
  NoteKey key;
  std::string url;  // may be empty
};

// A checkpoint that its log signed and enough witnesses cosigned.
struct Witnessed {
  Checkpoint checkpoint;
  std::vector<Cosignature> cosignatures;  // of witnesses in the file
};

// Lines of
//   log <vkey> [url]
//   witness <name> <vkey> [url]
//   group <name> all|any|<k> <name>…
//   quorum <name>|none
// and comments after `#`. What is named was defined above; a witness or group
// is in one group at most; there is one quorum. Immutable; thread-safe.
class TlogPolicy {
 public:
  // InvalidArgument, `<line>: <what is wrong>`. Safe on hostile input.
  static absl::StatusOr<TlogPolicy> Parse(absl::string_view text);

  const std::vector<PolicyLog>& logs() const { return logs_; }
  const std::vector<PolicyWitness>& witnesses() const { return witnesses_; }
  // Whether the file asks for any cosignature at all.
  bool WantsWitnesses() const { return quorum_ != kNone; }

  // Whether the witnesses `names`, as the file calls them, are a quorum.
  bool IsQuorum(const std::set<std::string>& names) const;

  // Reads a checkpoint. NotFound if no log of the file signed it; DataLoss if a
  // line of a known key does not verify, or the origin is not the key's name;
  // FailedPrecondition, naming who is missing, without a quorum;
  // InvalidArgument if it is malformed.
  absl::StatusOr<Witnessed> Open(absl::string_view note) const;

 private:
  friend class TlogPolicyReader;

  static constexpr int kNone = -1;

  // A witness, or a group of them: an index below into witnesses_.
  struct Member {
    std::string name;
    int witness = kNone;       // of witnesses_, or kNone for a group
    std::vector<int> members;  // of members_
    size_t needed = 0;         // of them
    bool is_taken = false;     // by a group
  };

  bool Satisfied(int member, const std::set<std::string>& names) const;

  std::vector<PolicyLog> logs_;
  std::vector<PolicyWitness> witnesses_;
  std::vector<Member> members_;
  int quorum_ = kNone;
};

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_TLOG_POLICY_H_
