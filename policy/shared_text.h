// Words of many agreements, of which each is in memory once.
#ifndef ENTENTE_POLICY_SHARED_TEXT_H_
#define ENTENTE_POLICY_SHARED_TEXT_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace entente::policy {

// `text`, in the one place where it is as long as somebody owns it: the same
// for equal texts. Thread-safe, also the release of it; takes one lock for the
// whole process.
std::shared_ptr<const std::string> ShareText(absl::string_view text);

// For tests: how many different texts are owned.
size_t SharedTexts();

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_SHARED_TEXT_H_
