#include "policy/break_glass.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/decide.h"
#include "policy/naive_decide.h"
#include "policy/overarching.h"
#include "policy/printable.h"

namespace entente::policy {
namespace {

constexpr absl::string_view kGlassClause = "break_glass";
constexpr size_t kGlassNameBytes = 64;

// Indexed by GrantPhase.
constexpr absl::string_view kPhaseNames[] = {
    "asked",    "open",   "report_due", "report_overdue",
    "reported", "lapsed", "closed"};
static_assert(std::size(kPhaseNames) == size_t(GrantPhase::kClosed) + 1);

template <typename Range>
bool Names(const Range& range, const std::string& name) {
  return std::find(range.begin(), range.end(), name) != range.end();
}

std::string Quoted(const std::string& name) {
  return PrintableStart(name, kGlassNameBytes);
}

std::string Instant(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone());
}

Failure GlassFailure(Reason reason, absl::string_view clause,
                     absl::string_view detail) {
  return {reason, "", std::string(clause), std::string(detail)};
}

const Flow* FlowNamed(const Agreement& document, const std::string& id) {
  for (const Flow& flow : document.flows) {
    if (flow.id == id) return &flow;
  }
  return nullptr;
}

// The fields that `document` lists for emergencies in the data set of `flow`,
// without those that travel as pseudonyms: these always do.
std::vector<std::string> Listed(const Agreement& document, const Flow& flow) {
  std::vector<std::string> listed;
  if (!document.break_glass.has_value()) return listed;
  const auto found = document.break_glass->fields.find(flow.dataset);
  if (found == document.break_glass->fields.end()) return listed;
  for (const std::string& field : found->second) {
    const auto released = flow.release.find(field);
    if (released == flow.release.end() ||
        released->second.transform != Transform::kPseudonym) {
      listed.push_back(field);
    }
  }
  return listed;
}

void CheckRoute(const Flow& flow, const Grant& grant,
                std::vector<Failure>* failures) {
  const std::string clause = absl::StrCat("flows ", flow.id);
  const auto fail = [&](absl::string_view part, const std::string& detail) {
    failures->push_back(GlassFailure(Reason::kGrantNotListed,
                                     absl::StrCat(clause, ".", part), detail));
  };
  if (!Names(flow.from, grant.sender)) {
    fail("from", absl::StrCat(Quoted(grant.sender), " does not send in it"));
  }
  if (!Names(flow.to, grant.recipient) || grant.recipient == grant.sender) {
    fail("to",
         absl::StrCat(Quoted(grant.recipient), " does not receive in it"));
  }
  if (!Names(flow.purposes, grant.purpose)) {
    fail("purposes", absl::StrCat("it is not for ", Quoted(grant.purpose)));
  }
}

void CheckFields(const Agreement& document, const Flow& flow,
                 const Grant& grant, std::vector<Failure>* failures) {
  const std::vector<std::string> listed = Listed(document, flow);
  std::vector<std::string> unlisted;
  for (const std::string& field : grant.fields) {
    if (!Names(listed, field)) unlisted.push_back(Quoted(field));
  }
  const std::string clause =
      absl::StrCat(kGlassClause, ".fields.", flow.dataset);
  if (grant.fields.empty()) {
    failures->push_back(
        GlassFailure(Reason::kGrantNotListed, clause, "no field is named"));
  }
  if (unlisted.empty()) return;
  unlisted.resize(std::min(unlisted.size(), kMaxNamesShown));
  failures->push_back(GlassFailure(
      Reason::kGrantNotListed, clause,
      absl::StrCat(absl::StrJoin(unlisted, ", "), " not listed; listed: ",
                   listed.empty() ? "none" : absl::StrJoin(listed, ", "))));
}

// In what the request is another than the grant is for.
std::vector<std::string> Differences(const Grant& grant, const Request& request,
                                     absl::string_view case_reference) {
  std::vector<std::string> differences;
  const auto compare = [&](absl::string_view what, absl::string_view granted,
                           absl::string_view asked) {
    if (granted == asked) return;
    differences.push_back(absl::StrCat(
        what, " is ", asked.empty() ? "missing" : PrintableStart(asked, 64),
        ", not ", granted));
  };
  compare("agreement", grant.agreement, request.agreement);
  compare("version", absl::StrCat(grant.version),
          absl::StrCat(request.version));
  compare("flow", grant.flow, request.flow);
  compare("sender", grant.sender, request.sender);
  compare("recipient", grant.recipient, request.recipient);
  compare("purpose", grant.purpose, request.purpose);
  compare("case_reference", grant.case_reference, case_reference);
  return differences;
}

// What of the grant itself stands against the request.
std::vector<Failure> GrantFailures(const Grant& grant, const Register& known,
                                   absl::Time now, const Request& request,
                                   absl::string_view case_reference) {
  std::vector<Failure> failures;
  const AgreementRecord* record = known.Find(grant.agreement);
  if (record != nullptr && record->versions.count(grant.version) != 0) {
    // The time was agreed when it was asked for; an early end shortens it.
    failures = CheckGrant(
        record->versions.at(grant.version).agreement->document(), grant, 1);
  }
  if (now < grant.from) {
    failures.push_back(GlassFailure(
        Reason::kGrantNotApproved, kGlassClause,
        grant.from == absl::InfiniteFuture()
            ? "its second signature is missing"
            : absl::StrCat("it is open from ", Instant(grant.from))));
  } else if (now >= grant.until) {
    failures.push_back(
        GlassFailure(Reason::kGrantOver, kGlassClause,
                     absl::StrCat("it ended at ", Instant(grant.until))));
  }
  if (grant.drill) {
    failures.push_back(GlassFailure(Reason::kGrantDrill, kGlassClause, ""));
  }
  const std::vector<std::string> differences =
      Differences(grant, request, case_reference);
  if (!differences.empty()) {
    failures.push_back(GlassFailure(Reason::kGrantDiffers, kGlassClause,
                                    absl::StrJoin(differences, "; ")));
  }
  return failures;
}

std::shared_ptr<const CompiledAgreement> Opened(
    const std::shared_ptr<const CompiledAgreement>& agreement,
    const Grant& grant) {
  Agreement document = agreement->document();
  for (Flow& flow : document.flows) {
    if (flow.id != grant.flow) continue;
    const std::vector<std::string> listed = Listed(document, flow);
    for (const std::string& field : grant.fields) {
      if (!Names(listed, field)) continue;
      Treatment& treatment = flow.release[field];
      treatment = Treatment();
      treatment.transform = Transform::kAsIs;
    }
  }
  auto opened =
      CompiledAgreement::Create(std::move(document), agreement->digest());
  return opened.ok() ? *std::move(opened) : agreement;
}

bool IsStranger(const Decision& decision) {
  return decision.failures.size() == 1 &&
         decision.failures[0].reason == Reason::kNoAgreement;
}

}  // namespace

