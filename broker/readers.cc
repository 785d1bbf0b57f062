#include "broker/readers.h"

#include <algorithm>
#include <string>

namespace entente::broker {

bool MayRead(const policy::AgreementRecord* record, absl::string_view agency) {
  if (record == nullptr || agency.empty()) return false;
  if (record->IsParty(agency)) return true;
  const std::string id(agency);
  return std::any_of(
      record->versions.begin(), record->versions.end(),
      [&](const auto& version) {
        return version.second.agreement->document().overseers.count(id) != 0;
      });
}

}  // namespace entente::broker
