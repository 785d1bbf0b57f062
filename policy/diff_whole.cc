#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/clause_words.h"
#include "policy/diff_parts.h"
#include "policy/review.h"

namespace entente::policy {
namespace {

void DiffValidity(const Validity& before, const Validity& after,
                  std::vector<Change>* changes) {
  const auto add = [&](absl::string_view subject, bool wider, std::string then,
                       std::string now, absl::string_view what) {
    Change change{wider ? ChangeKind::kWider : ChangeKind::kNarrower,
                  Clause::kValidity, std::string(subject), std::move(then),
                  std::move(now)};
    change.sentence = absl::StrCat(
        what, change.after.empty() ? "never" : change.after,
        "; before: ", change.before.empty() ? "never" : change.before, ".");
    changes->push_back(std::move(change));
  };
  if (before.from != after.from) {
    add("from", after.from < before.from, StartOfDayInWords(before.from),
        StartOfDayInWords(after.from), "It now starts at ");
  }
  if (before.until != after.until) {
    add("until", after.until > before.until, StartOfDayInWords(before.until),
        StartOfDayInWords(after.until), "It now ends at ");
  }
  if (before.handover_days != after.handover_days) {
    add("handover_days", after.handover_days > before.handover_days,
        absl::StrCat(before.handover_days, " days"),
        absl::StrCat(after.handover_days, " days"),
        "The version before it stays usable beside it for ");
  }
  if (before.project_end != after.project_end) {
    const auto text = [](const std::optional<absl::CivilDay>& day) {
      return day.has_value() ? DayInWords(*day) : std::string();
    };
    add("project_end",
        after.project_end.value_or(absl::CivilDay::max()) >
            before.project_end.value_or(absl::CivilDay::max()),
        text(before.project_end), text(after.project_end),
        "The project now ends: ");
  }
}

// An overdue review stops everything: a later last day, or none, is wider.
void DiffReviews(const Agreement& before, const Agreement& after,
                 std::vector<Change>* changes) {
  std::map<std::string, std::pair<const Review*, const Review*>> clauses;
  const std::vector<Review> then = ReviewsOf(before);
  const std::vector<Review> now = ReviewsOf(after);
  for (const Review& review : then) clauses[review.clause].first = &review;
  for (const Review& review : now) clauses[review.clause].second = &review;
  const auto day = [](const Review* review) {
    return review == nullptr ? absl::CivilDay::max() : review->due;
  };
  const auto words = [](const Review* review) {
    return review == nullptr ? std::string() : DayInWords(review->due);
  };
  for (const auto& [clause, reviews] : clauses) {
    const auto& [old, young] = reviews;
    if (day(old) == day(young)) continue;
    Change change{
        day(young) > day(old) ? ChangeKind::kWider : ChangeKind::kNarrower,
        Clause::kValidity, clause, words(old), words(young)};
    change.sentence = absl::StrCat(
        "Nothing more is allowed once ", (young == nullptr ? old : young)->what,
        " is overdue; it is now due by: ",
        young == nullptr ? "no day" : change.after,
        "; before: ", old == nullptr ? "no day" : change.before, ".");
    changes->push_back(std::move(change));
  }
}

// The quota of each agency that enrols; absent inside if it has none.
std::map<std::string, std::optional<int64_t>> Enrolments(
    const Agreement& agreement) {
  std::map<std::string, std::optional<int64_t>> limits;
  for (const Flow& flow : agreement.flows) {
    const auto& limit = flow.limits.enrolments_per_day;
    for (const std::vector<std::string>* ends : {&flow.from, &flow.to}) {
      for (const std::string& agency : *ends) {
        std::optional<int64_t>& most = limits[agency];
        if (limit.has_value()) most = std::max(most.value_or(0), *limit);
      }
    }
  }
  return limits;
}

void DiffEnrolments(const Agreement& before, const Agreement& after,
                    std::vector<Change>* changes) {
  const auto then = Enrolments(before);
  for (const auto& [agency, limit] : Enrolments(after)) {
    const auto found = then.find(agency);
    if (found == then.end()) continue;
    const Breadth breadth = CompareLimits(found->second, limit);
    if (breadth == Breadth::kSame) continue;
    const auto words = [](const std::optional<int64_t>& most) {
      return most.has_value() ? absl::StrCat("at most ", *most, " a day")
                              : std::string();
    };
    Change change{KindOf(breadth), Clause::kEnrolments, agency,
                  words(found->second), words(limit)};
    const auto or_any = [](const std::string& text) {
      return text.empty() ? std::string("any number") : text;
    };
    change.sentence =
        absl::StrCat(agency, " may now enrol persons: ", or_any(change.after),
                     "; before: ", or_any(change.before), ".");
    changes->push_back(std::move(change));
  }
}

// One name that is in only one of two sets, or means something else.
void DiffNamed(
    const std::map<std::string, std::string>& before,
    const std::map<std::string, std::string>& after,
    const std::function<void(const std::string& name, const std::string* then,
                             const std::string* now)>& each) {
  for (const auto& [name, now] : after) {
    const auto found = before.find(name);
    if (found == before.end()) {
      each(name, nullptr, &now);
    } else if (found->second != now) {
      each(name, &found->second, &now);
    }
  }
  for (const auto& [name, then] : before) {
    if (after.count(name) == 0) each(name, &then, nullptr);
  }
}

ChangeKind KindOfPresence(const std::string* then, const std::string* now,
                          ChangeKind added, ChangeKind removed) {
  if (then == nullptr) return added;
  return now == nullptr ? removed : ChangeKind::kChanged;
}

void DiffIdentifiers(const std::string& dataset, const Dataset& before,
                     const Dataset& after, std::vector<Change>* changes) {
  DiffNamed(
      before.identifiers, after.identifiers,
      [&](const std::string& name, const std::string* then,
          const std::string* now) {
        Change change{KindOfPresence(then, now, ChangeKind::kWider,
                                     ChangeKind::kNarrower),
                      Clause::kIdentifier, name, then ? *then : "",
                      now ? *now : ""};
        change.sentence = absl::StrCat(
            "In the data set ", dataset, ", the identifier ", name,
            now == nullptr
                ? " is no longer there; it was "
                : absl::StrCat(" is now ", *now,
                               then == nullptr ? ", which agencies may enrol"
                                               : "; before: "),
            then == nullptr ? "" : *then, ".");
        changes->push_back(std::move(change));
      });
}

std::string TypeText(const Field& field) {
  std::string text(WordOf(field.type));
  if (!field.list.empty()) absl::StrAppend(&text, " of the list ", field.list);
  if (field.many) text += ", several";
  return text;
}

void DiffFieldTypes(const std::string& dataset, const Dataset& before,
                    const Dataset& after, std::vector<Change>* changes) {
  std::map<std::string, std::string> then, now;
  for (const auto& [name, field] : before.fields) then[name] = TypeText(field);
  for (const auto& [name, field] : after.fields) now[name] = TypeText(field);
  DiffNamed(then, now,
            [&](const std::string& name, const std::string* was,
                const std::string* is) {
              Change change{ChangeKind::kChanged, Clause::kFieldType, name,
                            was ? *was : "", is ? *is : ""};
              change.sentence = absl::StrCat(
                  "In the data set ", dataset, ", the field ", name,
                  is == nullptr ? " is no longer there"
                                : absl::StrCat(" is now: ", *is),
                  was == nullptr ? "" : absl::StrCat("; before: ", *was), ".");
              changes->push_back(std::move(change));
            });
}

// What a list lets pass: each value, with its group if there are groups.
std::set<std::string> Members(const List& list) {
  if (list.groups.empty()) return {list.values.begin(), list.values.end()};
  std::set<std::string> members;
  for (const auto& [group, values] : list.groups) {
    for (const std::string& value : values) {
      members.insert(absl::StrCat(value, " (", group, ")"));
    }
  }
  return members;
}

void DiffLists(const Agreement& before, const Agreement& after,
               std::vector<Change>* changes) {
  for (const auto& [id, list] : after.lists) {
    const auto found = before.lists.find(id);
    if (found == before.lists.end()) continue;
    const std::set<std::string> then = Members(found->second);
    const std::set<std::string> now = Members(list);
    const Breadth breadth = BreadthOf(
        std::includes(now.begin(), now.end(), then.begin(), then.end()),
        std::includes(then.begin(), then.end(), now.begin(), now.end()));
    if (breadth == Breadth::kSame) continue;
    std::vector<std::string> added, removed;
    std::set_difference(now.begin(), now.end(), then.begin(), then.end(),
                        std::back_inserter(added));
    std::set_difference(then.begin(), then.end(), now.begin(), now.end(),
                        std::back_inserter(removed));
    Change change{KindOf(breadth), Clause::kList, id,
                  absl::StrJoin(removed, "; "), absl::StrJoin(added, "; ")};
    change.sentence = absl::StrCat("The list ", id);
    if (!added.empty()) {
      absl::StrAppend(&change.sentence, " now also has: ", change.after);
    }
    if (!removed.empty()) {
      absl::StrAppend(&change.sentence, added.empty() ? "" : ";",
                      " no longer has: ", change.before);
    }
    change.sentence += ". A value that it lacks refuses its record.";
    changes->push_back(std::move(change));
  }
}

void DiffReaders(const Agreement& before, const Agreement& after,
                 std::vector<Change>* changes) {
  const auto readers = [](const Agreement& agreement) {
    std::map<std::string, std::string> named;
    for (const auto& [id, party] : agreement.parties) named[id] = "party";
    for (const auto& [id, one] : agreement.overseers) named[id] = "overseer";
    return named;
  };
  DiffNamed(
      readers(before), readers(after),
      [&](const std::string& name, const std::string* then,
          const std::string* now) {
        Change change{KindOfPresence(then, now, ChangeKind::kNewlyAllowed,
                                     ChangeKind::kNewlyRefused),
                      Clause::kReaders, name, then ? *then : "",
                      now ? *now : ""};
        change.sentence =
            now == nullptr
                ? absl::StrCat(name, " is no longer ",
                               *then == "party" ? "a party" : "an overseer",
                               ", and may no longer read the ledger.")
                : absl::StrCat(
                      name, " is now ",
                      *now == "party" ? "a party" : "an overseer",
                      then == nullptr ? ", and may read the ledger." : ".");
        changes->push_back(std::move(change));
      });
}

void DiffUnder(const Agreement& before, const Agreement& after,
               std::vector<Change>* changes) {
  if (before.under == after.under) return;
  Change change{ChangeKind::kChanged, Clause::kUnder, "", before.under,
                after.under};
  if (before.under.empty()) {
    change.kind = ChangeKind::kNarrower;
    change.sentence = absl::StrCat("Only what the overarching agreement ",
                                   after.under, " allows as well is allowed.");
  } else if (after.under.empty()) {
    change.kind = ChangeKind::kWider;
    change.sentence = absl::StrCat("The overarching agreement ", before.under,
                                   " no longer narrows it.");
  } else {
    change.sentence = absl::StrCat("It is now under ", after.under,
                                   "; before: ", before.under,
                                   ". Only what that allows is allowed.");
  }
  changes->push_back(std::move(change));
}

std::string OnwardText(const Onward& onward) {
  std::vector<std::string> parts;
  if (onward.rule == OnwardRule::kNone) parts.push_back("nothing, to nobody");
  if (onward.rule == OnwardRule::kAskSender) {
    parts.push_back("what the sender agrees to, asked each time");
  }
  for (const OnwardTo& one : onward.listed) {
    parts.push_back(absl::StrCat("to ", one.to, ", for ", AndList(one.purposes),
                                 ", needs: ", one.needs));
  }
  for (const std::string& exception : onward.exceptions) {
    parts.push_back(absl::StrCat("except: ", exception));
  }
  return absl::StrJoin(parts, "; ");
}

std::string BreakGlassText(const std::optional<BreakGlass>& rule) {
  if (!rule.has_value()) return "nothing";
  std::vector<std::string> parts;
  for (const auto& [dataset, fields] : rule->fields) {
    parts.push_back(absl::StrCat("of ", dataset, ": ", AndList(fields)));
  }
  return absl::StrCat(absl::StrJoin(parts, "; "), "; for ", rule->minutes,
                      " minutes, report in ", rule->report_hours, " hours");
}

void DiffPassingOn(const Agreement& before, const Agreement& after,
                   std::vector<Change>* changes) {
  const auto add = [&](Breadth breadth, Clause clause, std::string then,
                       std::string now, absl::string_view what) {
    if (breadth == Breadth::kSame) return;
    Change change{KindOf(breadth), clause, "", std::move(then), std::move(now)};
    change.sentence =
        absl::StrCat(what, change.after, "; before: ", change.before, ".");
    changes->push_back(std::move(change));
  };
  add(CompareOnward(before.onward, after.onward), Clause::kOnward,
      OnwardText(before.onward), OnwardText(after.onward),
      "A recipient may now pass on: ");
  add(CompareBreakGlass(before.break_glass, after.break_glass),
      Clause::kBreakGlass, BreakGlassText(before.break_glass),
      BreakGlassText(after.break_glass), "An emergency may now show: ");
}

}  // namespace

std::vector<Change> DiffWhole(const Agreement& before, const Agreement& after) {
  std::vector<Change> changes;
  DiffValidity(before.valid, after.valid, &changes);
  DiffReviews(before, after, &changes);
  DiffUnder(before, after, &changes);
  DiffEnrolments(before, after, &changes);
  for (const auto& [id, dataset] : after.datasets) {
    const auto found = before.datasets.find(id);
    if (found == before.datasets.end()) continue;
    DiffIdentifiers(id, found->second, dataset, &changes);
    DiffFieldTypes(id, found->second, dataset, &changes);
  }
  DiffLists(before, after, &changes);
  DiffPassingOn(before, after, &changes);
  DiffReaders(before, after, &changes);
  DiffWording(before, after, &changes);
  return changes;
}

}  // namespace entente::policy
