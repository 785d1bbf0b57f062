// The days on which something about an agreement is due.
#ifndef ENTENTE_POLICY_CALENDAR_H_
#define ENTENTE_POLICY_CALENDAR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "policy/agreement.h"

namespace entente::policy {

enum class EventKind {
  kStart,         // in force from its first instant
  kHandoverEnds,  // the version before is no longer usable from that day
  kReview,        // the last day for it
  kDpiaReview,    // the last day for it
  kEthicsReview,  // the last day for it
  kProjectEnds,
  kEnd,          // no longer in force from its first instant
  kLastDestroy,  // the last day on which a record may still be kept …
  kLastReturn,   // … and must be given back
  kLastReview,   // … and must be reviewed
};

// `start`, `dpia_review`, `last_destroy`. Stable.
absl::string_view WordOf(EventKind kind);

struct Event {
  absl::CivilDay day;  // UTC
  EventKind kind = EventKind::kStart;
  std::string agreement;
  int64_t version = 0;
  std::string clause;  // where it is written, `valid.review_by`
  std::string words;   // `the last day for the review`
};

// Every day that `agreement` names or that follows from it, in order. A record
// that comes on a day and is kept for n days is kept until n days later; the
// last one comes on the last day in force.
std::vector<Event> CalendarOf(const Agreement& agreement);

// The events of all, in order of days, then of agreements.
std::vector<Event> CalendarOf(const std::vector<const Agreement*>& agreements);

// `in 12 days`, `today`, `3 days ago`.
std::string FromDayInWords(absl::CivilDay day, absl::CivilDay today);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_CALENDAR_H_
