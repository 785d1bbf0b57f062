// One row rule more never releases a record that was kept.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/decide.h"
#include "policy/for_all.h"
#include "policy/release.h"
#include "policy/test_decision.h"
#include "policy/test_document.h"

namespace entente::policy {
namespace {

RowRule RandomRule(Dice* dice) {
  RowRule rule;
  switch (dice->Roll(6)) {
    case 0:
      rule.field = "age";
      rule.at_least = int64_t(dice->Roll(40));
      break;
    case 1:
      rule.field = "age";
      rule.at_most = 20 + int64_t(dice->Roll(40));
      break;
    case 2:
      rule.field = "offence";
      rule.one_of = dice->Some<std::string>({"28/3", "28/4"}, 1);
      break;
    case 3:
      rule.field = "occurred";
      rule.newest_days = 1 + int64_t(dice->Roll(60));
      break;
    case 4:
      rule.field = "occurred";
      rule.before = absl::CivilDay(2027, 3, 1) - int64_t(dice->Roll(60));
      break;
    default:
      rule.field = "name";
      rule.equals = dice->Once(2) ? "Ada" : "Bo";
  }
  return rule;
}

// Mostly of the right type; sometimes none, and sometimes no such value.
std::map<std::string, std::string> RandomRecord(Dice* dice) {
  std::map<std::string, std::string> record = {
      {"name", dice->Once(2) ? "Ada" : "Bo"},
      {"offence", dice->Once(2) ? "28/3" : "28/4"},
      {"occurred", absl::FormatCivilTime(absl::CivilDay(2027, 3, 1) -
                                         int64_t(dice->Roll(80)))},
      {"age", absl::StrCat(dice->Roll(70))}};
  for (auto& [field, cell] : record) {
    if (dice->Once(12)) cell = dice->Once(2) ? "" : "28/9;x";
  }
  return record;
}

Decision Allowed(const Agreement& agreement) {
  AgreementRecord record;
  record.id = agreement.id;
  record.versions[1] = {*CompiledAgreement::Create(agreement, {}), {}, true};
  Request request;
  request.agreement = agreement.id;
  request.version = 1;
  request.caller = request.sender = "north-police";
  request.recipient = "west-police";
  request.purpose = "find-series";
  request.dataset = "crimes";
  request.carried = {Requirement::kCaseReference};
  SetExactFields(agreement, agreement.flows[0], &request);
  return Decide(
      *Register::Create({record}),
      absl::FromCivil(absl::CivilDay(2027, 3, 1), absl::UTCTimeZone()),
      request);
}

RowResult Release(const RowPlan& plan,
                  const std::map<std::string, std::string>& record) {
  std::vector<std::optional<absl::string_view>> cells;
  for (const std::string& name : plan.inputs()) {
    cells.push_back(record.at(name));
  }
  return plan.Release(cells);
}

TEST(RowPlanProperty, AnotherRowRuleOnlyNarrows) {
  const Agreement small = *Check("", SmallDocument()).agreement;
  int released = 0, narrowed = 0;
  ForAll(kRounds / 3, [&](Dice* dice) {
    Agreement wide = small;
    wide.flows[0].rows.clear();
    for (size_t i = dice->Roll(3); i > 0; --i) {
      wide.flows[0].rows.push_back(RandomRule(dice));
    }
    Agreement narrow = wide;
    std::vector<RowRule>& rules = narrow.flows[0].rows;
    rules.insert(rules.begin() + int64_t(dice->Roll(rules.size() + 1)),
                 RandomRule(dice));
    // A rule about records refuses no request.
    const Decision of_wide = Allowed(wide), of_narrow = Allowed(narrow);
    ASSERT_TRUE(of_wide.allowed() && of_narrow.allowed());
    EXPECT_EQ(Released(of_wide), Released(of_narrow));
    const auto wider = RowPlan::Create(of_wide);
    const auto narrower = RowPlan::Create(of_narrow);
    ASSERT_TRUE(wider.ok() && narrower.ok());
    for (int i = 0; i < kRequests; ++i) {
      const std::map<std::string, std::string> record = RandomRecord(dice);
      const RowResult before = Release(*wider, record);
      const RowResult after = Release(*narrower, record);
      if (!after.released()) {
        narrowed += before.released();
        continue;
      }
      ++released;
      EXPECT_TRUE(before.released());
      EXPECT_EQ(before.values, after.values);
    }
  });
  EXPECT_GT(released, kRounds / 20);
  EXPECT_GT(narrowed, kRounds / 20);
}

}  // namespace
}  // namespace entente::policy
