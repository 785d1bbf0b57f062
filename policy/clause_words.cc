#include "policy/clause_words.h"

#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/printable.h"
#include "policy/released_field.h"

namespace entente::policy {
namespace {

constexpr const char* kWeekdays[] = {"Monday",   "Tuesday", "Wednesday",
                                     "Thursday", "Friday",  "Saturday",
                                     "Sunday"};
constexpr const char* kMonths[] = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

absl::CivilDay LastSunday(int64_t year, int month) {
  const absl::CivilDay end = absl::CivilDay(year, month, 31);
  return absl::PrevWeekday(end + 1, absl::Weekday::sunday);
}

std::string Count(int64_t number, absl::string_view what) {
  return absl::StrCat(number, " ", what, number == 1 ? "" : "s");
}

std::string Quoted(const std::vector<std::string>& values) {
  return absl::StrJoin(values, ", ",
                       [](std::string* out, const std::string& value) {
                         absl::StrAppend(out, "\"", Printable(value), "\"");
                       });
}

std::string Edges(const Treatment& treatment) {
  return absl::StrJoin(treatment.edges, ", ");
}

}  // namespace

std::string DayInWords(absl::CivilDay day) {
  return absl::StrCat(kWeekdays[int(absl::GetWeekday(day))], " ", day.day(),
                      " ", kMonths[day.month() - 1], " ", day.year());
}

std::string StartOfDayInWords(absl::CivilDay day) {
  const bool summer =
      day > LastSunday(day.year(), 3) && day <= LastSunday(day.year(), 10);
  return absl::StrCat(
      "00:00 UTC on ", DayInWords(day),
      summer ? " (01:00 by British clocks)" : " (midnight by British clocks)");
}

std::string InstantInWords(absl::Time time) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  return absl::StrCat(absl::FormatTime("%E4Y-%m-%d %H:%M UTC, ", time, utc),
                      DayInWords(absl::ToCivilDay(time, utc)));
}

std::string AndList(const std::vector<std::string>& parts) {
  if (parts.empty()) return "nothing";
  if (parts.size() == 1) return parts[0];
  const std::vector<std::string> first(parts.begin(), parts.end() - 1);
  return absl::StrCat(absl::StrJoin(first, ", "), " and ", parts.back());
}

std::string TreatmentInWords(const Treatment& t) {
  switch (t.transform) {
    case Transform::kWithhold:
      return "never; leaving it out was decided";
    case Transform::kAsIs:
      return "in full, as it is";
    case Transform::kPseudonym:
      return "as a pseudonym of this agreement, never the identifier itself";
    case Transform::kFlag:
      return "yes or no only";
    case Transform::kYear:
      return "the year only";
    case Transform::kDateToMonth:
      return "the month and year only";
    case Transform::kPostcodeSector:
      return "the postcode sector only (as LS1 4)";
    case Transform::kPostcodeDistrict:
      return "the postcode district only (as LS1)";
    case Transform::kPostcodeArea:
      return "the postcode area only (as LS)";
    case Transform::kInitials:
      return "the initials only";
    case Transform::kAgeBand:
      return absl::StrCat(
          "the band of the age on the day of release only, with "
          "edges at ",
          Edges(t));
    case Transform::kBand:
      return absl::StrCat("a band only, with edges at ", Edges(t));
    case Transform::kGrid:
      return absl::StrCat("rounded down to a grid of ", t.metres, " metres");
    case Transform::kRoundTime:
      return absl::StrCat("rounded down to ", t.minutes, " minutes (UTC)");
    case Transform::kShiftDays:
      return absl::StrCat("shifted by a secret number of days, at most ",
                          t.within, ", the same for each ", Printable(t.per));
    case Transform::kCategory:
      return absl::StrCat("its group in the list ", Printable(t.list), " only");
    case Transform::kCount:
      return absl::StrCat("how many in the last ", t.window_days, " days only");
    case Transform::kSmallCount:
      return absl::StrCat("the number, but \"", FewerThan(t.below),
                          "\" for 1 to ", t.below - 1);
    case Transform::kReviewedText:
      return absl::StrCat("as text that was reviewed by: ",
                          Printable(t.reviewer));
  }
  return "in an unknown way";
}

