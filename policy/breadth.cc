#include "policy/breadth.h"

#include <algorithm>
#include <map>
#include <set>

namespace entente::policy {
namespace {

bool Within(const std::vector<int64_t>& some, const std::vector<int64_t>& all) {
  return std::all_of(some.begin(), some.end(), [&](int64_t edge) {
    return std::find(all.begin(), all.end(), edge) != all.end();
  });
}

template <typename T>
bool Within(const std::set<T>& some, const std::set<T>& all) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

std::set<std::string> SetOf(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

// How exact a treatment of one family is; 0 outside of it.
int RankOfDay(Transform transform) {
  switch (transform) {
    case Transform::kYear:
      return 1;
    case Transform::kDateToMonth:
      return 2;
    default:
      return 0;
  }
}

int RankOfPostcode(Transform transform) {
  switch (transform) {
    case Transform::kPostcodeArea:
      return 1;
    case Transform::kPostcodeDistrict:
      return 2;
    case Transform::kPostcodeSector:
      return 3;
    default:
      return 0;
  }
}

// Whether a treatment leaves nothing for nothing and something for something,
// so that it tells whether there was a value.
bool TellsPresence(Transform transform) {
  switch (transform) {
    case Transform::kWithhold:
    case Transform::kCount:      // no dates are 0, and so are old ones
    case Transform::kPseudonym:  // may be of several columns
      return false;
    default:
      return true;
  }
}

// Whether what `coarse` gives can be worked out from what `fine` gives, for two
// of one transformation.
bool SameKindTells(const Treatment& fine, const Treatment& coarse) {
  switch (fine.transform) {
    case Transform::kAgeBand:
    case Transform::kBand:
      return Within(coarse.edges, fine.edges);
    case Transform::kGrid:
      return fine.metres > 0 && coarse.metres % fine.metres == 0;
    case Transform::kRoundTime:
      return fine.minutes > 0 && coarse.minutes % fine.minutes == 0;
    case Transform::kShiftDays:
      return fine.per == coarse.per && fine.within <= coarse.within;
    case Transform::kSmallCount:
      return fine.below <= coarse.below;
    default:
      return fine == coarse;
  }
}

bool Tells(const Treatment& fine, const Treatment& coarse) {
  if (fine.transform == coarse.transform) return SameKindTells(fine, coarse);
  if (coarse.transform == Transform::kWithhold) return true;
  if (fine.transform == Transform::kAsIs) return true;
  if (coarse.transform == Transform::kFlag) {
    return TellsPresence(fine.transform);
  }
  const int day = RankOfDay(coarse.transform);
  const int postcode = RankOfPostcode(coarse.transform);
  return (day > 0 && RankOfDay(fine.transform) > day) ||
         (postcode > 0 && RankOfPostcode(fine.transform) > postcode);
}

// Whether everything of which `strict` holds is also within `loose`, each
// absent if it asks for nothing.
template <typename T, typename Within>
bool Fits(const std::optional<T>& strict, const std::optional<T>& loose,
          Within within) {
  return !loose.has_value() || (strict.has_value() && within(*strict, *loose));
}

bool AtMost(int64_t strict, int64_t loose) { return strict <= loose; }

bool RetentionFits(const Retention& strict, const Retention& loose) {
  return strict.starts == loose.starts && strict.days <= loose.days &&
         (strict.then == loose.then || loose.then == RetentionEnd::kReview) &&
         (!strict.unless_case_record || loose.unless_case_record) &&
         (strict.certificate || !loose.certificate) &&
         (loose.no_later_than_field.empty() ||
          strict.no_later_than_field == loose.no_later_than_field);
}

bool OnwardFits(const Onward& strict, const Onward& loose) {
  if (SetOf(strict.exceptions) != SetOf(loose.exceptions)) return false;
  if (strict.rule == OnwardRule::kNone) return true;
  if (strict.rule != loose.rule) return false;
  return std::all_of(
      strict.listed.begin(), strict.listed.end(), [&](const OnwardTo& one) {
        return std::any_of(
            loose.listed.begin(), loose.listed.end(),
            [&](const OnwardTo& other) {
              return one.to == other.to && one.needs == other.needs &&
                     Within(SetOf(one.purposes), SetOf(other.purposes));
            });
      });
}

bool BreakGlassFits(const std::optional<BreakGlass>& strict,
                    const std::optional<BreakGlass>& loose) {
  if (!strict.has_value()) return true;
  if (!loose.has_value()) return false;
  for (const auto& [dataset, fields] : strict->fields) {
    const auto found = loose->fields.find(dataset);
    if (found == loose->fields.end()) return false;
    if (!Within(SetOf(fields), SetOf(found->second))) return false;
  }
  return strict->minutes <= loose->minutes &&
         strict->report_hours <= loose->report_hours;
}

// All that the rules on one field ask for.
struct Tests {
  std::optional<int64_t> newest_days;
  std::optional<std::set<std::string>> one_of;
  std::set<std::set<std::string>> any_of;
  std::optional<int64_t> at_least;
  std::optional<int64_t> at_most;
  bool not_passed = false;
  std::optional<absl::CivilDay> after;
  std::optional<absl::CivilDay> before;
  bool any = false;  // a rule: nothing as a value fails it

  void Add(const RowRule& rule);
  void OneOf(const std::set<std::string>& values);
};

void Tests::OneOf(const std::set<std::string>& values) {
  if (!one_of.has_value()) {
    one_of = values;
    return;
  }
  std::set<std::string> both;
  std::set_intersection(one_of->begin(), one_of->end(), values.begin(),
                        values.end(), std::inserter(both, both.end()));
  one_of = std::move(both);
}

void Tests::Add(const RowRule& rule) {
  any = true;
  const auto least = [](auto& kept, const auto& also) {
    if (also.has_value())
      kept = kept.has_value() ? std::min(*kept, *also) : also;
  };
  const auto most = [](auto& kept, const auto& also) {
    if (also.has_value())
      kept = kept.has_value() ? std::max(*kept, *also) : also;
  };
  least(newest_days, rule.newest_days);
  least(at_most, rule.at_most);
  least(before, rule.before);
  most(at_least, rule.at_least);
  most(after, rule.after);
  not_passed = not_passed || rule.not_passed;
  if (!rule.one_of.empty()) OneOf(SetOf(rule.one_of));
  if (rule.equals.has_value()) OneOf({*rule.equals});
  if (!rule.any_of.empty()) any_of.insert(SetOf(rule.any_of));
}

bool TestsFit(const Tests& strict, const Tests& loose) {
  const auto at_least = [](const auto& a, const auto& b) { return a >= b; };
  const auto at_most = [](const auto& a, const auto& b) { return a <= b; };
  const bool lists = std::all_of(
      loose.any_of.begin(), loose.any_of.end(), [&](const auto& wanted) {
        return std::any_of(
            strict.any_of.begin(), strict.any_of.end(),
            [&](const auto& have) { return Within(have, wanted); });
      });
  return lists && (strict.any || !loose.any) &&
         (strict.not_passed || !loose.not_passed) &&
         Fits(strict.newest_days, loose.newest_days, at_most) &&
         Fits(strict.at_most, loose.at_most, at_most) &&
         Fits(strict.before, loose.before, at_most) &&
         Fits(strict.at_least, loose.at_least, at_least) &&
         Fits(strict.after, loose.after, at_least) &&
         Fits(strict.one_of, loose.one_of,
              [](const auto& a, const auto& b) { return Within(a, b); });
}

Tests TestsOf(const std::vector<RowRule>& rules) {
  Tests tests;
  for (const RowRule& rule : rules) tests.Add(rule);
  return tests;
}

}  // namespace

Breadth BreadthOf(bool before_fits, bool after_fits) {
  if (before_fits) return after_fits ? Breadth::kSame : Breadth::kWider;
  return after_fits ? Breadth::kNarrower : Breadth::kDiffers;
}

Breadth CompareTreatments(const Treatment& before, const Treatment& after) {
  return BreadthOf(Tells(after, before), Tells(before, after));
}

Breadth CompareLimits(const std::optional<int64_t>& before,
                      const std::optional<int64_t>& after) {
  return BreadthOf(Fits(before, after, AtMost), Fits(after, before, AtMost));
}

Breadth CompareRetention(const Retention& before, const Retention& after) {
  return BreadthOf(RetentionFits(before, after), RetentionFits(after, before));
}

Breadth CompareOnward(const Onward& before, const Onward& after) {
  return BreadthOf(OnwardFits(before, after), OnwardFits(after, before));
}

Breadth CompareBreakGlass(const std::optional<BreakGlass>& before,
                          const std::optional<BreakGlass>& after) {
  return BreadthOf(BreakGlassFits(before, after),
                   BreakGlassFits(after, before));
}

std::vector<FieldRules> CompareRows(const std::vector<RowRule>& before,
                                    const std::vector<RowRule>& after) {
  std::map<std::string, FieldRules> fields;
  for (const RowRule& rule : before) fields[rule.field].before.push_back(rule);
  for (const RowRule& rule : after) fields[rule.field].after.push_back(rule);
  std::vector<FieldRules> differing;
  for (auto& [name, rules] : fields) {
    const Tests then = TestsOf(rules.before);
    const Tests now = TestsOf(rules.after);
    rules.breadth = BreadthOf(TestsFit(then, now), TestsFit(now, then));
    if (rules.breadth == Breadth::kSame) continue;
    rules.field = name;
    differing.push_back(std::move(rules));
  }
  return differing;
}

}  // namespace entente::policy