absl::string_view PhaseName(GrantPhase phase) {
  return kPhaseNames[size_t(phase)];
}

absl::Time ReportDue(const Grant& grant, const GrantLife& life) {
  return grant.from == absl::InfiniteFuture()
             ? absl::InfiniteFuture()
             : grant.until + absl::Hours(life.report_hours);
}

GrantPhase PhaseAt(const Grant& grant, const GrantLife& life, absl::Time now) {
  if (grant.from == absl::InfiniteFuture()) {
    const absl::Time lapses = life.asked + kMaxApprovalWait;
    if (life.ended < lapses) return GrantPhase::kClosed;
    return now < lapses && life.ended == absl::InfiniteFuture()
               ? GrantPhase::kAsked
               : GrantPhase::kLapsed;
  }
  if (life.reported) return GrantPhase::kReported;
  if (now < grant.until) return GrantPhase::kOpen;
  return now < ReportDue(grant, life) ? GrantPhase::kReportDue
                                      : GrantPhase::kReportOverdue;
}

bool IsOpen(const Grant& grant, absl::Time now) {
  return grant.from <= now && now < grant.until;
}

std::vector<Failure> CheckGrant(const Agreement& document, const Grant& grant,
                                int64_t minutes) {
  if (!document.break_glass.has_value()) {
    return {GlassFailure(Reason::kGrantNotListed, kGlassClause,
                         "the agreement has no break_glass")};
  }
  std::vector<Failure> failures;
  const int64_t most =
      std::min(document.break_glass->minutes, kMaxBreakGlassMinutes);
  if (minutes < 1 || minutes > most) {
    failures.push_back(GlassFailure(
        Reason::kGrantNotListed, absl::StrCat(kGlassClause, ".minutes"),
        absl::StrCat(minutes, " minutes; 1 to ", most, " are allowed")));
  }
  const Flow* flow = FlowNamed(document, grant.flow);
  if (flow == nullptr) {
    failures.push_back(
        GlassFailure(Reason::kGrantNotListed, "flows",
                     absl::StrCat("no flow ", Quoted(grant.flow))));
    return failures;
  }
  CheckRoute(*flow, grant, &failures);
  CheckFields(document, *flow, grant, &failures);
  return failures;
}

std::shared_ptr<const Register> OpenedBy(const Grant& grant,
                                         const Register& known,
                                         absl::Time now) {
  std::vector<AgreementRecord> records;
  const AgreementRecord* own = known.Find(grant.agreement);
  if (own == nullptr) return Register::Create({});
  records.push_back(*own);
  const auto version = records[0].versions.find(grant.version);
  if (version == records[0].versions.end()) {
    return Register::Create(std::move(records));
  }
  std::string under = version->second.agreement->document().under;
  version->second.agreement = Opened(version->second.agreement, grant);
  for (int tier = 0; !under.empty() && tier < kMaxTiers; ++tier) {
    const AgreementRecord* parent = known.Find(under);
    if (parent == nullptr || parent == own) break;
    records.push_back(*parent);
    const VersionRecord* current = parent->CurrentAt(now);
    if (current == nullptr) break;
    under = current->agreement->document().under;
  }
  return Register::Create(std::move(records));
}

Decision DecideUnder(const Grant& grant, const Register& known, absl::Time now,
                     const Request& request, absl::string_view case_reference) {
  Decision decision = Decide(*OpenedBy(grant, known, now), now, request);
  if (IsStranger(decision)) return decision;
  std::vector<Failure> failures =
      GrantFailures(grant, known, now, request, case_reference);
  if (failures.empty()) {
    if (decision.allowed()) {
      decision.good_until = std::min(decision.good_until, grant.until);
    }
    return decision;
  }
  Decision denied;
  denied.failures = std::move(decision.failures);
  denied.failures.insert(denied.failures.end(), failures.begin(),
                         failures.end());
  std::sort(denied.failures.begin(), denied.failures.end(),
            [](const Failure& a, const Failure& b) {
              return std::tie(a.reason, a.item, a.clause, a.detail) <
                     std::tie(b.reason, b.item, b.clause, b.detail);
            });
  return denied;
}

}  // namespace entente::policy
