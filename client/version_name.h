// Versions of agreements as commands name them.
#ifndef ENTENTE_CLIENT_VERSION_NAME_H_
#define ENTENTE_CLIENT_VERSION_NAME_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace entente::client {

// A version at the broker.
struct VersionName {
  std::string agreement;
  uint32_t version = 0;  // 0: the one in force, or else the highest

  bool operator==(const VersionName&) const = default;
};

// `isa-burglary-2026/3`, or `isa-burglary-2026`. None for anything else: it
// names a file. A file of such a name is written `./isa-burglary-2026`.
std::optional<VersionName> ParseVersionName(absl::string_view name);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_VERSION_NAME_H_
