#include "policy/register.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"

namespace entente::policy {
namespace {

// Memory for one object with `room` bytes behind it, and where those are.
template <typename T>
class WithRoom {
 public:
  using value_type = T;

  WithRoom(size_t room, uint8_t** behind) : room_(room), behind_(behind) {}
  template <typename U>
  WithRoom(const WithRoom<U>& other)  // NOLINT: as allocators are converted
      : room_(other.room_), behind_(other.behind_) {}

  T* allocate(size_t count) {
    const size_t own =
        (count * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    void* const memory = operator new(own + room_,
                                      std::align_val_t(kAlignment));
    *behind_ = static_cast<uint8_t*>(memory) + own;
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, size_t /*count*/) {
    operator delete(memory, std::align_val_t(kAlignment));
  }
  bool operator==(const WithRoom&) const = default;

 private:
  template <typename U>
  friend class WithRoom;
  static constexpr size_t kAlignment = DecisionTable::kAlignment;
  size_t room_;
  uint8_t** behind_;
};

}  // namespace

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

bool AgreementRecord::WaitsForWitnesses(int64_t version) const {
  return quorum_missing && versions.at(version).agreement->document().witness ==
                               Witness::kRequired;
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

bool Register::Equal::operator()(const Entry& a, absl::string_view b) const {
  // Most that are compared are the one that was looked for, so what a decision
  // reads next is asked for while the names are compared.
  constexpr size_t kLine = 64;
  constexpr size_t kNext = sizeof(Known) + 3 * kLine;
  const auto* const begin = reinterpret_cast<const uint8_t*>(a.get());
  for (size_t at = 0; at < kNext; at += kLine) __builtin_prefetch(begin + at);
  return a->Id() == b;
}

void Register::Put(AgreementRecord record) {
  Known known;
  known.id.assign(record.id.begin(), record.id.end());
  const DecisionTable* table = nullptr;
  if (!record.versions.empty() && !record.terminated &&
      record.suspended_by.empty() && record.sending_suspended_by.empty() &&
      record.withdrawn.empty() && !record.quorum_missing) {
    const auto& [number, latest] = *record.versions.rbegin();
    if (latest.activated && latest.missing.empty() &&
        latest.agreement->document().under.empty()) {
      known.settled = latest.agreement;
      known.settled_version = number;
      known.from = latest.agreement->from();
      known.until =
          std::min(latest.agreement->until(), latest.agreement->overdue());
      table = &latest.agreement->table();
    }
  }
  known.record = std::make_shared<const AgreementRecord>(std::move(record));
  uint8_t* behind = nullptr;
  const auto entry = std::allocate_shared<Known>(
      WithRoom<Known>(table == nullptr ? 0 : table->bytes(), &behind),
      std::move(known));
  if (table != nullptr) {
    std::memcpy(behind, table->memory(), table->bytes());
    entry->table = DecisionTable::View(behind);
  }
  records_.erase(entry);
  records_.insert(entry);
}

size_t Register::Hash::operator()(absl::string_view id) const {
  return absl::Hash<absl::string_view>()(id);
}

const Register::Entry* Register::FindEntry(absl::string_view id) const {
  const auto found = records_.find(id);
  return found == records_.end() ? nullptr : &*found;
}

const AgreementRecord* Register::Find(absl::string_view id) const {
  const Entry* const entry = FindEntry(id);
  return entry == nullptr ? nullptr : (*entry)->record.get();
}

std::vector<std::string> Register::Ids() const {
  std::vector<std::string> ids;
  ids.reserve(records_.size());
  for (const Entry& entry : records_) ids.emplace_back(entry->Id());
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace entente::policy
