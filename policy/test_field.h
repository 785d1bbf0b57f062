// One field as an agreement releases it, and cells for it, for tests.
#ifndef ENTENTE_POLICY_TEST_FIELD_H_
#define ENTENTE_POLICY_TEST_FIELD_H_

#include <string>

#include "policy/agreement.h"
#include "policy/released_field.h"
#include "policy/treat.h"
#include "policy/typed_cell.h"

namespace entente::policy {

// A treatment with nothing but its transformation.
inline Treatment Only(Transform transform) {
  Treatment treatment;
  treatment.transform = transform;
  return treatment;
}

inline Treatment Edges(Transform transform, std::vector<int64_t> edges) {
  Treatment treatment = Only(transform);
  treatment.edges = std::move(edges);
  return treatment;
}

inline Treatment Grid(int64_t metres) {
  Treatment treatment = Only(Transform::kGrid);
  treatment.metres = metres;
  return treatment;
}

inline Treatment RoundTo(int64_t minutes) {
  Treatment treatment = Only(Transform::kRoundTime);
  treatment.minutes = minutes;
  return treatment;
}

inline Treatment CountOver(int64_t days) {
  Treatment treatment = Only(Transform::kCount);
  treatment.window_days = days;
  return treatment;
}

inline Treatment SmallBelow(int64_t below) {
  Treatment treatment = Only(Transform::kSmallCount);
  treatment.below = below;
  return treatment;
}

inline Treatment ReviewedBy(const std::string& reviewer) {
  Treatment treatment = Only(Transform::kReviewedText);
  treatment.reviewer = reviewer;
  return treatment;
}

inline Treatment ShiftWithin(int64_t within) {
  Treatment treatment = Only(Transform::kShiftDays);
  treatment.within = within;
  treatment.per = "person";
  return treatment;
}

// By the list `groups`: home of 28/3 and 28A, car of 45/10.
inline Treatment InGroups() {
  Treatment treatment = Only(Transform::kCategory);
  treatment.list = "groups";
  return treatment;
}

// The field `cell`, of `type` at the sender, as `treatment` releases it.
inline ReleasedField ReleasedAs(const Field& type, const Treatment& treatment) {
  Agreement agreement;
  agreement.lists["groups"] = {{"45/10", "28/3", "28A"},
                               {{"home", {"28/3", "28A"}}, {"car", {"45/10"}}}};
  agreement.datasets["set"].fields["cell"] = type;
  Flow flow;
  flow.id = "flow";
  flow.dataset = "set";
  flow.release["cell"] = treatment;
  return *DescribeReleased(agreement, flow, "cell");
}

// What becomes of `text`; or what is wrong with it.
inline absl::StatusOr<crypto::Value> TreatText(
    const ReleasedField& field, const std::string& text,
    const Circumstances& circumstances) {
  const absl::StatusOr<TypedCell> cell = ReadCell(field.source, nullptr, text);
  if (!cell.ok()) return cell.status();
  return Treat(field, *cell, circumstances);
}

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_TEST_FIELD_H_
