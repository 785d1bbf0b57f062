#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/cross_check.h"
#include "policy/text.h"
#include "policy/treat.h"
#include "policy/value_reader.h"

namespace entente::policy {
namespace {

using Types = std::vector<FieldType>;

// What a transformation takes. No types: any. Several values in one field are
// taken as they are or not at all, except by `count`.
Types TakenBy(Transform transform) {
  switch (transform) {
    case Transform::kYear:
    case Transform::kDateToMonth:
      return {FieldType::kDate, FieldType::kTime};
    case Transform::kPostcodeSector:
    case Transform::kPostcodeDistrict:
    case Transform::kPostcodeArea:
    case Transform::kInitials:
    case Transform::kReviewedText:
      return {FieldType::kText};
    case Transform::kAgeBand:
      return {FieldType::kDate, FieldType::kInteger};
    case Transform::kBand:
    case Transform::kGrid:
      return {FieldType::kInteger, FieldType::kDecimal};
    case Transform::kRoundTime:
      return {FieldType::kTime};
    case Transform::kShiftDays:
    case Transform::kCount:
      return {FieldType::kDate};
    case Transform::kCategory:
      return {FieldType::kText, FieldType::kCode};
    case Transform::kSmallCount:
      return {FieldType::kInteger};
    case Transform::kWithhold:
    case Transform::kAsIs:
    case Transform::kPseudonym:
    case Transform::kFlag:
      return {};
  }
  return {};
}

bool TakesMany(Transform transform, FieldType type) {
  return transform == Transform::kWithhold || transform == Transform::kFlag ||
         transform == Transform::kCount ||
         (transform == Transform::kAsIs && type != FieldType::kDate);
}

std::string Describe(const Field& field) {
  return absl::StrCat(WordOf(field.type), field.many ? ", many" : "");
}

std::string JoinWords(const Types& types) {
  return absl::StrJoin(types, ", ", [](std::string* out, FieldType type) {
    absl::StrAppend(out, WordOf(type));
  });
}

bool Holds(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

void CheckCategory(const Agreement& agreement, const Treatment& treatment,
                   const Field& field, const std::string& path,
                   Reporter* reporter) {
  const std::string& name = treatment.list;
  if (!reporter->Clean(absl::StrCat("lists.", name))) return;
  const List& list = agreement.lists.at(name);
  if (list.groups.empty()) {
    reporter->Error(path + ".list", absl::StrCat(name, " has no groups"),
                    "a list that maps each group to its values");
    return;
  }
  if (field.list.empty() ||
      !reporter->Clean(absl::StrCat("lists.", field.list))) {
    return;
  }
  for (const std::string& value : agreement.lists.at(field.list).values) {
    if (Holds(list.values, value)) continue;
    reporter->Error(path + ".list",
                    absl::StrCat(name, " has no group for ", Quoted(value),
                                 " of ", field.list),
                    "a group for every value");
  }
}

void CheckTreatment(const Agreement& agreement, const Dataset& dataset,
                    const std::string& name, const Treatment& treatment,
                    const std::string& path, Reporter* reporter) {
  const auto field = dataset.fields.find(name);
  if (treatment.transform == Transform::kPseudonym) {
    if (dataset.identifiers.count(name) == 0) {
      reporter->Error(path, "a pseudonym of no identifier",
                      "a field that the data set's identifiers name");
    }
    return;
  }
  if (field == dataset.fields.end()) {
    if (treatment.transform == Transform::kWithhold) return;
    reporter->Error(path, "an identifier, with no type to release it by",
                    "{ transform: pseudonym }, withhold, or a line in fields");
    return;
  }
  const Field& type = field->second;
  const Types taken = TakenBy(treatment.transform);
  const bool type_fits = taken.empty() || std::find(taken.begin(), taken.end(),
                                                    type.type) != taken.end();
  if (!type_fits || (type.many && !TakesMany(treatment.transform, type.type)) ||
      (treatment.transform == Transform::kCount && !type.many)) {
    const std::string allowed = treatment.transform == Transform::kCount
                                    ? "date, many"
                                : taken.empty() ? "withhold, flag, count"
                                                : JoinWords(taken);
    reporter->Error(path,
                    absl::StrCat(WordOf(treatment.transform),
                                 " does not apply to ", Describe(type)),
                    allowed);
    return;
  }
  if (treatment.transform == Transform::kCategory) {
    CheckCategory(agreement, treatment, type, path, reporter);
  }
}

// Shifts of one person by two ranges could be compared, and undone.
using Ranges = std::map<std::string, int64_t>;

void CheckShift(const Dataset& dataset, const std::string& name,
                const Treatment& treatment, const std::string& path,
                Ranges* ranges, Reporter* reporter) {
  const auto identifier = dataset.identifiers.find(treatment.per);
  std::string subject_register;
  if (identifier != dataset.identifiers.end()) {
    subject_register = identifier->second;
  } else {
    const Field& field = dataset.fields.at(treatment.per);
    const Types taken = {FieldType::kText, FieldType::kCode,
                         FieldType::kInteger};
    if (treatment.per == name || field.many ||
        std::find(taken.begin(), taken.end(), field.type) == taken.end()) {
      reporter->Error(path + ".per",
                      absl::StrCat(treatment.per, " does not name a person"),
                      "an identifier, or one text, code or integer");
      return;
    }
    subject_register = treatment.per;
  }
  const auto [range, first] =
      ranges->emplace(subject_register, treatment.within);
  if (first || range->second == treatment.within) return;
  reporter->Error(
      path + ".within",
      absl::StrCat("another range than elsewhere for the same ", treatment.per,
                   ": two shifts of one person can be compared"),
      absl::StrCat(range->second));
}

void CheckReview(const Dataset& dataset, const std::string& name,
                 const std::string& path, Reporter* reporter) {
  const auto mark = dataset.fields.find(ReviewMark(name));
  if (mark == dataset.fields.end()) return;
  const bool is_word = mark->second.type == FieldType::kText ||
                       mark->second.type == FieldType::kCode;
  if (is_word && !mark->second.many) return;
  reporter->Error(path,
                  absl::StrCat(ReviewMark(name),
                               ", which says who reviewed "
                               "it, is ",
                               Describe(mark->second)),
                  "text, code");
}

// What a treatment of the right type still must not be.
void CheckParameters(const Dataset& dataset, const std::string& name,
                     const Treatment& treatment, const std::string& path,
                     Ranges* ranges, Reporter* reporter) {
  switch (treatment.transform) {
    case Transform::kShiftDays:
      return CheckShift(dataset, name, treatment, path, ranges, reporter);
    case Transform::kReviewedText:
      return CheckReview(dataset, name, path, reporter);
    case Transform::kSmallCount:
      if (treatment.below > 2) return;
      return reporter->Warn(path + ".below",
                            "hides nothing: only 1 is fewer than 2",
                            "3 or more");
    default:
      return;
  }
}

// One test of a row rule and what it applies to.
struct RowTest {
  bool given;
  absl::string_view name;
  Types types;
  bool many = false;
};

bool IsWellFormed(FieldType type, absl::string_view value) {
  switch (type) {
    case FieldType::kInteger:
      return ParseInteger(value).has_value();
    case FieldType::kBoolean:
      return ParseBoolean(value).has_value();
    case FieldType::kDate:
      return ParseDay(value).has_value();
    default:
      return true;
  }
}

void CheckRuleValues(const Agreement& agreement, const Field& field,
                     const RowRule& rule, const std::string& path,
                     Reporter* reporter) {
  if (rule.equals.has_value() && !IsWellFormed(field.type, *rule.equals)) {
    reporter->Error(path + ".equals",
                    absl::StrCat(Quoted(*rule.equals), " is not of the type ",
                                 WordOf(field.type)));
  }
  if (rule.at_least.has_value() && rule.at_most.has_value() &&
      *rule.at_least > *rule.at_most) {
    reporter->Error(path, "at_least is above at_most", "a range");
  }
  if (rule.after.has_value() && rule.before.has_value() &&
      *rule.after >= *rule.before) {
    reporter->Error(path, "after is not before `before`", "a range");
  }
  if (field.list.empty() ||
      !reporter->Clean(absl::StrCat("lists.", field.list))) {
    return;
  }
  const List& list = agreement.lists.at(field.list);
  const auto check = [&](const std::string& value, const std::string& at) {
    if (Holds(list.values, value)) return;
    const std::string nearest = Nearest(value, list.values);
    reporter->Error(
        at, absl::StrCat(Quoted(value), " is not in ", field.list),
        nearest.empty() ? "" : absl::StrCat("did you mean ", nearest, "?"));
  };
  for (const std::string& value : rule.one_of) check(value, path + ".one_of");
  for (const std::string& value : rule.any_of) check(value, path + ".any_of");
  if (rule.equals.has_value()) check(*rule.equals, path + ".equals");
}

void CheckRule(const Agreement& agreement, const Dataset& dataset,
               const RowRule& rule, const std::string& path,
               Reporter* reporter) {
  const Field& field = dataset.fields.at(rule.field);
  const Types words = {FieldType::kText, FieldType::kCode};
  const Types days = {FieldType::kDate, FieldType::kTime};
  const Types integer = {FieldType::kInteger};
  const RowTest tests[] = {
      {rule.newest_days.has_value(), "newest_days", days},
      {!rule.one_of.empty(), "one_of", words},
      {!rule.any_of.empty(), "any_of", words, /*many=*/true},
      {rule.equals.has_value(),
       "equals",
       {FieldType::kText, FieldType::kCode, FieldType::kBoolean,
        FieldType::kInteger, FieldType::kDate}},
      {rule.at_least.has_value(), "at_least", integer},
      {rule.at_most.has_value(), "at_most", integer},
      {rule.not_passed, "not_passed", days},
      {rule.after.has_value(), "after", days},
      {rule.before.has_value(), "before", days},
  };
  for (const RowTest& test : tests) {
    if (!test.given) continue;
    if (test.many == field.many &&
        std::find(test.types.begin(), test.types.end(), field.type) !=
            test.types.end()) {
      continue;
    }
    reporter->Error(
        absl::StrCat(path, ".", test.name),
        absl::StrCat("does not apply to ", rule.field, ", which is ",
                     Describe(field)),
        absl::StrCat(JoinWords(test.types), test.many ? ", many" : ""));
  }
  CheckRuleValues(agreement, field, rule, path, reporter);
}

void CheckRetentionField(const Dataset& dataset, const Flow& flow,
                         const std::string& path, Reporter* reporter) {
  const std::string& name = flow.retention.no_later_than_field;
  if (name.empty()) return;
  const Field& field = dataset.fields.at(name);
  const auto released = flow.release.find(name);
  const bool is_day =
      field.type == FieldType::kDate || field.type == FieldType::kTime;
  if (is_day && !field.many && released != flow.release.end() &&
      released->second.transform == Transform::kAsIs) {
    return;
  }
  reporter->Error(path + ".retention.no_later_than_field",
                  absl::StrCat("the recipient cannot know ", name),
                  "a date or time that is released as_is");
}

// One flow over a data set, of which what was read is compared.
class FlowFields {
 public:
  FlowFields(const Agreement& agreement, const Flow& flow, std::string path,
             Reporter* reporter)
      : agreement_(agreement),
        flow_(flow),
        dataset_(agreement.datasets.at(flow.dataset)),
        path_(std::move(path)),
        reporter_(*reporter) {}

  void Check(Ranges* ranges) {
    for (const auto& [name, treatment] : flow_.release) {
      CheckRelease(name, treatment, ranges);
    }
    if (reporter_.Clean(path_ + ".release") && ReleasesNothing()) {
      reporter_.Error(path_ + ".release", "releases nothing",
                      "a field that is not withheld");
    }
    for (size_t j = 0; j < flow_.rows.size(); ++j) {
      const std::string at = absl::StrCat(path_, ".rows[", j, "]");
      if (!reporter_.Clean(at) || !IsRead(flow_.rows[j].field)) continue;
      CheckRule(agreement_, dataset_, flow_.rows[j], at, &reporter_);
    }
    const std::string& last = flow_.retention.no_later_than_field;
    if (reporter_.Clean(path_ + ".retention") && IsRead(last) &&
        reporter_.Clean(absl::StrCat(path_, ".release.", last))) {
      CheckRetentionField(dataset_, flow_, path_, &reporter_);
    }
  }

 private:
  // Whether the type of `field` was read; of an identifier, its scheme.
  bool IsRead(const std::string& field) const {
    const std::string path = absl::StrCat("datasets.", flow_.dataset);
    return reporter_.CleanOption(path, "identifiers") &&
           reporter_.Clean(absl::StrCat(path, ".fields.", field));
  }

  void CheckRelease(const std::string& name, const Treatment& treatment,
                    Ranges* ranges) {
    const std::string at = absl::StrCat(path_, ".release.", name);
    if (!reporter_.Clean(at) || !IsRead(name) || !IsRead(treatment.per) ||
        !IsRead(ReviewMark(name))) {
      return;
    }
    CheckTreatment(agreement_, dataset_, name, treatment, at, &reporter_);
    CheckParameters(dataset_, name, treatment, at, ranges, &reporter_);
  }

  bool ReleasesNothing() const {
    return std::all_of(flow_.release.begin(), flow_.release.end(),
                       [](const auto& one) {
                         return one.second.transform == Transform::kWithhold;
                       });
  }

  const Agreement& agreement_;
  const Flow& flow_;
  const Dataset& dataset_;
  const std::string path_;
  Reporter& reporter_;
};

}  // namespace

void CheckFields(const Agreement& agreement, Reporter* reporter) {
  Ranges ranges;
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const Flow& flow = agreement.flows[i];
    if (agreement.datasets.count(flow.dataset) == 0) continue;
    FlowFields(agreement, flow, absl::StrCat("flows[", i, "]"), reporter)
        .Check(&ranges);
  }
}

}  // namespace entente::policy
