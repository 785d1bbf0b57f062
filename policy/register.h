// All agreements that a broker or a client knows, with their state: the
// snapshot on which decisions are made.
#ifndef ENTENTE_POLICY_REGISTER_H_
#define ENTENTE_POLICY_REGISTER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/compiled_agreement.h"
#include "policy/decision_table.h"

namespace entente::policy {

// One version and how far it has come.
struct VersionRecord {
  std::shared_ptr<const CompiledAgreement> agreement;  // never null
  // Lines still to be signed, as `party: name`; empty if fully signed.
  std::vector<std::string> missing;
  // Whether the activation is in the ledger. Never true while lines are
  // missing.
  bool activated = false;
};

// One agreement with all its versions.
struct AgreementRecord {
  std::string id;
  std::map<int64_t, VersionRecord> versions;
  // Parties that have suspended the whole agreement, and parties that have
  // suspended their own sending.
  std::set<std::string> suspended_by;
  std::set<std::string> sending_suspended_by;
  // Parties that have withdrawn, each with the highest version that it left.
  std::map<std::string, int64_t> withdrawn;
  // Ended for good: no two parties were left.
  bool terminated = false;
  // Whether the quorum of the witnesses that the version in force names has
  // been missing for longer than it states. Only a broker knows; not in
  // anything that is signed.
  bool quorum_missing = false;

  // The version in force at `now`: the highest one activated whose first
  // instant has come, also if it has expired. Null if there is none.
  const VersionRecord* CurrentAt(absl::Time now) const;

  // The instant from which `version`, itself activated, is superseded: when
  // the next fully signed version starts, plus its handover days if it follows
  // directly. InfiniteFuture if nothing supersedes it. What is not activated
  // at `now` supersedes nothing before `now`.
  absl::Time SupersededFrom(int64_t version, absl::Time now) const;

  // Whether `agency` has left `version`.
  bool HasWithdrawn(const std::string& agency, int64_t version) const;

  // Whether `agency` is a party of any version.
  bool IsParty(absl::string_view agency) const;

  // Those whose suspension of the whole agreement holds `version`, which must
  // exist: parties of it. That of an agency which a version no longer names
  // holds those that do, and not this one. Whoever leaves lifts its own.
  std::vector<std::string> SuspendedBy(int64_t version) const;
  bool IsSuspended(int64_t version) const;

  // Whether `version`, which must exist, allows nothing because it requires the
  // quorum that is missing.
  bool WaitsForWitnesses(int64_t version) const;

  // Whether `version`, which must exist, is in force at `now` or may come into
  // force: not ended, expired or superseded, nor passed over by a later one.
  bool IsOpen(int64_t version, absl::Time now) const;

  // `version in force: 2`, or that none is.
  std::string VersionInForce(absl::Time now) const;
};

// Immutable and thread-safe; shared by all calls in flight. A change makes a
// new one, in time linear in the number of agreements.
class Register {
 public:
  // Of two records with one id the last counts.
  static std::shared_ptr<const Register> Create(
      std::vector<AgreementRecord> records);

  // This register with `record` added or put in the place of its namesake.
  std::shared_ptr<const Register> With(AgreementRecord record) const;

  // What a decision needs of one agreement.
  struct Known {
    absl::InlinedVector<char, 32> id;
    // Set if the latest version is signed, activated, under no overarching
    // agreement and nobody suspended, left or ended anything, and no quorum is
    // missing: then its days are all that can stand against this one version,
    // and the record need not be read.
    std::shared_ptr<const CompiledAgreement> settled;
    int64_t settled_version = 0;
    absl::Time from;
    absl::Time until;  // or the day on which a review is overdue, if earlier
    // A copy of the table of `settled` that lies right behind this, so that
    // both come from memory at once.
    DecisionTable::View table;
    std::shared_ptr<const AgreementRecord> record;

    absl::string_view Id() const { return {id.data(), id.size()}; }
  };
  using Entry = std::shared_ptr<const Known>;

  // Null if the register has no agreement of this id.
  const AgreementRecord* Find(absl::string_view id) const;
  const Entry* FindEntry(absl::string_view id) const;

  // All ids, in order of their bytes.
  std::vector<std::string> Ids() const;

  size_t size() const { return records_.size(); }

 private:
  Register() = default;

  // By id.
  struct Hash {
    using is_transparent = void;
    size_t operator()(absl::string_view id) const;
    size_t operator()(const Entry& entry) const { return (*this)(entry->Id()); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Entry& a, const Entry& b) const {
      return a->Id() == b->Id();
    }
    bool operator()(const Entry& a, absl::string_view b) const;
  };

  void Put(AgreementRecord record);

  absl::flat_hash_set<Entry, Hash, Equal> records_;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_REGISTER_H_
