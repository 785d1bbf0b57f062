#include "policy/agreement.h"

#include <set>
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/words.h"

namespace entente::policy {
namespace {

template <typename Enum>
class WordsTest : public testing::Test {};

using Enums = testing::Types<Capacity, Regime, AgreementKind, Children, Method,
                             Requirement, FieldType, Transform, RetentionStart,
                             RetentionEnd, OnwardRule, SuspendRight, Publish,
                             Proof, DomainRole, Witness>;
TYPED_TEST_SUITE(WordsTest, Enums);

TYPED_TEST(WordsTest, EveryValueHasOneWordThatNoYamlReadsAsBoolean) {
  std::set<std::string> words;
  for (const auto& [word, value] : AllWords<TypeParam>()) {
    EXPECT_EQ(WordOf(value), word);
    EXPECT_TRUE(words.insert(std::string(word)).second) << word;
    EXPECT_THAT(std::string(word),
                testing::Not(testing::AnyOf("yes", "no", "on", "off", "y", "n",
                                            "true", "false", "null")));
  }
  EXPECT_FALSE(words.empty());
}

TEST(TransformTest, ForgottenTreatmentReleasesNothing) {
  EXPECT_EQ(Treatment().transform, Transform::kWithhold);
  EXPECT_EQ(WordOf(Transform::kPostcodeDistrict), "postcode_district");
  EXPECT_EQ(AllWords<Transform>().size(), 19u);
}

TEST(ValidityTest, InstantsAreMidnightUtcOfTheDays) {
  Validity valid;
  valid.from = absl::CivilDay(2027, 3, 28);
  valid.until = absl::CivilDay(2028, 2, 29);
  EXPECT_EQ(absl::FormatTime(valid.FromInstant(), absl::UTCTimeZone()),
            "2027-03-28T00:00:00+00:00");
  EXPECT_EQ(absl::FormatTime(valid.UntilInstant(), absl::UTCTimeZone()),
            "2028-02-29T00:00:00+00:00");
}

TEST(Agreement, IsOwnedByThePartyThatHoldsTheOwnersPost) {
  Agreement agreement;
  agreement.governance.owner = "Head of Information";
  EXPECT_EQ(OwningParty(agreement), "");
  agreement.signatories = {{"north-police", "Chief", "north-chief"},
                           {"west-police", "Head of Information", "head"}};
  EXPECT_EQ(OwningParty(agreement), "west-police");
  agreement.signatories.push_back(
      {"north-police", "Head of Information", "head"});
  EXPECT_EQ(OwningParty(agreement), "") << "two hold it";
}

}  // namespace
}  // namespace entente::policy
