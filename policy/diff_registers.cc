#include "policy/diff_registers.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "policy/diff_parts.h"

namespace entente::policy {
namespace {

using ById = absl::flat_hash_map<absl::string_view, const CompiledAgreement*>;

ById Indexed(absl::Span<const CompiledAgreement* const> agreements) {
  ById by_id;
  by_id.reserve(agreements.size());
  for (const CompiledAgreement* one : agreements) {
    by_id[one->document().id] = one;
  }
  return by_id;
}

const CompiledAgreement* Find(const ById& agreements, absl::string_view id) {
  const auto found = agreements.find(id);
  return found == agreements.end() ? nullptr : found->second;
}

bool Same(const CompiledAgreement* a, const CompiledAgreement* b) {
  return a != nullptr && b != nullptr && a->digest() == b->digest();
}

const Agreement* DocumentOf(const CompiledAgreement* agreement) {
  return agreement == nullptr ? nullptr : &agreement->document();
}

AgreementDiff DiffOf(const Agreement* before, const Agreement* after) {
  if (before != nullptr && after != nullptr) return Diff(*before, *after);
  return before == nullptr ? DiffPresence(*after, true)
                           : DiffPresence(*before, false);
}

// The agreements above `id` in either set that are not the same in both.
std::set<std::string> ChangedAbove(const ById& before, const ById& after,
                                   absl::string_view id) {
  std::set<std::string> changed;
  for (const ById* side : {&before, &after}) {
    std::set<std::string> seen;
    const CompiledAgreement* at = Find(*side, id);
    while (at != nullptr && !at->document().under.empty() &&
           seen.insert(at->document().under).second) {
      const std::string& above = at->document().under;
      if (!Same(Find(before, above), Find(after, above))) changed.insert(above);
      at = Find(*side, above);
    }
  }
  return changed;
}

void AddChangesAbove(const ById& before, const ById& after,
                     AgreementChange* change) {
  if (change->before == nullptr || change->after == nullptr) return;
  for (const std::string& above : ChangedAbove(before, after, change->id)) {
    change->diff.whole.push_back(
        {ChangeKind::kChanged, Clause::kUnder, above, "", "",
         absl::StrCat("The overarching agreement ", above,
                      " changes, and with it what is allowed here: only what "
                      "both allow.")});
  }
}

}  // namespace

std::vector<AgreementChange> DiffRegisters(
    absl::Span<const CompiledAgreement* const> before,
    absl::Span<const CompiledAgreement* const> after) {
  const ById then = Indexed(before);
  const ById now = Indexed(after);
  std::vector<AgreementChange> changes;
  const auto add = [&](absl::string_view id) {
    const CompiledAgreement* const was = Find(then, id);
    const CompiledAgreement* const is = Find(now, id);
    const bool under = (was != nullptr && !was->document().under.empty()) ||
                       (is != nullptr && !is->document().under.empty());
    if (Same(was, is) && !under) return;
    AgreementChange change{
        std::string(id), DocumentOf(was), DocumentOf(is), {}};
    if (!Same(was, is)) change.diff = DiffOf(change.before, change.after);
    if (under) AddChangesAbove(then, now, &change);
    if (!change.diff.empty()) changes.push_back(std::move(change));
  };
  for (const auto& [id, one] : now) add(id);
  for (const auto& [id, one] : then) {
    if (!now.contains(id)) add(id);
  }
  std::sort(changes.begin(), changes.end(),
            [](const AgreementChange& a, const AgreementChange& b) {
              return a.id < b.id;
            });
  return changes;
}

}  // namespace entente::policy
