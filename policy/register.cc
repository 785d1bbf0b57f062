#include "policy/register.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::policy {

const VersionRecord* AgreementRecord::CurrentAt(absl::Time now) const {
  for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
    const VersionRecord& version = it->second;
    if (version.activated && version.agreement->from() <= now) return &version;
  }
  return nullptr;
}

absl::Time AgreementRecord::SupersededFrom(int64_t version,
                                           absl::Time now) const {
  absl::Time first = absl::InfiniteFuture();
  for (auto it = versions.upper_bound(version); it != versions.end(); ++it) {
    const VersionRecord& later = it->second;
    const absl::Time from = later.agreement->from();
    if (!later.missing.empty() || (!later.activated && from <= now)) continue;
    const int64_t handover =
        it->first == version + 1
            ? later.agreement->document().valid.handover_days
            : 0;
    first = std::min(first, from + absl::Hours(24) * handover);
  }
  return first;
}

bool AgreementRecord::HasWithdrawn(const std::string& agency,
                                   int64_t version) const {
  const auto left = withdrawn.find(agency);
  return left != withdrawn.end() && version <= left->second;
}

bool AgreementRecord::IsParty(absl::string_view agency) const {
  return std::any_of(versions.begin(), versions.end(), [&](const auto& entry) {
    return entry.second.agreement->IsParty(agency);
  });
}

std::vector<std::string> AgreementRecord::SuspendedBy(int64_t version) const {
  std::vector<std::string> agencies;
  const CompiledAgreement& agreement = *versions.at(version).agreement;
  for (const std::string& agency : suspended_by) {
    if (agreement.IsParty(agency)) agencies.push_back(agency);
  }
  return agencies;
}

bool AgreementRecord::IsSuspended(int64_t version) const {
  return !suspended_by.empty() && !SuspendedBy(version).empty();
}

bool AgreementRecord::IsOpen(int64_t version, absl::Time now) const {
  const VersionRecord& at = versions.at(version);
  if (terminated || now >= at.agreement->until()) return false;
  if (at.activated) return now < SupersededFrom(version, now);
  return std::none_of(versions.upper_bound(version), versions.end(),
                      [](const auto& later) { return later.second.activated; });
}

std::string AgreementRecord::VersionInForce(absl::Time now) const {
  const VersionRecord* const current = CurrentAt(now);
  return current == nullptr
             ? "no version is in force"
             : absl::StrCat("version in force: ",
                            current->agreement->document().version);
}

std::shared_ptr<const Register> Register::Create(
    std::vector<AgreementRecord> records) {
  std::shared_ptr<Register> created(new Register());
  for (AgreementRecord& record : records) created->Put(std::move(record));
  return created;
}

std::shared_ptr<const Register> Register::With(AgreementRecord record) const {
  std::shared_ptr<Register> changed(new Register());
  changed->records_ = records_;
  changed->Put(std::move(record));
  return changed;
}

void Register::Put(AgreementRecord record) {
  Known known;
  if (!record.versions.empty() && !record.terminated &&
      record.suspended_by.empty() && record.sending_suspended_by.empty() &&
      record.withdrawn.empty()) {
    const auto& [number, latest] = *record.versions.rbegin();
    if (latest.activated && latest.missing.empty() &&
        latest.agreement->document().under.empty()) {
      known.settled = latest.agreement;
      known.settled_version = number;
      known.table = latest.agreement->table().memory();
      known.table_bytes = latest.agreement->table().bytes();
    }
  }
  std::string id = record.id;
  known.record = std::make_shared<const AgreementRecord>(std::move(record));
  records_[std::move(id)] = std::move(known);
}

const Register::Known* Register::FindKnown(absl::string_view id) const {
  const auto found = records_.find(id);
  return found == records_.end() ? nullptr : &found->second;
}

const AgreementRecord* Register::Find(absl::string_view id) const {
  const Known* const known = FindKnown(id);
  return known == nullptr ? nullptr : known->record.get();
}

std::vector<std::string> Register::Ids() const {
  std::vector<std::string> ids;
  ids.reserve(records_.size());
  for (const auto& [id, known] : records_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace entente::policy
