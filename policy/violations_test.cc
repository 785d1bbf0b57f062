#include "policy/violations.h"

#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/ledger_entry.h"

namespace entente::policy {
namespace {

// `count` violations of a batch, the first kMaxListedViolations listed.
Violations Many(size_t count, const std::string& field) {
  Violations violations;
  violations.total = count;
  for (size_t i = 0; i < std::min(count, kMaxListedViolations); ++i) {
    violations.listed.push_back({uint32_t(60'000 + i), field});
  }
  return violations;
}

TEST(Violations, AreOneTextAndBack) {
  EXPECT_EQ(PrintViolations({}), "");
  EXPECT_EQ(*ParseViolations(""), Violations());
  const Violations some = {3, {{0, "place"}, {17, "offence"}, {17, "place"}}};
  EXPECT_EQ(PrintViolations(some), "3 0:place 17:offence 17:place");
  EXPECT_EQ(*ParseViolations("3 0:place 17:offence 17:place"), some);
  for (const size_t count : {1, 39, 40, 41, 65'536}) {
    const Violations many = Many(count, std::string(61, 'f'));
    EXPECT_EQ(*ParseViolations(PrintViolations(many)), many) << count;
  }
}

TEST(Violations, HaveOneSpelling) {
  for (const char* text : {" ",           "0",
                           "1",           "-1 0:aa",
                           "1 0:a",       "1 0:aA",
                           "1 00:aa",     "01 0:aa",
                           "1  0:aa",     "1 0:aa ",
                           " 1 0:aa",     "1 0:aa\n",
                           "1 :aa",       "1 0",
                           "1 0:",        "1 0 :aa",
                           "2 0:aa",      "1 0:aa 1:aa",
                           "2 1:aa 0:aa", "2 0:aa 0:aa",
                           "2 0:bb 0:aa", "1 4294967296:aa",
                           "1 -1:aa",     "x 0:aa",
                           "1 0:aa:bb",   "1,0:aa",
                           "1 0:2a",      "1000000000000000 0:aa"}) {
    EXPECT_EQ(ParseViolations(text).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
  const std::string full = PrintViolations(Many(41, "aa"));
  EXPECT_FALSE(ParseViolations(full + " 60041:aa").ok());
  EXPECT_FALSE(ParseViolations(full.substr(0, full.rfind(' '))).ok());
  EXPECT_FALSE(ParseViolations(std::string(1'000'000, '1')).ok());
}

TEST(Violations, FitTheBatch) {
  const std::vector<std::string> fields = {"place", "offence"};
  EXPECT_TRUE(CheckViolations({}, 0, {}).ok());
  EXPECT_TRUE(CheckViolations({1, {{9, "place"}}}, 10, fields).ok());
  EXPECT_FALSE(CheckViolations({1, {{10, "place"}}}, 10, fields).ok());
  EXPECT_FALSE(CheckViolations({1, {{9, "person"}}}, 10, fields).ok());
  EXPECT_FALSE(CheckViolations({1, {{0, "place"}}}, 0, fields).ok());
  Violations many = Many(41, "place");
  EXPECT_TRUE(CheckViolations(many, 60'040, fields).ok());
  many.total = 2 * 60'040 + 1;
  EXPECT_FALSE(CheckViolations(many, 60'040, fields).ok());
}

TEST(Violations, FitALedgersEntry) {
  LedgerEntry entry;
  entry.kind = EntryKind::kDelivery;
  entry.outcome = Outcome::kAllow;
  entry.time = absl::FromUnixSeconds(1'800'000'000);
  entry.detail["violations"] =
      PrintViolations(Many(65'536, std::string(61, 'f')));
  EXPECT_TRUE(SerialiseEntry(entry).ok()) << SerialiseEntry(entry).status();
}

TEST(Violations, ParsingIsTotalAndWhatItTakesPrintsTheSame) {
  EXPECT_TRUE(rc::check([] {
    const std::string text =
        *rc::gen::oneOf(rc::gen::arbitrary<std::string>(),
                        rc::gen::container<std::string>(
                            rc::gen::elementOf(std::string("0123: abz_"))));
    const auto violations = ParseViolations(text);
    if (violations.ok()) RC_ASSERT(PrintViolations(*violations) == text);
  }));
  EXPECT_TRUE(rc::check([] {
    const auto drawn =
        *rc::gen::container<std::set<std::pair<uint32_t, std::string>>>(
            rc::gen::pair(rc::gen::arbitrary<uint32_t>(),
                          rc::gen::elementOf(
                              std::vector<std::string>{"aa", "bb", "b_9"})));
    Violations violations;
    violations.total = drawn.size();
    for (const auto& [record, field] : drawn) {
      if (violations.listed.size() == kMaxListedViolations) break;
      violations.listed.push_back({record, field});
    }
    RC_ASSERT(*ParseViolations(PrintViolations(violations)) == violations);
  }));
}

}  // namespace
}  // namespace entente::policy
