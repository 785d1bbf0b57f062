#include "crypto/calendar.h"

#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

TEST(Calendar, AcceptsRealDays) {
  for (const char* day :
       {"0001-01-01", "1980-02-29", "2000-02-29", "2026-12-31", "9999-12-31"}) {
    EXPECT_TRUE(IsDate(day)) << day;
  }
}

TEST(Calendar, RefusesDaysThatDoNotExistAndOtherForms) {
  for (const char* day :
       {"", "1981-02-29", "1900-02-29", "2026-04-31", "2026-13-01",
        "2026-00-10", "2026-01-00", "0000-01-01", "2026-1-01", "2026/01/01",
        "26-01-01", "2026-01-01 ", " 2026-01-01", "20260101", "01-01-2026",
        "+026-01-01", "2026-0x-01", "-001-01-01"}) {
    EXPECT_FALSE(IsDate(day)) << day;
  }
}

TEST(Calendar, AcceptsInstantsInUtc) {
  for (const char* time :
       {"2026-02-28T00:00:00Z", "2026-02-28T23:59:59Z",
        "2026-02-28T23:59:59.5Z", "2026-02-28T23:59:59.123456789Z"}) {
    EXPECT_TRUE(IsUtcTime(time)) << time;
  }
}

TEST(Calendar, RefusesOtherZonesAndForms) {
  for (const char* time :
       {"", "2026-02-28", "2026-02-30T00:00:00Z", "2026-02-28T24:00:00Z",
        "2026-02-28T00:60:00Z", "2026-02-28T23:59:60Z", "2026-02-28 00:00:00Z",
        "2026-02-28t00:00:00Z", "2026-02-28T00:00:00z", "2026-02-28T00:00:00",
        "2026-02-28T00:00:00+00:00", "2026-02-28T00:00:00.Z",
        "2026-02-28T00:00:00.1234567890Z", "2026-02-28T00:00:00,5Z",
        "2026-02-28T00:00:00.5xZ", "2026-02-28T00-00-00Z",
        "2026-02-28T+1:00:00Z"}) {
    EXPECT_FALSE(IsUtcTime(time)) << time;
  }
}

}  // namespace
}  // namespace entente::crypto
