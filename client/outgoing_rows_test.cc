#include "client/outgoing_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/error.h"
#include "client/local_store.h"
#include "client/test_folder.h"
#include "policy/compiled_agreement.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class OutgoingRowsTest : public testing::Test {
 protected:
  OutgoingRowsTest() {
    policy::Agreement document;
    document.id = "isa-pact";
    document.version = 1;
    policy::Dataset& crimes = document.datasets["crimes"];
    crimes.fields["age"] = {policy::FieldType::kInteger, "", false};
    crimes.fields["note"] = {policy::FieldType::kText, "", false};
    crimes.identifiers["person"] = "nhs/1";
    policy::Flow flow;
    flow.id = "crimes";
    flow.dataset = "crimes";
    flow.release["note"].transform = policy::Transform::kAsIs;
    flow.release["person"].transform = policy::Transform::kPseudonym;
    policy::RowRule adults;
    adults.field = "age";
    adults.at_least = 18;
    flow.rows = {adults};
    document.flows = {flow};
    policy::Decision decision;
    decision.effect = policy::Effect::kAllow;
    decision.agreement = *policy::CompiledAgreement::Create(document, {});
    decision.flow = &decision.agreement->document().flows[0];
    for (const auto& [name, treatment] : decision.flow->release) {
      decision.fields.push_back({name, &treatment, false});
    }
    decision.now = absl::FromUnixSeconds(1'800'000'000);
    plan_ = *policy::RowPlan::Create(decision);
    EXPECT_TRUE(
        store_->pseudonyms()
            .Add({"isa-pact", "nhs/1", 1}, {{"9434765919", person_, "p1"}})
            .ok());
  }

  absl::StatusOr<OutgoingRows> Release(const std::string& csv,
                                       const ColumnMap& map = {}) {
    std::stringstream in(csv);
    const auto source = RowSource::Open("-", &in);
    if (!source.ok()) return source.status();
    const auto block = (*source)->Next();
    if (!block.ok()) return block.status();
    return ReleaseRows(*plan_, "isa-pact", 1, map, *block,
                       &store_->pseudonyms());
  }

  TestFolder folder_;
  const std::unique_ptr<LocalStore> store_ =
      *LocalStore::Open(folder_ / "store.db", *crypto::Secret::Random(32));
  const crypto::Point person_ = *crypto::Point::Random();
  std::optional<policy::RowPlan> plan_;
};

TEST_F(OutgoingRowsTest, ReleasesValuesAndLooksIdentifiersUp) {
  const auto rows =
      Release("age, person ,note\n20,943 476 5919, seen \n30,,\n");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(rows->refused, IsEmpty());
  ASSERT_THAT(rows->records, SizeIs(2));
  EXPECT_EQ(rows->records[0].row, 1u);
  EXPECT_THAT(rows->records[0].values,
              ElementsAre(crypto::Value::Text("seen")));
  EXPECT_THAT(rows->records[0].pseudonyms, ElementsAre(person_));
  EXPECT_THAT(rows->records[1].values, ElementsAre(crypto::Value::Null()));
  EXPECT_THAT(rows->records[1].pseudonyms, ElementsAre(std::nullopt));
}

TEST_F(OutgoingRowsTest, RefusesRowsWithEveryReasonAndNoValue) {
  const auto rows = Release(
      "age,person,note\n17,9434765919,\nold,9434765918,x\n20,4505577104,\n"
      "21,9434765919,good\n");
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_THAT(rows->records, SizeIs(1));
  EXPECT_EQ(rows->records[0].row, 4u);
  ASSERT_THAT(rows->refused, SizeIs(4));
  EXPECT_EQ(CountRows(rows->refused), 3u);
  EXPECT_THAT(rows->refused[0].reason, HasSubstr("flows[0] crimes.rows[0]"));
  EXPECT_EQ(rows->refused[1].column, "age");
  EXPECT_EQ(rows->refused[2].column, "person");
  EXPECT_THAT(rows->refused[3].reason, HasSubstr("entente enrol"));
  for (const BadRow& row : rows->refused) {
    EXPECT_THAT(row.reason, testing::Not(HasSubstr("450557")));
  }
}

TEST_F(OutgoingRowsTest, FindsColumnsByTheMap) {
  const auto rows = Release("Age,NHS,note\n20,9434765919,x\n",
                            {{"age", "Age"}, {"person", "NHS"}});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(rows->records, SizeIs(1));
}

TEST_F(OutgoingRowsTest, AMissingColumnIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"age,person\n", "note"},
      {"person,note\n", "age"},
      {"age,note\n", "person"}};
  for (const auto& [csv, missing] : cases) {
    const Failure failure = FromStatus(Release(csv).status());
    EXPECT_EQ(failure.exit, ExitCode::kUsage);
    EXPECT_THAT(failure.what, HasSubstr(missing));
  }
}

TEST_F(OutgoingRowsTest, AMapForAnUnknownFieldIsRefused) {
  const Failure failure =
      FromStatus(Release("age,person,note\n", {{"colour", "note"}}).status());
  EXPECT_EQ(failure.exit, ExitCode::kUsage);
  EXPECT_THAT(failure.what, HasSubstr("colour"));
}

TEST_F(OutgoingRowsTest, RowsDifferInTheirContentIfTheyDifferInWhatIsUsed) {
  const auto rows = Release(
      "age,person,note,mine\n20,9434765919,x,1\n20,9434765919,x,2\n"
      "21,9434765919,x,1\n20,9434765919,y,1\n20,,x,1\n");
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_THAT(rows->contents, SizeIs(5));
  EXPECT_EQ(rows->contents[0], rows->contents[1]);
  for (size_t i = 2; i < 5; ++i) {
    EXPECT_NE(rows->contents[0], rows->contents[i]) << i;
  }
}

TEST_F(OutgoingRowsTest, ContentIsOfFieldsNotOfColumns) {
  const auto plain = Release("age,person,note\n20,9434765919,x\n");
  const auto mapped = Release("note,Age,NHS\nx,20,9434765919\n",
                              {{"age", "Age"}, {"person", "NHS"}});
  ASSERT_TRUE(plain.ok() && mapped.ok());
  EXPECT_EQ(plain->contents, mapped->contents);
}

}  // namespace
}  // namespace entente::client
