#include "client/version_name.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "policy/text.h"

namespace entente::client {

std::optional<VersionName> ParseVersionName(absl::string_view name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  if (parts.size() > 2 || !policy::kAgreementId.matches(parts[0])) {
    return std::nullopt;
  }
  VersionName named{parts[0], 0};
  if (parts.size() == 1) return named;
  const std::string& version = parts[1];
  if (version.empty() || version[0] == '0' ||
      !absl::ascii_isdigit(version[0]) ||
      !absl::SimpleAtoi(version, &named.version)) {
    return std::nullopt;
  }
  return named;
}

}  // namespace entente::client
