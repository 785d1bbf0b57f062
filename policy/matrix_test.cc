#include "policy/matrix.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/decide.h"
#include "policy/for_all.h"
#include "policy/random_change.h"
#include "policy/test_decision.h"
#include "policy/test_document.h"
#include "policy/words.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(Matrix, SaysWhoSeesWhatOfWhom) {
  const Agreement small = *Check("", SmallDocument()).agreement;
  const std::vector<MatrixRow> rows = MatrixOf(small);
  ASSERT_THAT(rows, SizeIs(4));
  const MatrixRow& row = rows[1];
  EXPECT_THAT(row.recipients, ElementsAre("west-police"));
  EXPECT_THAT(row.senders, ElementsAre("north-police"));
  EXPECT_EQ(row.dataset, "crimes");
  EXPECT_EQ(row.field, "occurred");
  EXPECT_EQ(row.treatment.transform, Transform::kDateToMonth);
  EXPECT_THAT(row.purposes, ElementsAre("find-series"));
  EXPECT_THAT(row.methods, ElementsAre(Method::kPush));
  EXPECT_EQ(row.clause, "flows[0] crimes-west.release.occurred");
  EXPECT_THAT(row.only_if,
              ElementsAre("age is 10 or more", "offence is one of \"28/3\""));
}

TEST(Matrix, LeavesOutWhatIsWithheldAndWaysToItself) {
  Agreement small = *Check("", SmallDocument()).agreement;
  small.flows[0].release["name"] = {};
  small.flows[0].from = {"north-police", "west-police"};
  const std::vector<MatrixRow> rows = MatrixOf(small);
  EXPECT_THAT(rows, SizeIs(3));
  for (const MatrixRow& row : rows) {
    EXPECT_NE(row.field, "name");
    EXPECT_THAT(row.senders, ElementsAre("north-police"));
  }
}

bool Has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The treatments that `rows` have for one field on one way, by one method.
std::vector<Treatment> Shown(const std::vector<MatrixRow>& rows,
                             const Request& request, const std::string& field) {
  std::vector<Treatment> shown;
  for (const MatrixRow& row : rows) {
    if (request.sender != request.recipient && row.field == field &&
        row.dataset == request.dataset && Has(row.senders, request.sender) &&
        Has(row.recipients, request.recipient) &&
        Has(row.purposes, request.purpose) &&
        std::count(row.methods.begin(), row.methods.end(), request.method)) {
      shown.push_back(row.treatment);
    }
  }
  return shown;
}

// Asked for one field, on any way: released if and only if a row has it, so.
TEST(Matrix, IsWhatIsDecided) {
  int released = 0;
  ForAll(kRounds, [&](Dice* dice) {
    const Agreement document = RandomVersions(dice).after;
    AgreementRecord record;
    record.id = document.id;
    record.versions[document.version] = {
        *CompiledAgreement::Create(document, {}), {}, true};
    const auto known = Register::Create({std::move(record)});
    const std::vector<MatrixRow> rows = MatrixOf(document);
    for (int i = 0; i < kRequests; ++i) {
      const Flow& flow = dice->Pick(document.flows);
      Request request = FittingRequest(dice, document, flow);
      if (dice->Once(2)) {
        request.sender = dice->Pick(flow.to);
        request.recipient = dice->Pick(flow.from);
      }
      request.flow.clear();
      if (dice->Once(3)) {
        request.method = AllWords<Method>()[dice->Roll(4)].second;
        request.pseudonyms.clear();
        SetExactFields(document, flow, &request);
      }
      request.caller =
          request.method == Method::kQuery ? request.recipient : request.sender;
      for (const auto& [word, need] : AllWords<Requirement>()) {
        request.carried.push_back(need);
      }
      const std::string field = "age";
      if (request.method == Method::kQuery) request.fields = {field};
      const Decision decision =
          Decide(*known, document.valid.FromInstant(), request);
      const auto given = Released(decision);
      const std::vector<Treatment> shown = Shown(rows, request, field);
      if (given.count(field) > 0) {
        ++released;
        EXPECT_THAT(shown, ElementsAre(given.at(field)));
      } else if (decision.allowed() || request.method == Method::kQuery) {
        EXPECT_THAT(shown, testing::IsEmpty());
      }
    }
  });
  EXPECT_GT(released, kRounds / 5);
}

}  // namespace
}  // namespace entente::policy
