#include "policy/diff_registers.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "policy/clause_words.h"
#include "policy/diff_parts.h"
#include "policy/flows_under.h"
#include "policy/overarching.h"
#include "policy/review.h"

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

// Whether what stands above `document` is the same in both sets.
bool SameAbove(const ById& then, const ById& now, const Agreement& document) {
  const std::string* id = &document.under;
  for (size_t tiers = 0; !id->empty() && tiers <= kMaxTiers; ++tiers) {
    const CompiledAgreement* const was = Find(then, *id);
    const CompiledAgreement* const is = Find(now, *id);
    if (was == nullptr && is == nullptr) return true;
    if (!Same(was, is)) return false;
    id = &is->document().under;
  }
  return true;
}

const Agreement* DocumentOf(const CompiledAgreement* agreement) {
  return agreement == nullptr ? nullptr : &agreement->document();
}

// What stands above an agreement in one set, nearest first.
struct Above {
  std::vector<const Agreement*> agreements;
  std::string missing;  // named and not in the set, or a circle; else empty
};

Above AboveOf(const ById& set, const Agreement& document) {
  Above above;
  const std::string* id = &document.under;
  while (!id->empty()) {
    const CompiledAgreement* const one = Find(set, *id);
    if (one == nullptr || above.agreements.size() == kMaxTiers) {
      above.missing = *id;
      break;
    }
    above.agreements.push_back(&one->document());
    id = &one->document().under;
  }
  return above;
}

// What `document` allows in its set; nothing if it is null, or what it stands
// under is not there.
PlacedFlows AllowedIn(const ById& set, const Agreement* document,
                      Above* above) {
  if (document == nullptr) return {};
  *above = AboveOf(set, *document);
  if (!above->missing.empty()) return {};
  return FlowsUnder(*document, above->agreements);
}

// When it is in force: an overdue review suspends it.
std::string ForceOf(const Agreement& agreement) {
  std::string force =
      absl::StrCat("from ", StartOfDayInWords(agreement.valid.from), " until ",
                   StartOfDayInWords(agreement.valid.until));
  for (const Review& review : ReviewsOf(agreement)) {
    absl::StrAppend(&force, ", ", review.what, " by ", DayInWords(review.due));
  }
  return force;
}

// The agreements above in either set that are not the same in both: what of
// each the flows do not tell.
class ChangesAbove {
 public:
  ChangesAbove(const Above& before, const Above& after) {
    for (const Agreement* one : before.agreements) then_[one->id] = one;
    for (const Agreement* one : after.agreements) now_[one->id] = one;
    missing_then_ = before.missing;
    missing_now_ = after.missing;
  }

  // `flows`: whether what is allowed changes on account of them.
  std::vector<Change> Tell(bool flows) const {
    std::vector<Change> changes;
    std::set<std::string> ids;
    for (const auto& [id, one] : then_) ids.insert(id);
    for (const auto& [id, one] : now_) ids.insert(id);
    for (const std::string& id : ids) {
      if (id != missing_now_) TellOf(id, flows, &changes);
    }
    if (missing_then_ == missing_now_) return changes;
    if (!missing_now_.empty()) {
      changes.push_back(
          {ChangeKind::kNewlyRefused, Clause::kUnder, missing_now_, "", "",
           absl::StrCat("The overarching agreement ", missing_now_,
                        " is not among them, so nothing is "
                        "allowed here.")});
    } else if (then_.count(missing_then_) == 0 &&
               now_.count(missing_then_) == 0) {
      changes.push_back(
          {ChangeKind::kNewlyAllowed, Clause::kUnder, missing_then_, "", "",
           absl::StrCat("The overarching agreement ", missing_then_,
                        ", which was not among them, is no "
                        "longer asked for.")});
    }
    return changes;
  }

 private:
  void TellOf(const std::string& id, bool flows,
              std::vector<Change>* changes) const {
    const auto was = then_.find(id);
    const auto is = now_.find(id);
    const std::string before = was == then_.end() ? "" : ForceOf(*was->second);
    const std::string after = is == now_.end() ? "" : ForceOf(*is->second);
    const bool same =
        was != then_.end() && is != now_.end() && *was->second == *is->second;
    if (same || (!flows && before == after)) return;
    std::string sentence =
        absl::StrCat("The overarching agreement ", id,
                     was == then_.end() ? " is new here."
                     : is == now_.end() ? " is no longer there."
                                        : " changes.");
    if (was != then_.end() && is != now_.end() && before != after) {
      absl::StrAppend(&sentence, " It is in force ", after,
                      "; before: ", before, ".");
    }
    if (flows) sentence += " What that does here is said flow by flow.";
    changes->push_back({ChangeKind::kChanged, Clause::kUnder, id, before, after,
                        std::move(sentence)});
  }

  std::map<std::string, const Agreement*> then_;
  std::map<std::string, const Agreement*> now_;
  std::string missing_then_;
  std::string missing_now_;
};

AgreementDiff DiffUnder(const ById& then, const ById& now,
                        const Agreement* before, const Agreement* after) {
  Above above_before;
  Above above_after;
  AgreementDiff diff;
  diff.flows = DiffFlows(AllowedIn(then, before, &above_before),
                         AllowedIn(now, after, &above_after));
  if (before == nullptr || after == nullptr) return diff;
  if (!(*before == *after)) diff.whole = DiffWhole(*before, *after);
  for (Change& change :
       ChangesAbove(above_before, above_after).Tell(!diff.flows.empty())) {
    diff.whole.push_back(std::move(change));
  }
  SortByKind(&diff.whole);
  return diff;
}

// Of agreements that stand under nothing.
AgreementDiff DiffAlone(const Agreement* before, const Agreement* after) {
  if (before != nullptr && after != nullptr) return Diff(*before, *after);
  AgreementDiff diff;
  diff.flows = DiffFlows(before == nullptr ? PlacedFlows() : FlowsOf(*before),
                         after == nullptr ? PlacedFlows() : FlowsOf(*after));
  return diff;
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
    if (Same(was, is) && SameAbove(then, now, is->document())) return;
    AgreementChange change{
        std::string(id), DocumentOf(was), DocumentOf(is), {}};
    change.diff = under ? DiffUnder(then, now, change.before, change.after)
                        : DiffAlone(change.before, change.after);
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
