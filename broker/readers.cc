#include "broker/readers.h"

#include <string>

namespace entente::broker {

namespace {

bool IsNamedIn(const policy::VersionRecord& version, absl::string_view agency) {
  return version.agreement->IsParty(agency) ||
         version.agreement->document().overseers.count(std::string(agency)) !=
             0;
}

}  // namespace

bool MayRead(const policy::AgreementRecord* record, absl::string_view agency) {
  return record != nullptr && HighestFor(*record, agency) != nullptr;
}

bool MayReadVersion(const policy::AgreementRecord& record, int64_t version,
                    absl::string_view agency) {
  const policy::VersionRecord* const highest = HighestFor(record, agency);
  return record.versions.count(version) != 0 && highest != nullptr &&
         version <= highest->agreement->document().version;
}

const policy::VersionRecord* VersionFor(const policy::AgreementRecord& record,
                                        absl::string_view agency,
                                        absl::Time now) {
  for (auto it = record.versions.rbegin(); it != record.versions.rend(); ++it) {
    const policy::VersionRecord& version = it->second;
    if (version.activated && version.agreement->from() <= now &&
        IsNamedIn(version, agency)) {
      return &version;
    }
  }
  return HighestFor(record, agency);
}

const policy::VersionRecord* HighestFor(const policy::AgreementRecord& record,
                                        absl::string_view agency) {
  if (agency.empty()) return nullptr;
  for (auto it = record.versions.rbegin(); it != record.versions.rend(); ++it) {
    if (IsNamedIn(it->second, agency)) return &it->second;
  }
  return nullptr;
}

}  // namespace entente::broker
