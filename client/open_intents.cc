#include "client/open_intents.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/entry_row.h"
#include "policy/break_glass.h"

namespace entente::client {
namespace {

using policy::EntryKind;

std::string DetailNamed(const policy::LedgerEntry& entry, const char* name) {
  const auto found = entry.detail.find(name);
  return found == entry.detail.end() ? "" : found->second;
}

// The instant that `entry` has under `name`; `otherwise` if it has none.
absl::Time InstantNamed(const policy::LedgerEntry& entry, const char* name,
                        absl::Time otherwise) {
  absl::Time time;
  std::string ignored;
  return absl::ParseTime(absl::RFC3339_full, DetailNamed(entry, name), &time,
                         &ignored)
             ? time
             : otherwise;
}

// Whether `place` comes before the page that `plan` means.
bool IsBefore(const SearchPlan& plan, const Place& place) {
  if (!plan.from.has_value()) return false;
  const auto at = std::pair(place.part, place.index);
  const auto from = std::pair(plan.from->part, plan.from->index);
  return plan.order == Order::kNewestFirst ? at > from : at < from;
}

// The digits of a grant or a batch by which people know it.
std::string ShortId(const std::string& id) { return id.substr(0, 8); }

}  // namespace

void OpenIntents::See(const Place& place, const policy::LedgerEntry& entry) {
  latest_ = std::max(latest_, entry.time);
  switch (entry.kind) {
    case EntryKind::kQuery:
    case EntryKind::kAnswer:
      ++unpaired_;
      return;
    case EntryKind::kBrokerStarted:
    case EntryKind::kBrokerStopped:
      return SeeStart(place, entry);
    default:
      break;
  }
  if (entry.outcome != policy::Outcome::kAllow) return;
  const std::string batch = absl::StrCat(entry.sender, " ", entry.batch);
  switch (entry.kind) {
    case EntryKind::kBatch:
      batches_[batch] = {
          {place, entry.kind,
           absl::StrCat("batch ", ShortId(entry.batch), " of ", entry.sender,
                        " to ", entry.recipient, " was accepted on ",
                        UtcTime(entry.time),
                        " and nothing says that it was delivered")},
          entry.time + kDeliveryWait};
      return;
    case EntryKind::kDelivery:
      batches_.erase(batch);
      return;
    case EntryKind::kBreakGlassAsked:
    case EntryKind::kBreakGlassApproved:
    case EntryKind::kBreakGlassEnded:
    case EntryKind::kBreakGlassReported:
      return SeeGrant(place, entry);
    default:
      return;
  }
}

void OpenIntents::SeeGrant(const Place& place,
                           const policy::LedgerEntry& entry) {
  const std::string grant = DetailNamed(entry, "break_glass");
  const std::string name = absl::StrCat("break-glass ", ShortId(grant));
  switch (entry.kind) {
    case EntryKind::kBreakGlassAsked:
      grants_[grant] = {
          {place, entry.kind,
           absl::StrCat(name, " was asked for on ", UtcTime(entry.time),
                        " and was neither approved nor ended")},
          entry.time + policy::kMaxApprovalWait + kEndSlack};
      return;
    case EntryKind::kBreakGlassApproved: {
      const absl::Time until = InstantNamed(
          entry, "until",
          entry.time + absl::Minutes(policy::kMaxBreakGlassMinutes));
      grants_[grant] = {{place, entry.kind,
                         absl::StrCat(name, " was approved until ",
                                      UtcTime(until), " and never ended")},
                        until + kEndSlack};
      return;
    }
    case EntryKind::kBreakGlassEnded: {
      const absl::Time due =
          InstantNamed(entry, "report_due", absl::InfiniteFuture());
      // Nothing is due of what was never approved.
      if (due == absl::InfiniteFuture()) {
        grants_.erase(grant);
        return;
      }
      grants_[grant] = {
          {place, entry.kind,
           absl::StrCat(name, " ended, and the report that was due on ",
                        UtcTime(due), " was not filed")},
          due};
      return;
    }
    default:
      grants_.erase(grant);
  }
}

void OpenIntents::SeeStart(const Place& place,
                           const policy::LedgerEntry& entry) {
  if (entry.kind == EntryKind::kBrokerStopped) {
    start_.reset();
    return;
  }
  if (start_.has_value()) stopless_.push_back(start_->intent);
  start_ = Waiting{
      {place, entry.kind,
       absl::StrCat("the broker started on ", UtcTime(entry.time),
                    " and started again without having stopped: it crashed, "
                    "or was killed")},
      absl::InfiniteFuture()};
}

std::vector<OpenIntent> OpenIntents::Overdue(absl::Time as_of) const {
  std::vector<OpenIntent> overdue = stopless_;
  for (const auto* waiting : {&grants_, &batches_}) {
    for (const auto& [id, one] : *waiting) {
      if (one.due < as_of) overdue.push_back(one.intent);
    }
  }
  std::sort(overdue.begin(), overdue.end(),
            [](const OpenIntent& a, const OpenIntent& b) {
              return std::pair(a.place.part, a.place.index) <
                     std::pair(b.place.part, b.place.index);
            });
  return overdue;
}

absl::StatusOr<SearchPage> SearchOpen(std::vector<ReadablePart>& parts,
                                      const SearchPlan& plan,
                                      std::optional<absl::Time> now) {
  OpenIntents intents;
  const absl::Status seen =
      ForEachEntry(parts, {}, [&](const FoundEntry& found) {
        intents.See(found.place, found.entry);
        return absl::OkStatus();
      });
  if (!seen.ok()) return seen;
  std::vector<OpenIntent> open =
      intents.Overdue(now.value_or(intents.latest()));
  if (plan.order == Order::kNewestFirst) std::reverse(open.begin(), open.end());
  SearchPage page;
  for (const OpenIntent& intent : open) {
    if (IsBefore(plan, intent.place)) continue;
    const auto part = std::find_if(
        parts.begin(), parts.end(),
        [&](const ReadablePart& one) { return one.part == intent.place.part; });
    if (part == parts.end()) return absl::InternalError("a part has gone");
    absl::StatusOr<FoundEntry> entry = ReadEntry(*part->log, intent.place);
    if (!entry.ok()) return entry.status();
    if (!plan.filter.Matches(intent.place.index, entry->entry)) continue;
    if (page.found.size() == plan.limit) {
      page.next = intent.place;
      break;
    }
    page.found.push_back(*std::move(entry));
  }
  return page;
}

}  // namespace entente::client
