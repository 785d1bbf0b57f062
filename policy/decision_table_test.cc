#include "policy/decision_table.h"

#include <string>

#include "gmock/gmock.h"
#include "policy/check.h"
#include "policy/for_all.h"
#include "policy/test_document.h"

namespace entente::policy {
namespace {

using Row = DecisionTable::FlowRow;

bool LiesIn(const DecisionTable& table, const void* what) {
  const auto* const at = static_cast<const uint8_t*>(what);
  return at >= table.memory() && at < table.memory() + table.bytes();
}

// The table's row for each route of `flow`, which must be its own.
void ExpectFlowFound(const Agreement& document, const DecisionTable& table,
                     const Flow& flow) {
  for (const std::string& purpose : flow.purposes) {
    for (const std::string& from : flow.from) {
      for (const std::string& to : flow.to) {
        const Row* const row =
            table.view().FindRoute(from, to, purpose, flow.dataset);
        if (from == to) {
          EXPECT_EQ(row, nullptr) << from;
          continue;
        }
        ASSERT_NE(row, nullptr) << flow.id;
        EXPECT_EQ(row->flow, &flow);
        EXPECT_EQ(*row->id, flow.id);
        EXPECT_TRUE(LiesIn(table, row)) << document.id;
      }
    }
  }
}

// Every field of `flow`, with what the document says of it.
void ExpectFieldsFound(const Agreement& document, const DecisionTable& table,
                       const Flow& flow, const Row& row) {
  size_t released = 0;
  for (const auto& [name, treatment] : flow.release) {
    const DecisionTable::Field* const field = table.FindField(row, name);
    ASSERT_NE(field, nullptr) << name;
    EXPECT_EQ(*field->name, name);
    EXPECT_EQ(field->treatment, &treatment);
    EXPECT_EQ(field->transform(), treatment.transform);
    if (treatment.transform != Transform::kWithhold) ++released;
    if (treatment.transform == Transform::kPseudonym) {
      EXPECT_EQ(*field->scheme,
                document.datasets.at(flow.dataset).identifiers.at(name));
    }
    EXPECT_TRUE(LiesIn(table, field));
    EXPECT_EQ(table.FindField(row, name + "_"), nullptr);
  }
  EXPECT_EQ(row.released, released);
  EXPECT_EQ(row.field_count, flow.release.size());
}

void ExpectWhole(const Agreement& document) {
  const DecisionTable table(document);
  for (const auto& [id, party] : document.parties) {
    EXPECT_TRUE(table.HasParty(id));
    EXPECT_FALSE(table.HasParty(id + "x"));
  }
  for (const Flow& flow : document.flows) {
    ExpectFlowFound(document, table, flow);
    const Row* row = nullptr;
    for (const std::string& from : flow.from) {
      for (const std::string& to : flow.to) {
        const Row* const found =
            table.view().FindRoute(from, to, flow.purposes[0], flow.dataset);
        if (found != nullptr) row = found;
      }
    }
    if (row != nullptr) ExpectFieldsFound(document, table, flow, *row);
  }
}

TEST(DecisionTable, HoldsEveryFlowOfTheTemplatesInItsOwnMemory) {
  for (const absl::string_view name : kTemplates) {
    const CheckResult result = Check("test.yaml", ReadTemplate(name));
    ASSERT_TRUE(result.ok()) << result.report;
    ExpectWhole(*result.agreement);
  }
}

TEST(DecisionTable, HoldsEveryFlowOfRandomDocumentsInItsOwnMemory) {
  ForAll(200,
         [](Dice* dice) { ExpectWhole(RandomDocument(dice, "isa-one", 1)); });
}

TEST(DecisionTable, TwoFlowsOnOneRouteAreNone) {
  Agreement document = *Check("test.yaml", SmallDocument()).agreement;
  const Flow flow = document.flows[0];
  document.flows.push_back(flow);
  document.flows.back().id = "another";
  const DecisionTable table(document);
  EXPECT_EQ(table.view().FindRoute(flow.from[0], flow.to[0], flow.purposes[0],
                                   flow.dataset),
            nullptr);
}

TEST(DecisionTable, RouteNeedsEveryName) {
  const Agreement document = *Check("test.yaml", SmallDocument()).agreement;
  const Flow& flow = document.flows[0];
  const DecisionTable table(document);
  const std::string& from = flow.from[0];
  const std::string& to = flow.to[0];
  EXPECT_NE(table.view().FindRoute(from, to, flow.purposes[0], flow.dataset),
            nullptr);
  EXPECT_EQ(
      table.view().FindRoute("nobody", to, flow.purposes[0], flow.dataset),
      nullptr);
  EXPECT_EQ(
      table.view().FindRoute(from, "nobody", flow.purposes[0], flow.dataset),
      nullptr);
  EXPECT_EQ(table.view().FindRoute(from, to, "nothing", flow.dataset), nullptr);
  EXPECT_EQ(table.view().FindRoute(from, to, flow.purposes[0], "nothing"),
            nullptr);
  EXPECT_EQ(table.view().FindRoute(to, from, flow.purposes[0], flow.dataset),
            nullptr);
}

TEST(DecisionTable, WithoutALimitAnyNumberOfRecordsWillDo) {
  Agreement document = *Check("test.yaml", SmallDocument()).agreement;
  Flow& flow = document.flows[0];
  flow.limits.records_per_request.reset();
  {
    const DecisionTable table(document);
    const Row* const row = table.view().FindRoute(
        flow.from[0], flow.to[0], flow.purposes[0], flow.dataset);
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(row->most_records, INT64_MAX);
  }
  flow.limits.records_per_request = 7;
  const DecisionTable table(document);
  EXPECT_EQ(
      table.view()
          .FindRoute(flow.from[0], flow.to[0], flow.purposes[0], flow.dataset)
          ->most_records,
      7);
}

}  // namespace
}  // namespace entente::policy
