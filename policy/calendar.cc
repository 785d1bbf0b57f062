#include "policy/calendar.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::policy {
namespace {

class Days {
 public:
  explicit Days(const Agreement& agreement) : agreement_(agreement) {}

  void Add(absl::CivilDay day, EventKind kind, std::string clause,
           std::string words) {
    events_.push_back({day, kind, agreement_.id, agreement_.version,
                       std::move(clause), std::move(words)});
  }
  std::vector<Event> Take() { return std::move(events_); }

 private:
  const Agreement& agreement_;
  std::vector<Event> events_;
};

void AddValidity(const Validity& valid, Days* days) {
  days->Add(valid.from, EventKind::kStart, "valid.from",
            "in force from 00:00 UTC");
  if (valid.handover_days > 0) {
    days->Add(valid.from + valid.handover_days, EventKind::kHandoverEnds,
              "valid.handover_days",
              "from 00:00 UTC the version before is no longer usable");
  }
  days->Add(valid.review_by, EventKind::kReview, "valid.review_by",
            "the last day for the review");
  if (valid.project_end.has_value()) {
    days->Add(*valid.project_end, EventKind::kProjectEnds, "valid.project_end",
              "the project ends");
  }
  days->Add(valid.until, EventKind::kEnd, "valid.until",
            "no longer in force from 00:00 UTC; no grace");
}

void AddReview(const Assessment& assessment, EventKind kind, std::string clause,
               absl::string_view what, Days* days) {
  if (!assessment.review_by.has_value()) return;
  days->Add(*assessment.review_by, kind, std::move(clause),
            absl::StrCat("the last day for the review of the ", what, " ",
                         assessment.ref));
}

struct Disposal {
  EventKind kind;
  absl::string_view verb;
};

Disposal DisposalOf(RetentionEnd end) {
  switch (end) {
    case RetentionEnd::kDestroy:
      return {EventKind::kLastDestroy, "destroyed"};
    case RetentionEnd::kReturn:
      return {EventKind::kLastReturn, "given back"};
    case RetentionEnd::kReview:
      break;
  }
  return {EventKind::kLastReview, "reviewed"};
}

void AddRetention(const Agreement& agreement, size_t index, Days* days) {
  const Flow& flow = agreement.flows[index];
  const Retention& retention = flow.retention;
  const absl::CivilDay start =
      retention.starts == RetentionStart::kProjectEnd
          ? agreement.valid.project_end.value_or(agreement.valid.until - 1)
          : agreement.valid.until - 1;
  const Disposal disposal = DisposalOf(retention.then);
  std::string words =
      absl::StrCat("the last day on which anything of ", flow.id,
                   " may be kept before it is ", disposal.verb);
  if (retention.unless_case_record) {
    words += ", unless it has become part of a case record";
  }
  if (!retention.no_later_than_field.empty()) {
    absl::StrAppend(&words, "; for each record never later than its ",
                    retention.no_later_than_field);
  }
  if (retention.certificate) words += "; a certificate is due";
  days->Add(start + retention.days, disposal.kind,
            absl::StrCat("flows[", index, "] ", flow.id, ".retention"),
            std::move(words));
}

void Order(std::vector<Event>* events) {
  std::stable_sort(events->begin(), events->end(),
                   [](const Event& a, const Event& b) {
                     return std::tie(a.day, a.agreement, a.kind) <
                            std::tie(b.day, b.agreement, b.kind);
                   });
}

}  // namespace

absl::string_view WordOf(EventKind kind) {
  switch (kind) {
    case EventKind::kStart:
      return "start";
    case EventKind::kHandoverEnds:
      return "handover_ends";
    case EventKind::kReview:
      return "review";
    case EventKind::kDpiaReview:
      return "dpia_review";
    case EventKind::kEthicsReview:
      return "ethics_review";
    case EventKind::kProjectEnds:
      return "project_ends";
    case EventKind::kEnd:
      return "end";
    case EventKind::kLastDestroy:
      return "last_destroy";
    case EventKind::kLastReturn:
      return "last_return";
    case EventKind::kLastReview:
      break;
  }
  return "last_review";
}

std::vector<Event> CalendarOf(const Agreement& agreement) {
  Days days(agreement);
  AddValidity(agreement.valid, &days);
  const Governance& governance = agreement.governance;
  AddReview(governance.dpia, EventKind::kDpiaReview,
            "governance.dpia.review_by", "impact assessment", &days);
  if (governance.ethics.has_value()) {
    AddReview(*governance.ethics, EventKind::kEthicsReview,
              "governance.ethics.review_by", "ethics approval", &days);
  }
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    AddRetention(agreement, i, &days);
  }
  std::vector<Event> events = days.Take();
  Order(&events);
  return events;
}

std::vector<Event> CalendarOf(const std::vector<const Agreement*>& agreements) {
  std::vector<Event> all;
  for (const Agreement* agreement : agreements) {
    for (Event& event : CalendarOf(*agreement)) {
      all.push_back(std::move(event));
    }
  }
  Order(&all);
  return all;
}

std::string FromDayInWords(absl::CivilDay day, absl::CivilDay today) {
  const int64_t days = day - today;
  if (days == 0) return "today";
  const int64_t away = days < 0 ? -days : days;
  const std::string count = absl::StrCat(away, away == 1 ? " day" : " days");
  return days < 0 ? absl::StrCat(count, " ago") : absl::StrCat("in ", count);
}

}  // namespace entente::policy
