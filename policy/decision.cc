#include "policy/decision.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "policy/words.h"

namespace entente::policy {
namespace {

template <typename Enum>
std::optional<Enum> FromWord(absl::string_view word) {
  for (const auto& [name, value] : AllWords<Enum>()) {
    if (name == word) return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Requirement> RequirementOf(absl::string_view word) {
  return FromWord<Requirement>(word);
}

std::optional<Method> MethodOf(absl::string_view word) {
  return FromWord<Method>(word);
}

std::string Failure::Code() const {
  if (item.empty()) return std::string(CodeOf(reason));
  return absl::StrCat(CodeOf(reason), ":", item);
}

std::string Failure::Remedy() const {
  const ReasonInfo& info = InfoOf(reason);
  if (info.who.empty()) return std::string(info.remedy);
  return absl::StrCat(info.remedy, "; ask ", info.who);
}

}  // namespace entente::policy