std::vector<std::string> RuleInWords(const RowRule& rule) {
  std::vector<std::string> lines;
  const auto say = [&](auto&&... parts) {
    lines.push_back(absl::StrCat(Printable(rule.field), " ", parts...));
  };
  if (rule.newest_days) {
    say("is not older than ", Count(*rule.newest_days, "day"));
  }
  if (!rule.one_of.empty()) say("is one of ", Quoted(rule.one_of));
  if (!rule.any_of.empty()) say("includes any of ", Quoted(rule.any_of));
  if (rule.equals) say("is \"", Printable(*rule.equals), "\"");
  if (rule.at_least) say("is ", *rule.at_least, " or more");
  if (rule.at_most) say("is ", *rule.at_most, " or less");
  if (rule.not_passed) say("has not passed");
  if (rule.after) say("is ", DayInWords(*rule.after), " or later");
  if (rule.before) say("is before ", DayInWords(*rule.before));
  return lines;
}

std::string RequirementInWords(Requirement requirement) {
  switch (requirement) {
    case Requirement::kCaseReference:
      return "a case reference";
    case Requirement::kSubjectReference:
      return "a reference for the person";
    case Requirement::kJustification:
      return "a justification";
    case Requirement::kStrategyDiscussionReference:
      return "the reference of a strategy discussion";
    case Requirement::kHandlingConditionsAccepted:
      return "that the handling conditions are accepted";
    case Requirement::kEthicsReference:
      return "the reference of an ethics approval";
    case Requirement::kProtocolVersion:
      return "the version of the protocol";
    case Requirement::kApprover:
      return "who approved it";
  }
  return "something unknown";
}

std::string MethodInWords(Method method) {
  switch (method) {
    case Method::kQuery:
      return "by answering questions (query)";
    case Method::kPush:
      return "by sending (push)";
    case Method::kSubscribe:
      return "by sending what is new (subscribe)";
    case Method::kExtract:
      return "as an extract (extract)";
  }
  return "in an unknown way";
}

std::vector<std::string> LimitsInWords(const Limits& limits) {
  std::vector<std::string> lines;
  const auto say = [&](const std::optional<int64_t>& limit,
                       absl::string_view what, absl::string_view rest) {
    if (!limit) return;
    lines.push_back(absl::StrCat("at most ", Count(*limit, what), rest));
  };
  say(limits.requests_per_day, "request", " a day");
  say(limits.records_per_request, "record", " in a request");
  say(limits.records_per_day, "record", " a day");
  say(limits.extracts_per_year, "extract", " a year");
  say(limits.enrolments_per_day, "person", " enrolled a day by each agency");
  return lines;
}

std::string RetentionInWords(const Retention& retention) {
  std::string words =
      absl::StrCat("for ", Count(retention.days, "day"), " from ");
  words += retention.starts == RetentionStart::kReceipt
               ? "receipt"
               : "the end of the project";
  switch (retention.then) {
    case RetentionEnd::kDestroy:
      words += ", and then destroyed";
      break;
    case RetentionEnd::kReview:
      words += ", and then reviewed";
      break;
    case RetentionEnd::kReturn:
      words += ", and then given back";
      break;
  }
  if (retention.unless_case_record) {
    words += "; unless it has become part of a case record";
  }
  if (retention.certificate) words += "; with a certificate that it was done";
  if (!retention.no_later_than_field.empty()) {
    absl::StrAppend(&words, "; never beyond the day in ",
                    Printable(retention.no_later_than_field));
  }
  return words;
}

}  // namespace entente::policy
