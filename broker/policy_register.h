// The agreements in memory, as decisions see them.
#ifndef ENTENTE_BROKER_POLICY_REGISTER_H_
#define ENTENTE_BROKER_POLICY_REGISTER_H_

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
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

  // Puts `record` in the place of its namesake; after its commit.
  void Put(policy::AgreementRecord record) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    current_ = current_->With(std::move(record));
  }

  // The same if `before` is still the current snapshot; false, and nothing is
  // done, if not.
  bool PutOnto(const std::shared_ptr<const policy::Register>& before,
               policy::AgreementRecord record) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    if (current_ != before) return false;
    current_ = current_->With(std::move(record));
    return true;
  }

 private:
  mutable absl::Mutex mu_;
  std::shared_ptr<const policy::Register> current_ ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_POLICY_REGISTER_H_
