#include "policy/calendar.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/test_document.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Agreement Small() { return *Check("", SmallDocument()).agreement; }

std::vector<std::string> Lines(const std::vector<Event>& events) {
  std::vector<std::string> lines;
  for (const Event& event : events) {
    lines.push_back(absl::StrCat(absl::FormatCivilTime(event.day), " ",
                                 WordOf(event.kind), " ", event.clause));
  }
  return lines;
}

TEST(Calendar, NamesEveryDayInOrder) {
  EXPECT_THAT(
      Lines(CalendarOf(Small())),
      ElementsAre("2026-11-01 start valid.from",
                  "2027-09-14 dpia_review governance.dpia.review_by",
                  "2027-10-31 review valid.review_by",
                  "2028-11-01 end valid.until",
                  "2029-10-31 last_destroy flows[0] crimes-west.retention"));
}

TEST(Calendar, KnowsWhatOnlySomeAgreementsHave) {
  Agreement small = Small();
  small.version = 2;
  small.valid.handover_days = 30;
  small.valid.project_end = absl::CivilDay(2028, 2, 29);
  small.governance.ethics = Assessment{"REC-1", absl::CivilDay(2026, 9, 1),
                                       absl::CivilDay(2027, 9, 1)};
  Retention& retention = small.flows[0].retention;
  retention = {.days = 1,
               .starts = RetentionStart::kProjectEnd,
               .then = RetentionEnd::kReturn,
               .unless_case_record = true,
               .certificate = true,
               .no_later_than_field = "occurred"};
  const std::vector<Event> events = CalendarOf(small);
  EXPECT_THAT(
      Lines(events),
      ElementsAre("2026-11-01 start valid.from",
                  "2026-12-01 handover_ends valid.handover_days",
                  "2027-09-01 ethics_review governance.ethics.review_by",
                  "2027-09-14 dpia_review governance.dpia.review_by",
                  "2027-10-31 review valid.review_by",
                  "2028-02-29 project_ends valid.project_end",
                  "2028-03-01 last_return flows[0] crimes-west.retention",
                  "2028-11-01 end valid.until"));
  EXPECT_EQ(events[6].version, 2);
  EXPECT_EQ(events[6].words,
            "the last day on which anything of crimes-west may be kept before "
            "it is given back, unless it has become part of a case record; for "
            "each record never later than its occurred; a certificate is due");
  EXPECT_EQ(events[2].words,
            "the last day for the review of the ethics approval REC-1");
}

TEST(Calendar, WhatIsReviewedIsNotSaidToBeDestroyed) {
  Agreement small = Small();
  small.flows[0].retention.then = RetentionEnd::kReview;
  const Event last = CalendarOf(small).back();
  EXPECT_EQ(last.kind, EventKind::kLastReview);
  EXPECT_THAT(last.words, HasSubstr("before it is reviewed"));
}

TEST(Calendar, WithoutAReviewDayThereIsNone) {
  Agreement small = Small();
  small.governance.dpia.review_by.reset();
  for (const Event& event : CalendarOf(small)) {
    EXPECT_NE(event.kind, EventKind::kDpiaReview);
  }
}

TEST(Calendar, PutsSeveralAgreementsInOneOrder) {
  Agreement small = Small();
  Agreement later = small;
  later.id = "isa-later";
  later.valid.from = later.valid.from + 1;
  const std::vector<Event> events = CalendarOf({&small, &later});
  EXPECT_EQ(events.size(), 10u);
  EXPECT_EQ(events[0].agreement, "isa-small");
  EXPECT_EQ(events[1].agreement, "isa-later");
  EXPECT_EQ(events[2].agreement, "isa-later");  // one day, by name
  EXPECT_EQ(events[3].agreement, "isa-small");
  EXPECT_THAT(CalendarOf(std::vector<const Agreement*>()), IsEmpty());
}

TEST(Calendar, TellsHowFarADayIs) {
  const absl::CivilDay today(2028, 2, 28);
  EXPECT_EQ(FromDayInWords(today, today), "today");
  EXPECT_EQ(FromDayInWords(absl::CivilDay(2028, 3, 1), today), "in 2 days");
  EXPECT_EQ(FromDayInWords(absl::CivilDay(2028, 2, 29), today), "in 1 day");
  EXPECT_EQ(FromDayInWords(absl::CivilDay(2028, 2, 27), today), "1 day ago");
  EXPECT_EQ(FromDayInWords(absl::CivilDay(2027, 2, 28), today), "365 days ago");
}

TEST(Calendar, EveryKindHasAWordOfItsOwn) {
  std::set<absl::string_view> words;
  for (int i = 0; i <= int(EventKind::kLastReview); ++i) {
    EXPECT_TRUE(words.insert(WordOf(EventKind(i))).second);
  }
}

}  // namespace
}  // namespace entente::policy
