// The clauses of an agreement in plain English, for people who sign and people
// who ask.
#ifndef ENTENTE_POLICY_CLAUSE_WORDS_H_
#define ENTENTE_POLICY_CLAUSE_WORDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "policy/agreement.h"

namespace entente::policy {

// `Tuesday 1 December 2026`.
std::string DayInWords(absl::CivilDay day);

// `00:00 UTC on Tuesday 1 June 2027 (01:00 by British clocks)`: the start of a
// day in UTC. British summer time is from 01:00 UTC on the last Sunday of March
// to 01:00 UTC on that of October.
std::string StartOfDayInWords(absl::CivilDay day);

// `2027-06-01 12:30 UTC, Tuesday 1 June 2027`.
std::string InstantInWords(absl::Time time);

// `a, b and c`. Of parts that are printable.
std::string AndList(const std::vector<std::string>& parts);

// How a field leaves the sender: `the month and year only`.
std::string TreatmentInWords(const Treatment& treatment);

// One line for each test of the rule: `age is 10 or more`.
std::vector<std::string> RuleInWords(const RowRule& rule);

// `a case reference`.
std::string RequirementInWords(Requirement requirement);

// `by sending (push)`.
std::string MethodInWords(Method method);

// One line for each limit.
std::vector<std::string> LimitsInWords(const Limits& limits);

// `for 365 days from receipt, and then destroyed`.
std::string RetentionInWords(const Retention& retention);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_CLAUSE_WORDS_H_
