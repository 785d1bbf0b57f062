#include "policy/random_change.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/words.h"

namespace entente::policy {
namespace {

template <typename T>
const T& AnyOf(Dice* dice, const std::vector<T>& of) {
  return of[dice->Roll(of.size())];
}

template <typename Enum>
Enum AnyWord(Dice* dice) {
  return AllWords<Enum>()[dice->Roll(AllWords<Enum>().size())].second;
}

// Puts `value` in, or takes it out if it is there.
template <typename T>
void Toggle(std::vector<T>* values, const T& value) {
  const auto found = std::find(values->begin(), values->end(), value);
  if (found == values->end()) {
    values->push_back(value);
  } else {
    values->erase(found);
  }
}

template <typename Map>
std::vector<std::string> Keys(const Map& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

Treatment AnyTreatment(Dice* dice, const std::string& field) {
  Treatment treatment;
  treatment.transform = AnyWord<Transform>(dice);
  if (treatment.transform == Transform::kPseudonym && field != "nhs" &&
      field != "pnc") {
    treatment.transform = Transform::kAsIs;
  }
  switch (treatment.transform) {
    case Transform::kAgeBand:
    case Transform::kBand:
      treatment.edges = dice->Some(std::vector<int64_t>{10, 18, 25, 50}, 1);
      break;
    case Transform::kGrid:
      treatment.metres = AnyOf(dice, std::vector<int64_t>{100, 250, 500, 1000});
      break;
    case Transform::kRoundTime:
      treatment.minutes = AnyOf(dice, std::vector<int64_t>{15, 60, 360, 1440});
      break;
    case Transform::kShiftDays:
      treatment.within = 1 + int64_t(dice->Roll(3));
      treatment.per = dice->Once(2) ? "nhs" : "pnc";
      break;
    case Transform::kSmallCount:
      treatment.below = 2 + int64_t(dice->Roll(3));
      break;
    case Transform::kCount:
      treatment.window_days = 30 * (1 + int64_t(dice->Roll(2)));
      break;
    default:
      break;
  }
  return treatment;
}

RowRule AnyRule(Dice* dice) {
  RowRule rule;
  rule.field = dice->Once(2) ? "age" : "offence";
  switch (dice->Roll(4)) {
    case 0:
      rule.at_least = 10 * int64_t(dice->Roll(3));
      break;
    case 1:
      rule.newest_days = 30 * (1 + int64_t(dice->Roll(3)));
      break;
    case 2:
      rule.equals = dice->Once(2) ? "a" : "b";
      break;
    default:
      rule.one_of = dice->Some(std::vector<std::string>{"a", "b", "c"}, 1);
  }
  return rule;
}

std::optional<int64_t> AnyLimit(Dice* dice) {
  if (dice->Once(3)) return std::nullopt;
  return 1 + int64_t(dice->Roll(4));
}

void ChangeLimits(Dice* dice, Flow* flow) {
  switch (dice->Roll(7)) {
    case 0:
      flow->limits.records_per_request = AnyLimit(dice);
      break;
    case 1:
      flow->limits.requests_per_day = AnyLimit(dice);
      break;
    case 2:
      flow->limits.records_per_day = AnyLimit(dice);
      break;
    case 3:
      flow->limits.extracts_per_year = AnyLimit(dice);
      break;
    case 4:
      flow->limits.enrolments_per_day = AnyLimit(dice);
      break;
    case 5:
      flow->answer_records = AnyLimit(dice);
      break;
    default:
      flow->min_answer_ms = AnyLimit(dice);
  }
}

void ChangeRetention(Dice* dice, Retention* retention) {
  switch (dice->Roll(6)) {
    case 0:
      retention->days = 10 + int64_t(dice->Roll(3));
      break;
    case 1:
      retention->starts = AnyWord<RetentionStart>(dice);
      break;
    case 2:
      retention->then = AnyWord<RetentionEnd>(dice);
      break;
    case 3:
      retention->unless_case_record = dice->Once(2);
      break;
    case 4:
      retention->certificate = dice->Once(2);
      break;
    default:
      retention->no_later_than_field = dice->Once(2) ? "" : "offence";
  }
}

// The same ways in two flows, where there were one.
void Split(Agreement* document, size_t index) {
  if (document->flows[index].purposes.size() < 2) return;
  Flow part = document->flows[index];
  part.id = absl::StrCat(part.id, "-part");
  part.purposes = {part.purposes.back()};
  document->flows[index].purposes.pop_back();
  document->flows.push_back(std::move(part));
}

void ChangeValidity(Dice* dice, Validity* valid) {
  const int64_t days = int64_t(dice->Roll(100)) - 50;
  switch (dice->Roll(3)) {
    case 0:
      valid->from = std::min(valid->from + days, valid->until - 1);
      break;
    case 1:
      valid->until = std::max(valid->until + days, valid->from + 1);
      break;
    default:
      valid->review_by = valid->review_by + days;
  }
  valid->review_by = std::max(valid->review_by, valid->from);
}

void ShuffleFlow(Dice* dice, Flow* flow) {
  dice->Shuffle(&flow->from);
  dice->Shuffle(&flow->to);
  dice->Shuffle(&flow->purposes);
  dice->Shuffle(&flow->methods);
  dice->Shuffle(&flow->require);
  dice->Shuffle(&flow->rows);
}

void ChangeFlow(Dice* dice, Agreement* document, size_t index) {
  Flow& flow = document->flows[index];
  const std::vector<std::string> fields =
      Keys(document->datasets[flow.dataset].fields);
  switch (dice->Roll(14)) {
    case 0:
      Toggle(&flow.from, AnyOf(dice, Keys(document->parties)));
      break;
    case 1:
      Toggle(&flow.to, AnyOf(dice, Keys(document->parties)));
      break;
    case 2:
      Toggle(&flow.purposes, AnyOf(dice, Keys(document->purposes)));
      break;
    case 3:
      Toggle(&flow.methods, AnyWord<Method>(dice));
      break;
    case 4:
      Toggle(&flow.require, AnyWord<Requirement>(dice));
      break;
    case 5:
    case 6: {
      const std::string& field = AnyOf(dice, fields);
      if (field != "offence") flow.release[field] = AnyTreatment(dice, field);
      break;
    }
    case 7: {
      const std::string& field = AnyOf(dice, fields);
      if (field != "offence") flow.release.erase(field);
      break;
    }
    case 8:
      ChangeLimits(dice, &flow);
      break;
    case 9:
      if (dice->Once(2) || flow.rows.empty()) {
        flow.rows.push_back(AnyRule(dice));
      } else {
        flow.rows.pop_back();
      }
      break;
    case 10:
      ChangeRetention(dice, &flow.retention);
      break;
    case 11:
      flow.proof = AnyWord<Proof>(dice);
      flow.recipient_domain = AnyWord<DomainRole>(dice);
      break;
    case 12:
      flow.id = absl::StrCat("named-", index);
      break;
    default:
      ShuffleFlow(dice, &flow);
  }
}

// Whether every flow has a way and a method, no way is in two flows, and no two
// flows have one name.
bool IsSound(const Agreement& document) {
  std::set<std::tuple<std::string, std::string, std::string, std::string>> ways;
  std::set<std::string> ids;
  for (const Flow& flow : document.flows) {
    size_t own = 0;
    for (const std::string& from : flow.from) {
      for (const std::string& to : flow.to) {
        for (const std::string& purpose : flow.purposes) {
          if (from == to) continue;
          ++own;
          if (!ways.emplace(from, to, purpose, flow.dataset).second) {
            return false;
          }
        }
      }
    }
    if (own == 0 || flow.methods.empty()) return false;
    if (!ids.insert(flow.id).second) return false;
  }
  return !document.flows.empty();
}

}  // namespace

void ChangeAtRandom(Dice* dice, Agreement* document) {
  Agreement changed = *document;
  const size_t index = dice->Roll(changed.flows.size());
  switch (dice->Roll(12)) {
    case 0:
      changed.flows.erase(changed.flows.begin() + std::ptrdiff_t(index));
      break;
    case 1:
      Split(&changed, index);
      break;
    case 2:
      ChangeValidity(dice, &changed.valid);
      break;
    case 3:
      changed.datasets[changed.flows[index].dataset].identifiers["pnc"] =
          dice->Once(2) ? "pnc/1" : "opaque/1:pnc";
      break;
    case 4:
      dice->Shuffle(&changed.flows);
      break;
    default:
      ChangeFlow(dice, &changed, index);
  }
  if (IsSound(changed)) *document = std::move(changed);
}

TwoVersions RandomVersions(Dice* dice) {
  TwoVersions versions;
  versions.before = RandomDocument(dice, "isa-one", 1);
  for (size_t i = dice->Roll(12); i > 0; --i) {
    ChangeAtRandom(dice, &versions.before);
  }
  versions.after = versions.before;
  if (dice->Once(6)) versions.after = RandomDocument(dice, "isa-one", 2);
  versions.after.version = 2;
  for (size_t i = dice->Roll(6); i > 0; --i) {
    ChangeAtRandom(dice, &versions.after);
  }
  return versions;
}

}  // namespace entente::policy
