// The agreements in memory, as decisions see them.
#ifndef ENTENTE_BROKER_POLICY_REGISTER_H_
#define ENTENTE_BROKER_POLICY_REGISTER_H_

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "policy/register.h"

namespace entente::broker {

// Holds the current snapshot. A call in flight keeps the one that it took.
// Thread-safe.
class PolicyRegister {
 public:
  PolicyRegister() : current_(policy::Register::Create({})) {}

  std::shared_ptr<const policy::Register> Get() const ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    return current_;
  }

  // Puts all of another in the place of this; before anybody decides on it.
  void Fill(std::shared_ptr<const policy::Register> loaded)
      ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    current_ = std::move(loaded);
  }

  // Puts `record` in the place of its namesake; after its commit. Whether the
  // quorum of witnesses is missing is in no row: it stays as it was, here and
  // below.
  void Put(policy::AgreementRecord record) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    KeepQuorum(&record);
    current_ = current_->With(std::move(record));
  }

  // The same if `before` is still the current snapshot; false, and nothing is
  // done, if not.
  bool PutOnto(const std::shared_ptr<const policy::Register>& before,
               policy::AgreementRecord record) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    if (current_ != before) return false;
    KeepQuorum(&record);
    current_ = current_->With(std::move(record));
    return true;
  }

  // Says whether the quorum of witnesses of agreement `id` is missing. True if
  // that is new; nothing is done if there is no such agreement.
  bool SetQuorumMissing(absl::string_view id, bool is_missing)
      ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    const policy::AgreementRecord* known = current_->Find(id);
    if (known == nullptr || known->quorum_missing == is_missing) return false;
    policy::AgreementRecord record = *known;
    record.quorum_missing = is_missing;
    current_ = current_->With(std::move(record));
    return true;
  }

 private:
  void KeepQuorum(policy::AgreementRecord* record) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const policy::AgreementRecord* known = current_->Find(record->id);
    if (known != nullptr) record->quorum_missing = known->quorum_missing;
  }

  mutable absl::Mutex mu_;
  std::shared_ptr<const policy::Register> current_ ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_POLICY_REGISTER_H_
