#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/clause_words.h"
#include "policy/diff_parts.h"

namespace entente::policy {
namespace {

// What is in `some` and not in `others`.
template <typename T>
std::vector<T> Without(const std::vector<T>& some,
                       const std::vector<T>& others) {
  std::vector<T> left;
  std::copy_if(
      some.begin(), some.end(), std::back_inserter(left), [&](const T& one) {
        return std::find(others.begin(), others.end(), one) == others.end();
      });
  return left;
}

void DiffMethods(const Flow& before, const Flow& after,
                 std::vector<Change>* changes) {
  for (const Method method : Without(after.methods, before.methods)) {
    const std::string words = MethodInWords(method);
    changes->push_back({ChangeKind::kNewlyAllowed, Clause::kMethod,
                        std::string(WordOf(method)), "", words,
                        absl::StrCat("It may now move ", words, ".")});
  }
  for (const Method method : Without(before.methods, after.methods)) {
    const std::string words = MethodInWords(method);
    changes->push_back({ChangeKind::kNewlyRefused, Clause::kMethod,
                        std::string(WordOf(method)), words, "",
                        absl::StrCat("It may no longer move ", words, ".")});
  }
}

const Treatment* Released(const Flow& flow, const std::string& field) {
  const auto found = flow.release.find(field);
  if (found == flow.release.end() ||
      found->second.transform == Transform::kWithhold) {
    return nullptr;
  }
  return &found->second;
}

// Of a field that neither gives: whether it says so.
void DiffDecision(const Flow& before, const Flow& after,
                  const std::string& field, std::vector<Change>* changes) {
  const bool then = before.release.count(field) > 0;
  const bool now = after.release.count(field) > 0;
  if (then == now) return;
  const std::string words = "never; leaving it out was decided";
  changes->push_back(
      {ChangeKind::kChanged, Clause::kWording, field, then ? words : "",
       now ? words : "",
       absl::StrCat(now ? "It is now written down that the field "
                        : "It is no longer written down that the field ",
                    field, " is never given; nothing gives it.")});
}

void DiffField(const Flow& before, const Flow& after, const std::string& field,
               std::vector<Change>* changes) {
  const Treatment* const then = Released(before, field);
  const Treatment* const now = Released(after, field);
  if (then == nullptr && now == nullptr) {
    DiffDecision(before, after, field, changes);
    return;
  }
  if (then != nullptr && now != nullptr && *then == *now) return;
  Change change{ChangeKind::kChanged, Clause::kField, field};
  if (then != nullptr) change.before = TreatmentInWords(*then);
  if (now != nullptr) change.after = TreatmentInWords(*now);
  if (then == nullptr) {
    change.kind = ChangeKind::kNewlyAllowed;
    change.sentence =
        absl::StrCat("The field ", field, " is now given: ", change.after, ".");
  } else if (now == nullptr) {
    change.kind = ChangeKind::kNewlyRefused;
    change.sentence =
        absl::StrCat("The field ", field,
                     " is no longer given; it was given: ", change.before, ".");
  } else {
    change.kind = KindOf(CompareTreatments(*then, *now));
    change.sentence =
        absl::StrCat("The field ", field, " is now given: ", change.after,
                     "; before: ", change.before, ".");
  }
  changes->push_back(std::move(change));
}

void DiffFields(const Flow& before, const Flow& after,
                std::vector<Change>* changes) {
  for (const auto& [field, treatment] : after.release) {
    DiffField(before, after, field, changes);
  }
  for (const auto& [field, treatment] : before.release) {
    if (after.release.count(field) > 0) continue;
    DiffField(before, after, field, changes);
  }
}

void DiffRequirements(const Flow& before, const Flow& after,
                      std::vector<Change>* changes) {
  for (const Requirement need : Without(after.require, before.require)) {
    const std::string words = RequirementInWords(need);
    changes->push_back(
        {ChangeKind::kNarrower, Clause::kRequirement, std::string(WordOf(need)),
         "", words,
         absl::StrCat("A request must now also carry ", words, ".")});
  }
  for (const Requirement need : Without(before.require, after.require)) {
    const std::string words = RequirementInWords(need);
    changes->push_back(
        {ChangeKind::kWider, Clause::kRequirement, std::string(WordOf(need)),
         words, "",
         absl::StrCat("A request need no longer carry ", words, ".")});
  }
}

std::string RulesInWords(const std::vector<RowRule>& rules) {
  std::vector<std::string> lines;
  for (const RowRule& rule : rules) {
    for (std::string& line : RuleInWords(rule))
      lines.push_back(std::move(line));
  }
  return lines.empty() ? "" : AndList(lines);
}

void DiffRows(const Flow& before, const Flow& after,
              std::vector<Change>* changes) {
  for (const FieldRules& rules : CompareRows(before.rows, after.rows)) {
    Change change{KindOf(rules.breadth), Clause::kRows, rules.field,
                  RulesInWords(rules.before), RulesInWords(rules.after)};
    if (change.after.empty()) {
      change.sentence = absl::StrCat("A record need no longer be one of which ",
                                     change.before, ".");
    } else if (change.before.empty()) {
      change.sentence = absl::StrCat("Only records of which ", change.after,
                                     " may now be given.");
    } else {
      change.sentence =
          absl::StrCat("A record is now given only if ", change.after,
                       "; before: only if ", change.before, ".");
    }
    changes->push_back(std::move(change));
  }
}

struct NamedLimit {
  absl::string_view key;
  absl::string_view what;  // of one
  absl::string_view rest;
  std::optional<int64_t> Limits::*limit;
};

// Enrolments are counted for an agency, not for a flow: DiffWhole.
constexpr NamedLimit kLimits[] = {
    {"requests_per_day", "request", " a day", &Limits::requests_per_day},
    {"records_per_request", "record", " in a request",
     &Limits::records_per_request},
    {"records_per_day", "record", " a day", &Limits::records_per_day},
    {"extracts_per_year", "extract", " a year", &Limits::extracts_per_year}};

std::string LimitInWords(const std::optional<int64_t>& limit,
                         absl::string_view what, absl::string_view rest) {
  if (!limit.has_value()) return "";
  return absl::StrCat("at most ", *limit, " ", what, *limit == 1 ? "" : "s",
                      rest);
}

void DiffLimit(const std::optional<int64_t>& before,
               const std::optional<int64_t>& after, absl::string_view key,
               absl::string_view what, absl::string_view rest,
               std::vector<Change>* changes) {
  const Breadth breadth = CompareLimits(before, after);
  if (breadth == Breadth::kSame) return;
  Change change{KindOf(breadth), Clause::kLimit, std::string(key),
                LimitInWords(before, what, rest),
                LimitInWords(after, what, rest)};
  change.sentence = absl::StrCat(
      "There is now ",
      change.after.empty() ? absl::StrCat("no limit on ", what, "s", rest)
                           : change.after,
      "; before: ", change.before.empty() ? "no limit" : change.before, ".");
  changes->push_back(std::move(change));
}

void DiffLimits(const Flow& before, const Flow& after,
                std::vector<Change>* changes) {
  for (const NamedLimit& named : kLimits) {
    DiffLimit(before.limits.*named.limit, after.limits.*named.limit, named.key,
              named.what, named.rest, changes);
  }
  DiffLimit(before.answer_records, after.answer_records, "answer_records",
            "record", " in an answer", changes);
  const int64_t then = before.min_answer_ms.value_or(0);
  const int64_t now = after.min_answer_ms.value_or(0);
  if (then == now) return;
  Change change{now < then ? ChangeKind::kWider : ChangeKind::kNarrower,
                Clause::kLimit, "min_answer_ms", absl::StrCat(then, " ms"),
                absl::StrCat(now, " ms")};
  change.sentence = absl::StrCat("An answer now takes at least ", change.after,
                                 "; before: ", change.before, ".");
  changes->push_back(std::move(change));
}

void DiffSafeguards(const Flow& before, const Flow& after,
                    std::vector<Change>* changes) {
  if (before.proof != after.proof) {
    const bool always = after.proof == Proof::kAlways;
    changes->push_back(
        {always ? ChangeKind::kNarrower : ChangeKind::kWider, Clause::kProof,
         "", std::string(WordOf(before.proof)),
         std::string(WordOf(after.proof)),
         always ? "The broker must now prove that it converts pseudonyms "
                  "honestly."
                : "The broker need no longer prove that it converts "
                  "pseudonyms honestly."});
  }
  if (before.recipient_domain != after.recipient_domain) {
    const bool sealed = after.recipient_domain == DomainRole::kSealed;
    changes->push_back(
        {sealed ? ChangeKind::kNarrower : ChangeKind::kWider,
         Clause::kRecipientDomain, "",
         std::string(WordOf(before.recipient_domain)),
         std::string(WordOf(after.recipient_domain)),
         sealed ? "The recipient may no longer match pseudonyms with people "
                  "whom it knows; it can only join records."
                : "The recipient may now match pseudonyms with people whom it "
                  "knows; before, it could only join records."});
  }
}

void AddDetail(std::vector<std::string>* details, absl::string_view label,
               const std::string& words) {
  if (!words.empty()) details->push_back(absl::StrCat(label, words));
}

}  // namespace

std::vector<Change> DiffTerms(const Flow& before, const Flow& after) {
  std::vector<Change> changes;
  if (before.id != after.id) {
    changes.push_back(
        {ChangeKind::kChanged, Clause::kFlowName, "", before.id, after.id,
         absl::StrCat("The flow is now called ", after.id,
                      "; before: ", before.id,
                      ". A request that names it so is refused by the other "
                      "version.")});
  }
  DiffMethods(before, after, &changes);
  DiffFields(before, after, &changes);
  DiffRows(before, after, &changes);
  DiffRequirements(before, after, &changes);
  DiffLimits(before, after, &changes);
  if (const Breadth breadth =
          CompareRetention(before.retention, after.retention);
      breadth != Breadth::kSame) {
    Change change{KindOf(breadth), Clause::kRetention, "",
                  RetentionInWords(before.retention),
                  RetentionInWords(after.retention)};
    change.sentence = absl::StrCat("The recipient now keeps it ", change.after,
                                   "; before: ", change.before, ".");
    changes.push_back(std::move(change));
  }
  DiffSafeguards(before, after, &changes);
  return changes;
}

Change RouteChange(ChangeKind kind, const Flow& flow) {
  Change change{kind, Clause::kRoute};
  std::vector<std::string> methods;
  for (const Method method : flow.methods) {
    methods.push_back(MethodInWords(method));
  }
  const std::string how = AndList(methods);
  const bool is_new = kind == ChangeKind::kNewlyAllowed;
  (is_new ? change.after : change.before) = how;
  change.sentence = absl::StrCat(
      is_new ? "This is new: it moves " : "This ends: it moved ", how, ".");
  for (const auto& [field, treatment] : flow.release) {
    if (treatment.transform == Transform::kWithhold) continue;
    change.details.push_back(
        absl::StrCat("the field ", field, ": ", TreatmentInWords(treatment)));
  }
  AddDetail(&change.details, "only records of which ", RulesInWords(flow.rows));
  std::vector<std::string> carried;
  for (const Requirement need : flow.require) {
    carried.push_back(RequirementInWords(need));
  }
  if (!carried.empty()) {
    AddDetail(&change.details, "a request carries ", AndList(carried));
  }
  for (const std::string& limit : LimitsInWords(flow.limits)) {
    change.details.push_back(limit);
  }
  AddDetail(&change.details, "the recipient keeps it ",
            RetentionInWords(flow.retention));
  AddDetail(&change.details, "",
            flow.recipient_domain == DomainRole::kMatching
                ? "the recipient may match pseudonyms with people whom it knows"
                : "the recipient can join records by their pseudonyms, and "
                  "match them with nobody");
  if (flow.proof == Proof::kNone) {
    change.details.push_back(
        "the broker does not prove that it converts pseudonyms honestly");
  }
  return change;
}

}  // namespace entente::policy
