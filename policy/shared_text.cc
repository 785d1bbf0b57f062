#include "policy/shared_text.h"

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace entente::policy {
namespace {

struct Texts {
  absl::Mutex mu;
  // By what they are, which lies in them.
  absl::flat_hash_map<absl::string_view, std::weak_ptr<const std::string>> known
      ABSL_GUARDED_BY(mu);
};

// Never destroyed: texts may outlive every other object.
Texts& All() {
  static auto* const all = new Texts();
  return *all;
}

void Release(const std::string* text) {
  {
    Texts& all = All();
    const absl::MutexLock lock(&all.mu);
    const auto found = all.known.find(*text);
    // Somebody who came meanwhile may have put another in its place.
    if (found != all.known.end() && found->first.data() == text->data()) {
      all.known.erase(found);
    }
  }
  delete text;
}

}  // namespace

std::shared_ptr<const std::string> ShareText(absl::string_view text) {
  Texts& all = All();
  const absl::MutexLock lock(&all.mu);
  const auto found = all.known.find(text);
  if (found != all.known.end()) {
    if (auto owned = found->second.lock(); owned != nullptr) return owned;
    all.known.erase(found);
  }
  std::shared_ptr<const std::string> made(new std::string(text), Release);
  all.known.emplace(*made, made);
  return made;
}

size_t SharedTexts() {
  Texts& all = All();
  const absl::MutexLock lock(&all.mu);
  return all.known.size();
}

}  // namespace entente::policy
