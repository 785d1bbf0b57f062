#include "policy/day_shift.h"

#include <array>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace entente::policy {
namespace {

DayShift WithKey(uint8_t fill) {
  std::array<uint8_t, 32> key;
  key.fill(fill);
  return *DayShift::Create(*crypto::Secret::TakeFrom(absl::MakeSpan(key)));
}

constexpr char kRegister[] = "opaque/1:nominal_id";

TEST(DayShift, WantsAKeyOf32BytesAndARange) {
  for (const size_t size : {0, 16, 31, 33, 64}) {
    std::vector<uint8_t> key(size, 7);
    auto secret = crypto::Secret::TakeFrom(absl::MakeSpan(key));
    if (!secret.ok()) continue;
    EXPECT_EQ(DayShift::Create(*std::move(secret)).status().code(),
              absl::StatusCode::kInvalidArgument)
        << size;
  }
  const DayShift shift = WithKey(1);
  for (const int64_t within : {int64_t{0}, int64_t{-1}}) {
    EXPECT_FALSE(shift.Days("isa-a", kRegister, "1", within).ok());
  }
  EXPECT_FALSE(
      shift.Days("isa-a", kRegister, std::string(65536, 'x'), 14).ok());
}

// HMAC-SHA256 under 32 bytes of 0x01, computed apart from this code.
TEST(DayShift, IsWhatTheFormulaSays) {
  const DayShift shift = WithKey(1);
  EXPECT_EQ(*shift.Days("isa-study", kRegister, "N-1", 14), -1);
  EXPECT_EQ(*shift.Days("isa-study", kRegister, "N-2", 14), 5);
  EXPECT_EQ(*shift.Days("isa-study", "field:victim", "N-1", 90), -14);
}

TEST(DayShift, IsAlwaysTheSameForOnePersonAndAgreement) {
  const DayShift shift = WithKey(1);
  const DayShift again = WithKey(1);
  for (int person = 0; person < 100; ++person) {
    const std::string id = absl::StrCat("N-", person);
    EXPECT_EQ(*shift.Days("isa-a", kRegister, id, 30),
              *again.Days("isa-a", kRegister, id, 30));
  }
}

// How many of 200 people have the same shift by `other`.
int Same(const DayShift& other, const std::string& agreement,
         const std::string& subject_register, const std::string& prefix) {
  const DayShift shift = WithKey(1);
  int same = 0;
  for (int person = 0; person < 200; ++person) {
    same += *shift.Days("isa-a", kRegister, absl::StrCat("N-", person), 90) ==
            *other.Days(agreement, subject_register,
                        absl::StrCat(prefix, person), 90);
  }
  return same;
}

TEST(DayShift, IsAnotherForAnotherKeyAgreementRegisterOrPerson) {
  EXPECT_EQ(Same(WithKey(1), "isa-a", kRegister, "N-"), 200);
  // By chance one in 180.
  EXPECT_LT(Same(WithKey(2), "isa-a", kRegister, "N-"), 10);
  EXPECT_LT(Same(WithKey(1), "isa-b", kRegister, "N-"), 10);
  EXPECT_LT(Same(WithKey(1), "isa-a", "opaque/1:other", "N-"), 10);
  EXPECT_LT(Same(WithKey(1), "isa-a", kRegister, "n-"), 10);
  // Lengths stand before parts, so nothing moves from one to the next.
  EXPECT_LT(Same(WithKey(1), "isa-", absl::StrCat("a", kRegister), "N-"), 10);
}

TEST(DayShift, IsNeverNothingAndReachesEveryDayOfItsRange) {
  const DayShift shift = WithKey(3);
  for (const int64_t within : {1, 2, 14, 90}) {
    std::map<int64_t, int> seen;
    const int people = int(within) * 200;
    for (int person = 0; person < people; ++person) {
      const int64_t days =
          *shift.Days("isa-a", kRegister, absl::StrCat(person), within);
      ASSERT_NE(days, 0);
      ASSERT_GE(days, -within);
      ASSERT_LE(days, within);
      ++seen[days];
    }
    // 100 for each day; six standard deviations around.
    EXPECT_EQ(seen.size(), size_t(2 * within));
    for (const auto& [days, count] : seen) {
      EXPECT_GT(count, 40) << days;
      EXPECT_LT(count, 160) << days;
    }
  }
}

}  // namespace
}  // namespace entente::policy
