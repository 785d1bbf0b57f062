#include "client/misuse_signal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/error.h"
#include "client/misuse_signals.h"
#include "client/test_acts.h"

namespace entente::client {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

TEST(WorkingHoursTest, AreReadAsTheyAreWritten) {
  const auto hours = ParseWorkingHours("00:00-24:00", "sat-mon");
  ASSERT_TRUE(hours.ok()) << hours.status();
  EXPECT_EQ(HoursText(*hours), "00:00-24:00 on mon,sat,sun");
  EXPECT_EQ(HoursText(*ParseWorkingHours("08:30-17:00", "wed")),
            "08:30-17:00 on wed");
  EXPECT_EQ(HoursText(WorkingHours()), "07:00-19:00 on mon,tue,wed,thu,fri");
}

TEST(WorkingHoursTest, AreRefusedIfTheyAreNone) {
  for (const char* bad :
       {"", "7-19", "07:00", "07:00-07:00", "07:00-25:00", "07:60-19:00",
        "07:00-19:00-20:00", "0a:00-19:00", "-1:00-19:00", "07:00 19:00"}) {
    const absl::Status refused = ParseWorkingHours(bad, "mon-fri").status();
    EXPECT_EQ(FromStatus(refused).exit, ExitCode::kUsage) << bad;
    EXPECT_THAT(FromStatus(refused).what, HasSubstr("--hours")) << bad;
  }
  for (const char* bad :
       {"", "monday", "mon-", "mon-fri-sun", "Mon", "mo-fr"}) {
    const absl::Status refused = ParseWorkingHours("07:00-19:00", bad).status();
    EXPECT_EQ(FromStatus(refused).exit, ExitCode::kUsage) << bad;
    EXPECT_THAT(FromStatus(refused).what, HasSubstr("--days")) << bad;
  }
}

TEST(WorkingHoursTest, FollowTheClocksOfTheZone) {
  absl::TimeZone london;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/London", &london));
  const auto at = [](int month, int day, int hour) {
    return absl::FromCivil(absl::CivilHour(2027, month, day, hour),
                           absl::UTCTimeZone());
  };
  const WorkingHours hours;
  EXPECT_FALSE(IsWithin(hours, at(3, 1, 6), london));
  EXPECT_TRUE(IsWithin(hours, at(6, 1, 6), london)) << "07:00 in summer";
  EXPECT_TRUE(IsWithin(hours, at(3, 1, 18), london));
  EXPECT_FALSE(IsWithin(hours, at(6, 1, 18), london));
}

TEST(MisuseSignalsTest, TheNewestComesFirstAndWhatIsOlderThanAskedIsLeftOut) {
  const auto report = [](absl::Time since) {
    MisuseSignals signals({.since = since});
    uint64_t next = 0;
    const auto see = [&](policy::LedgerEntry entry) {
      signals.See({{0, next++}, "", std::move(entry)});
    };
    for (int i = 0; i < 5; ++i) {
      policy::LedgerEntry probe = RefusedBatch(kMonday, "NO_FLOW");
      probe.purpose = absl::StrCat("purpose-", i);
      see(probe);
    }
    see(SentBatch(DaysOn(12), 600));  // a Saturday, and a large case
    EXPECT_EQ(signals.entries(), 6u);
    return signals.Report();
  };
  const SignalReport all = report(absl::InfinitePast());
  ASSERT_THAT(all.signals, SizeIs(3));
  EXPECT_EQ(all.signals.back().kind, SignalKind::kProbing);
  EXPECT_THAT(all.not_told, Contains(HasSubstr("own systems")));
  EXPECT_THAT(report(DaysOn(1)).signals, SizeIs(2));
  EXPECT_THAT(report(DaysOn(13)).signals, SizeIs(0));
}

TEST(MisuseSignalsTest, EveryKindHasAWordOfItsOwn) {
  std::set<absl::string_view> words;
  for (int kind = 0; kind <= static_cast<int>(SignalKind::kNearQuota); ++kind) {
    EXPECT_TRUE(words.insert(WordOf(SignalKind(kind))).second) << kind;
  }
}

}  // namespace
}  // namespace entente::client
