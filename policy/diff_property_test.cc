// Some request is answered otherwise if and only if a line of the diff says so.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/breadth.h"
#include "policy/decide.h"
#include "policy/diff.h"
#include "policy/diff_words.h"
#include "policy/for_all.h"
#include "policy/random_change.h"
#include "policy/review.h"
#include "policy/test_decision.h"
#include "policy/words.h"

namespace entente::policy {
namespace {

const std::vector<std::string> kParties = {"city-council", "east-police",
                                           "north-police", "west-police"};
const std::vector<std::string> kPurposes = {"analysis", "investigation",
                                            "safeguarding"};
const std::vector<std::string> kDatasets = {"crimes", "persons"};

// A request that is the same for both versions but for their numbers and their
// lists of fields.
struct Asked {
  std::string from, to, purpose, dataset;
  std::string flow;  // named; or empty
  Method method = Method::kPush;
  std::set<Requirement> carried;
  int64_t records = 1;
};

std::set<Requirement> AllRequirements() {
  std::set<Requirement> all;
  for (const auto& [word, value] : AllWords<Requirement>()) all.insert(value);
  return all;
}

const Flow* FlowOn(const Agreement& document, const Asked& asked) {
  for (const Flow& flow : document.flows) {
    const auto has = [](const std::vector<std::string>& names,
                        const std::string& name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (has(flow.from, asked.from) && has(flow.to, asked.to) &&
        has(flow.purposes, asked.purpose) && flow.dataset == asked.dataset) {
      return &flow;
    }
  }
  return nullptr;
}

Decision Ask(const Agreement& document, const Asked& asked, absl::Time now) {
  AgreementRecord record;
  record.id = document.id;
  record.versions[document.version] = {
      *CompiledAgreement::Create(document, {}), {}, true};
  Request request;
  request.agreement = document.id;
  request.version = document.version;
  request.sender = asked.from;
  request.recipient = asked.to;
  request.purpose = asked.purpose;
  request.dataset = asked.dataset;
  request.flow = asked.flow;
  request.method = asked.method;
  request.caller = asked.method == Method::kQuery ? asked.to : asked.from;
  request.carried.assign(asked.carried.begin(), asked.carried.end());
  request.records = asked.records;
  request.fields = {"offence"};
  if (const Flow* flow = FlowOn(document, asked)) {
    SetExactFields(document, *flow, &request);
  }
  return Decide(*Register::Create({std::move(record)}), now, request);
}

absl::Time OverdueOf(const Agreement& document) {
  return ReviewsOf(document).front().Overdue();
}

// Asked at an instant at which the version is in force.
Decision AskInForce(const Agreement& document, const Asked& asked) {
  return Ask(document, asked, document.valid.FromInstant());
}

bool Covers(const FlowChanges& flow, const Asked& asked) {
  const auto has = [](const std::vector<std::string>& names,
                      const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return flow.dataset == asked.dataset && asked.from != asked.to &&
         std::any_of(
             flow.boxes.begin(), flow.boxes.end(), [&](const RouteBox& box) {
               return has(box.from, asked.from) && has(box.to, asked.to) &&
                      has(box.purposes, asked.purpose);
             });
}

std::vector<Change> LinesFor(const AgreementDiff& diff, const Asked& asked) {
  std::vector<Change> lines;
  int covering = 0;
  for (const FlowChanges& flow : diff.flows) {
    if (!Covers(flow, asked)) continue;
    ++covering;
    lines = flow.changes;
  }
  EXPECT_LE(covering, 1);
  return lines;
}

// Whether `change` says that such a request is now allowed, or now refused.
bool SaysFlip(const Change& change, const Asked& asked, bool now_allowed) {
  const auto is = [&](ChangeKind allowed, ChangeKind refused) {
    return change.kind == (now_allowed ? allowed : refused);
  };
  switch (change.clause) {
    case Clause::kRoute:
      return is(ChangeKind::kNewlyAllowed, ChangeKind::kNewlyRefused);
    case Clause::kMethod:
      return change.subject == WordOf(asked.method) &&
             is(ChangeKind::kNewlyAllowed, ChangeKind::kNewlyRefused);
    case Clause::kRequirement:
      return asked.carried.count(*RequirementOf(change.subject)) == 0 &&
             is(ChangeKind::kWider, ChangeKind::kNarrower);
    case Clause::kLimit:
      return change.subject == "records_per_request" &&
             is(ChangeKind::kWider, ChangeKind::kNarrower);
    case Clause::kFlowName:
      return asked.flow == (now_allowed ? change.after : change.before);
    default:
      return false;
  }
}

Asked RandomAsked(Dice* dice, const TwoVersions& versions) {
  Asked asked;
  asked.from = dice->Pick(kParties);
  asked.to = dice->Pick(kParties);
  asked.purpose = dice->Pick(kPurposes);
  asked.dataset = dice->Pick(kDatasets);
  asked.method = AllWords<Method>()[dice->Roll(4)].second;
  asked.carried = AllRequirements();
  if (dice->Once(2)) asked.carried.erase(Requirement(dice->Roll(8)));
  asked.records = 1 + int64_t(dice->Roll(6));
  const Agreement& document = dice->Once(2) ? versions.before : versions.after;
  const Flow& flow = dice->Pick(document.flows);
  if (!dice->Once(4)) {
    asked.from = dice->Pick(flow.from);
    asked.to = dice->Pick(flow.to);
    asked.purpose = dice->Pick(flow.purposes);
    asked.dataset = flow.dataset;
  }
  if (dice->Once(4)) asked.flow = flow.id;
  return asked;
}

std::string Words(const TwoVersions& versions) {
  return DiffInWords(versions.before, versions.after,
                     Diff(versions.before, versions.after));
}

// What a released field is: its treatment, and the scheme of a pseudonym.
std::map<std::string, std::pair<Treatment, std::string>> Given(
    const Agreement& document, const Decision& decision) {
  std::map<std::string, std::pair<Treatment, std::string>> given;
  for (const auto& [name, treatment] : Released(decision)) {
    std::string scheme;
    if (treatment.transform == Transform::kPseudonym) {
      scheme =
          document.datasets.at(decision.flow->dataset).identifiers.at(name);
    }
    given[name] = {treatment, scheme};
  }
  return given;
}

bool HasLine(const std::vector<Change>& lines, Clause clause,
             const std::string& subject, std::set<ChangeKind> kinds) {
  return std::any_of(lines.begin(), lines.end(), [&](const Change& line) {
    return line.clause == clause && line.subject == subject &&
           kinds.count(line.kind) > 0;
  });
}

const std::set<ChangeKind> kOtherwise = {
    ChangeKind::kWider, ChangeKind::kNarrower, ChangeKind::kChanged};

// Both allow it: every difference has its line, and every line its difference.
void ExpectTermsTold(const TwoVersions& versions, const AgreementDiff& diff,
                     const std::vector<Change>& lines, const Decision& before,
                     const Decision& after) {
  const auto then = Given(versions.before, before);
  const auto now = Given(versions.after, after);
  const Flow& was = *before.flow;
  const Flow& is = *after.flow;
  std::set<std::string> fields;
  for (const auto& [name, given] : then) fields.insert(name);
  for (const auto& [name, given] : now) fields.insert(name);
  for (const std::string& name : fields) {
    const bool both = then.count(name) + now.count(name) == 2;
    EXPECT_EQ(HasLine(lines, Clause::kField, name, {ChangeKind::kNewlyAllowed}),
              then.count(name) == 0);
    EXPECT_EQ(HasLine(lines, Clause::kField, name, {ChangeKind::kNewlyRefused}),
              now.count(name) == 0);
    EXPECT_EQ(HasLine(lines, Clause::kField, name, kOtherwise),
              both && then.at(name).first != now.at(name).first)
        << name;
    if (both && then.at(name).second != now.at(name).second &&
        then.at(name).first == now.at(name).first) {
      EXPECT_TRUE(HasLine(diff.whole, Clause::kIdentifier, name,
                          {ChangeKind::kChanged}));
    }
  }
  const auto told = [&](Clause clause, const std::string& subject) {
    return HasLine(lines, clause, subject, kOtherwise);
  };
  EXPECT_EQ(told(Clause::kRetention, ""), was.retention != is.retention);
  EXPECT_EQ(told(Clause::kProof, ""), was.proof != is.proof);
  EXPECT_EQ(told(Clause::kRecipientDomain, ""),
            was.recipient_domain != is.recipient_domain);
  EXPECT_EQ(told(Clause::kFlowName, ""), was.id != is.id);
  EXPECT_EQ(told(Clause::kLimit, "requests_per_day"),
            was.limits.requests_per_day != is.limits.requests_per_day);
  EXPECT_EQ(told(Clause::kLimit, "records_per_day"),
            was.limits.records_per_day != is.limits.records_per_day);
  EXPECT_EQ(told(Clause::kLimit, "records_per_request"),
            was.limits.records_per_request != is.limits.records_per_request);
  EXPECT_EQ(told(Clause::kLimit, "extracts_per_year"),
            was.limits.extracts_per_year != is.limits.extracts_per_year);
  EXPECT_EQ(told(Clause::kLimit, "answer_records"),
            was.answer_records != is.answer_records);
  EXPECT_EQ(told(Clause::kLimit, "min_answer_ms"),
            was.min_answer_ms.value_or(0) != is.min_answer_ms.value_or(0));
  // The order of the rules does not matter; policy/breadth_test.cc has them.
  const bool rows = std::is_permutation(was.rows.begin(), was.rows.end(),
                                        is.rows.begin(), is.rows.end());
  for (const Change& line : lines) {
    EXPECT_FALSE(rows && line.clause == Clause::kRows);
  }
  for (const FieldRules& rules : CompareRows(was.rows, is.rows)) {
    EXPECT_TRUE(told(Clause::kRows, rules.field));
  }
}

TEST(DiffProperty, EveryRequestAnsweredOtherwiseHasItsLine) {
  int flips = 0, kept = 0;
  ForAll(kRounds, [&](Dice* dice) {
    const TwoVersions versions = RandomVersions(dice);
    const AgreementDiff diff = Diff(versions.before, versions.after);
    for (int i = 0; i < 4 * kRequests; ++i) {
      const Asked asked = RandomAsked(dice, versions);
      const Decision before = AskInForce(versions.before, asked);
      const Decision after = AskInForce(versions.after, asked);
      const std::vector<Change> lines = LinesFor(diff, asked);
      if (before.allowed() != after.allowed()) {
        ++flips;
        EXPECT_TRUE(std::any_of(lines.begin(), lines.end(),
                                [&](const Change& line) {
                                  return SaysFlip(line, asked, after.allowed());
                                }))
            << asked.from << ">" << asked.to << " " << asked.purpose << " "
            << Words(versions);
      } else if (before.allowed()) {
        ++kept;
        ExpectTermsTold(versions, diff, lines, before, after);
      }
    }
  });
  EXPECT_GT(flips, kRounds / 2);
  EXPECT_GT(kept, kRounds);
}

// A request that `change` on `flow` says is answered otherwise, and nothing
// else stands against on the side that allows it.
Asked Witness(Dice* dice, const FlowChanges& flow, const Change& change,
              const TwoVersions& versions) {
  const RouteBox& box = dice->Pick(flow.boxes);
  Asked asked;
  do {
    asked.from = dice->Pick(box.from);
    asked.to = dice->Pick(box.to);
  } while (asked.from == asked.to);
  asked.purpose = dice->Pick(box.purposes);
  asked.dataset = flow.dataset;
  asked.carried = AllRequirements();
  const bool now_allowed = change.kind == ChangeKind::kNewlyAllowed ||
                           change.kind == ChangeKind::kWider;
  const Agreement& allowing = now_allowed ? versions.after : versions.before;
  const Flow& on = *FlowOn(allowing, asked);
  asked.method = dice->Pick(on.methods);
  switch (change.clause) {
    case Clause::kMethod:
      asked.method = *MethodOf(change.subject);
      break;
    case Clause::kRequirement:
      asked.carried.erase(*RequirementOf(change.subject));
      break;
    case Clause::kLimit:
      asked.records = on.limits.records_per_request.value_or(1'000'000);
      break;
    case Clause::kFlowName:
      asked.flow = change.before;
      break;
    default:
      break;
  }
  return asked;
}

bool FlipsRequests(const Change& change) {
  return change.clause == Clause::kRoute || change.clause == Clause::kMethod ||
         change.clause == Clause::kRequirement ||
         change.clause == Clause::kFlowName ||
         (change.clause == Clause::kLimit &&
          change.subject == "records_per_request");
}

TEST(DiffProperty, EveryLineHasARequestAnsweredOtherwise) {
  std::map<std::string, int> tried;
  ForAll(kRounds, [&](Dice* dice) {
    const TwoVersions versions = RandomVersions(dice);
    for (const FlowChanges& flow :
         Diff(versions.before, versions.after).flows) {
      for (const Change& change : flow.changes) {
        if (!FlipsRequests(change)) continue;
        ++tried[std::string(WordOf(change.clause))];
        const Asked asked = Witness(dice, flow, change, versions);
        const bool now_allowed = change.kind == ChangeKind::kNewlyAllowed ||
                                 change.kind == ChangeKind::kWider;
        EXPECT_EQ(AskInForce(versions.before, asked).allowed(), !now_allowed)
            << change.sentence;
        EXPECT_EQ(AskInForce(versions.after, asked).allowed(), now_allowed)
            << change.sentence;
      }
    }
  });
  for (const char* clause :
       {"route", "method", "requirement", "flow_name", "limit"}) {
    EXPECT_GT(tried[clause], kRounds / 50) << clause;
  }
}

// A way on which rules, retention or anything else is said to differ has such a
// difference: lines are never about ways that stay as they are.
TEST(DiffProperty, WaysThatStayAsTheyAreHaveNoLine) {
  ForAll(kRounds, [&](Dice* dice) {
    const TwoVersions versions = RandomVersions(dice);
    const AgreementDiff diff = Diff(versions.before, versions.after);
    for (int i = 0; i < kRequests; ++i) {
      const Asked asked = RandomAsked(dice, versions);
      const Flow* const then = FlowOn(versions.before, asked);
      const Flow* const now = FlowOn(versions.after, asked);
      if (then == nullptr && now == nullptr) {
        EXPECT_TRUE(LinesFor(diff, asked).empty());
      } else if (then != nullptr && now != nullptr) {
        Flow same = *now;
        same.from = then->from;
        same.to = then->to;
        same.purposes = then->purposes;
        EXPECT_TRUE(!(same == *then) || LinesFor(diff, asked).empty());
      }
    }
  });
}

TEST(DiffProperty, TimeIsTold) {
  int moved = 0;
  ForAll(kRounds, [&](Dice* dice) {
    const TwoVersions versions = RandomVersions(dice);
    const AgreementDiff diff = Diff(versions.before, versions.after);
    const Validity& then = versions.before.valid;
    const Validity& now = versions.after.valid;
    const Asked asked = RandomAsked(dice, versions);
    if (AskInForce(versions.before, asked).allowed() !=
        AskInForce(versions.after, asked).allowed()) {
      return;
    }
    for (const absl::Time turn :
         {then.FromInstant(), now.FromInstant(), then.UntilInstant(),
          now.UntilInstant(), OverdueOf(versions.before),
          OverdueOf(versions.after)}) {
      const absl::Time at = turn - absl::Nanoseconds(int64_t(dice->Roll(2)));
      const bool before = Ask(versions.before, asked, at).allowed();
      const bool after = Ask(versions.after, asked, at).allowed();
      if (before == after) continue;
      ++moved;
      const ChangeKind kind =
          after ? ChangeKind::kWider : ChangeKind::kNarrower;
      EXPECT_TRUE(
          HasLine(diff.whole, Clause::kValidity, "from", {kind}) ||
          HasLine(diff.whole, Clause::kValidity, "until", {kind}) ||
          HasLine(diff.whole, Clause::kValidity, "valid.review_by", {kind}));
    }
  });
  EXPECT_GT(moved, kRounds / 200);
}

TEST(DiffProperty, LinesAboutTimeHaveARequestAnsweredOtherwise) {
  ForAll(kRounds, [&](Dice* dice) {
    const TwoVersions versions = RandomVersions(dice);
    for (const Change& change : Diff(versions.before, versions.after).whole) {
      if (change.clause != Clause::kValidity) continue;
      const bool wider = change.kind == ChangeKind::kWider;
      const Agreement& longer = wider ? versions.after : versions.before;
      const Agreement& shorter = wider ? versions.before : versions.after;
      const absl::Time now =
          change.subject == "from" ? longer.valid.FromInstant()
          : change.subject == "until"
              ? longer.valid.UntilInstant() - absl::Nanoseconds(1)
              : OverdueOf(longer) - absl::Nanoseconds(1);
      // Another day of the longer one may stop it before this one does.
      if (now < longer.valid.FromInstant() ||
          now >= longer.valid.UntilInstant() || now >= OverdueOf(longer)) {
        continue;
      }
      Asked asked;
      const Flow& flow = dice->Pick(longer.flows);
      do {
        asked.from = dice->Pick(flow.from);
        asked.to = dice->Pick(flow.to);
      } while (asked.from == asked.to);
      asked.purpose = dice->Pick(flow.purposes);
      asked.dataset = flow.dataset;
      asked.method = flow.methods[0];
      asked.carried = AllRequirements();
      EXPECT_TRUE(Ask(longer, asked, now).allowed());
      EXPECT_FALSE(Ask(shorter, asked, now).allowed());
    }
  });
}

std::array<size_t, 5> Mirrored(std::array<size_t, 5> counts) {
  std::swap(counts[size_t(ChangeKind::kNewlyAllowed)],
            counts[size_t(ChangeKind::kNewlyRefused)]);
  std::swap(counts[size_t(ChangeKind::kWider)],
            counts[size_t(ChangeKind::kNarrower)]);
  return counts;
}

TEST(DiffProperty, BackwardsIsTheMirror) {
  ForAll(kRounds, [&](Dice* dice) {
    const TwoVersions versions = RandomVersions(dice);
    EXPECT_EQ(CountKinds(Diff(versions.before, versions.after)),
              Mirrored(CountKinds(Diff(versions.after, versions.before))));
    EXPECT_TRUE(Diff(versions.before, versions.before).empty());
  });
}

}  // namespace
}  // namespace entente::policy
