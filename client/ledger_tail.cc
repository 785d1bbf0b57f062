#include "client/ledger_tail.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "client/error.h"

namespace entente::client {

absl::Status LedgerTail::Begin(std::vector<ReadablePart>& parts) {
  SearchPage page;
  if (last_ > 0) {
    SearchPlan plan;
    plan.filter = filter_;
    plan.limit = last_;
    absl::StatusOr<SearchPage> found = SearchParts(parts, plan);
    if (!found.ok()) return found.status();
    page = *std::move(found);
  }
  std::reverse(page.found.begin(), page.found.end());
  for (const FoundEntry& entry : page.found) {
    if (absl::Status shown = show_(entry); !shown.ok()) return shown;
  }
  for (const ReadablePart& part : parts) {
    const uint64_t size = part.log->size();
    seen_[part.part] = {size, part.log->checkpoint().root, size};
  }
  begun_ = true;
  return absl::OkStatus();
}

absl::Status LedgerTail::GoOn(ReadablePart& part, Seen* seen) {
  ProvedLog& log = *part.log;
  if (seen->size > 0) {
    const absl::Status extends = log.Extends(seen->size, seen->root);
    if (absl::IsDataLoss(extends)) {
      return VerificationError(
          absl::StrCat(log.checkpoint().origin,
                       " does not continue what it showed at size ",
                       seen->size),
          "it was cut back or rewritten while you watched");
    }
    if (!extends.ok()) return extends;
  }
  seen->size = log.size();
  seen->root = log.checkpoint().root;
  for (; seen->next < log.size(); ++seen->next) {
    const absl::StatusOr<FoundEntry> entry =
        ReadEntry(log, {part.part, seen->next});
    if (!entry.ok()) return entry.status();
    if (!filter_.Matches(seen->next, entry->entry)) continue;
    if (absl::Status shown = show_(*entry); !shown.ok()) return shown;
  }
  return absl::OkStatus();
}

absl::Status LedgerTail::Read(std::vector<ReadablePart>& parts) {
  if (!begun_) return Begin(parts);
  for (ReadablePart& part : parts) {
    if (absl::Status read = GoOn(part, &seen_[part.part]); !read.ok()) {
      return read;
    }
  }
  return absl::OkStatus();
}

bool WaitUnlessCancelled(const Cancellation& cancellation,
                         absl::Duration wait) {
  absl::Notification stopped;
  const Cancellation::Watch watch(cancellation,
                                  [&stopped] { stopped.Notify(); });
  return stopped.WaitForNotificationWithTimeout(wait);
}

}  // namespace entente::client
