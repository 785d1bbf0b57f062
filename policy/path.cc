#include "policy/path.h"

#include "absl/strings/str_cat.h"

namespace entente::policy {

std::string Path::Text() const {
  if (parent_ == nullptr) return std::string(key_);
  std::string text = parent_->Text();
  if (index_ == kNoItem) {
    absl::StrAppend(&text, text.empty() ? "" : ".", key_);
  } else {
    absl::StrAppend(&text, "[", index_, "]");
  }
  return text;
}

}  // namespace entente::policy
