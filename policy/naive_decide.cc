#include "policy/naive_decide.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/overarching.h"
#include "policy/printable.h"
#include "policy/review.h"

namespace entente::policy {
namespace {

constexpr size_t kNameBytes = 64;

template <typename Range, typename Value>
bool Has(const Range& range, const Value& value) {
  return std::find(range.begin(), range.end(), value) != range.end();
}

// At most kMaxNamesShown of `names`, which may be a stranger's words.
template <typename Names>
std::string Shown(const Names& names) {
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    if (shown.size() == kMaxNamesShown) break;
    shown.push_back(PrintableStart(name, kNameBytes));
  }
  std::string text = absl::StrJoin(shown, ", ");
  if (names.size() > shown.size()) {
    absl::StrAppend(&text, " and ", names.size() - shown.size(), " more");
  }
  return text;
}

std::string Utc(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone());
}

// The route as one flow of one document has it.
struct Route {
  const Agreement* document = nullptr;
  const Flow* flow = nullptr;  // null if there is none
  std::string clause;          // `flows[1] crimes-for-analysis`
};

Route RouteOf(const Agreement& document, size_t index) {
  const Flow& flow = document.flows[index];
  return {&document, &flow, absl::StrCat("flows[", index, "] ", flow.id)};
}

class Judge {
 public:
  Judge(const Register& known, absl::Time now, const Request& request)
      : known_(known), now_(now), request_(request) {}

  Decision Decide();

 private:
  void Fail(Reason reason, absl::string_view clause, absl::string_view detail,
            absl::string_view item = "") {
    decision_.failures.push_back(
        {reason, std::string(item), std::string(clause), std::string(detail)});
  }

  // Null, with kNoAgreement, if the caller may not know of it.
  const AgreementRecord* FindRecord();
  void JudgeState(const AgreementRecord& record);
  void JudgeVersion(const AgreementRecord& record,
                    const VersionRecord& version);
  void JudgeNames(const Agreement& document);
  bool Covers(const Flow& flow) const;
  // Positions of the flows that cover the route.
  std::vector<size_t> Covering(const Agreement& document) const;
  Route FindNamedFlow(const Agreement& document);
  Route FindFlow(const Agreement& document);
  void JudgeFlow(const Route& route);
  void JudgeFields(const Route& route);
  void JudgeForms(const Route& route);
  void AnswerFields();
  void JudgeParents(const Route& route);
  // One overarching agreement, which is in force.
  void JudgeParent(const std::shared_ptr<const CompiledAgreement>& parent);
  std::vector<std::string> Names() const;
  bool IsBatch() const { return request_.method != Method::kQuery; }

  const Register& known_;
  const absl::Time now_;
  const Request& request_;
  Decision decision_;
  // What the flow says of a field, after every overarching agreement.
  struct Said {
    const Treatment* treatment = nullptr;  // null if not released
    std::string why;                       // then: `withheld`
  };
  std::map<std::string, Said> said_;
};

Decision Judge::Decide() {
  const AgreementRecord* record = FindRecord();
  if (record == nullptr) return std::move(decision_);
  JudgeState(*record);
  const auto version = record->versions.find(request_.version);
  if (version == record->versions.end()) {
    Fail(Reason::kVersionUnknown, "version", record->VersionInForce(now_));
  } else {
    JudgeVersion(*record, version->second);
    const Agreement& document = version->second.agreement->document();
    JudgeNames(document);
    const Route route =
        request_.flow.empty() ? FindFlow(document) : FindNamedFlow(document);
    if (route.flow != nullptr) JudgeFlow(route);
    JudgeParents(route);
    if (route.flow != nullptr) JudgeFields(route);
    decision_.agreement = version->second.agreement;
    decision_.flow = route.flow;
    decision_.good_until =
        std::min({decision_.good_until, version->second.agreement->until(),
                  version->second.agreement->overdue(),
                  record->SupersededFrom(request_.version, now_)});
  }
  if (decision_.failures.empty()) {
    decision_.effect = Effect::kAllow;
    decision_.now = now_;
    return std::move(decision_);
  }
  Decision denied;
  denied.failures = std::move(decision_.failures);
  std::sort(denied.failures.begin(), denied.failures.end(),
            [](const Failure& a, const Failure& b) {
              return std::tie(a.reason, a.item, a.clause, a.detail) <
                     std::tie(b.reason, b.item, b.clause, b.detail);
            });
  return denied;
}

const AgreementRecord* Judge::FindRecord() {
  const AgreementRecord* record = known_.Find(request_.agreement);
  if (record != nullptr) {
    const auto version = record->versions.find(request_.version);
    const bool visible =
        version == record->versions.end()
            ? record->IsParty(request_.caller)
            : version->second.agreement->IsParty(request_.caller);
    if (visible) return record;
  }
  Fail(Reason::kNoAgreement, "", "");
  return nullptr;
}

void Judge::JudgeState(const AgreementRecord& record) {
  decision_.good_until = absl::InfiniteFuture();
  if (record.terminated) Fail(Reason::kTerminated, "signatories", "");
  if (record.sending_suspended_by.count(request_.sender) > 0) {
    Fail(Reason::kSuspendedBySender, "governance.suspend",
         PrintableStart(request_.sender, kNameBytes));
  }
}

void Judge::JudgeVersion(const AgreementRecord& record,
                         const VersionRecord& version) {
  const CompiledAgreement& agreement = *version.agreement;
  if (!version.missing.empty()) {
    Fail(Reason::kNotFullySigned, "signatories",
         absl::StrCat("not signed by ", Shown(version.missing)));
  } else if (!version.activated && now_ >= agreement.from()) {
    Fail(Reason::kNotActive, "signatories", "");
  }
  if (now_ < agreement.from()) {
    Fail(Reason::kNotYetValid, "valid.from",
         absl::StrCat("in force from ", Utc(agreement.from())));
  }
  if (now_ >= agreement.until()) {
    Fail(Reason::kExpired, "valid.until",
         absl::StrCat("in force until ", Utc(agreement.until())));
  }
  for (const Review& review : OverdueReviews(agreement.document(), now_)) {
    Fail(Reason::kReviewOverdue, review.clause,
         absl::StrCat(review.what, " was due by ",
                      absl::FormatCivilTime(review.due)));
  }
  if (record.IsSuspended(request_.version)) {
    Fail(Reason::kSuspended, "governance.suspend",
         absl::StrCat("suspended by ",
                      Shown(record.SuspendedBy(request_.version))));
  }
  if (record.WaitsForWitnesses(request_.version)) {
    Fail(Reason::kWitnessesMissing, "witness", "");
  }
  std::set<std::string> withdrawn;
  for (const std::string& agency : {request_.sender, request_.recipient}) {
    if (record.HasWithdrawn(agency, request_.version)) withdrawn.insert(agency);
  }
  if (!withdrawn.empty()) Fail(Reason::kWithdrawn, "parties", Shown(withdrawn));
  if (now_ >= record.SupersededFrom(request_.version, now_)) {
    Fail(Reason::kVersionSuperseded, "version", record.VersionInForce(now_));
  }
}

void Judge::JudgeNames(const Agreement& document) {
  const std::string sender = PrintableStart(request_.sender, kNameBytes);
  const std::string recipient = PrintableStart(request_.recipient, kNameBytes);
  if (request_.caller != (IsBatch() ? request_.sender : request_.recipient)) {
    Fail(Reason::kNotYourAgency, "parties",
         IsBatch()
             ? absl::StrCat("a batch is sent by its sender, ", sender)
             : absl::StrCat("a query is asked by its recipient, ", recipient));
  }
  if (document.parties.count(request_.sender) == 0) {
    Fail(Reason::kSenderNotParty, "parties", sender);
  }
  if (document.parties.count(request_.recipient) == 0) {
    Fail(Reason::kRecipientNotParty, "parties", recipient);
  }
  if (request_.sender == request_.recipient) {
    Fail(Reason::kSameParty, "flows", sender);
  }
  if (document.purposes.count(request_.purpose) == 0) {
    Fail(Reason::kPurposeNotInAgreement, "purposes",
         PrintableStart(request_.purpose, kNameBytes));
  }
  if (document.datasets.count(request_.dataset) == 0) {
    Fail(Reason::kDatasetNotInAgreement, "datasets",
         PrintableStart(request_.dataset, kNameBytes));
  }
}

bool Judge::Covers(const Flow& flow) const {
  return Has(flow.from, request_.sender) && Has(flow.to, request_.recipient) &&
         Has(flow.purposes, request_.purpose) &&
         flow.dataset == request_.dataset;
}

std::vector<size_t> Judge::Covering(const Agreement& document) const {
  std::vector<size_t> covering;
  for (size_t i = 0; i < document.flows.size(); ++i) {
    if (Covers(document.flows[i])) covering.push_back(i);
  }
  return covering;
}

Route Judge::FindNamedFlow(const Agreement& document) {
  const Route by_names = FindFlow(document);
  for (size_t i = 0; i < document.flows.size(); ++i) {
    const Flow& flow = document.flows[i];
    if (flow.id != request_.flow) continue;
    const Route named = RouteOf(document, i);
    if (by_names.flow != nullptr && by_names.flow != &flow) {
      Fail(Reason::kNoFlow, named.clause,
           absl::StrCat("this route is that of flow ", by_names.flow->id));
    }
    return named;
  }
  Fail(Reason::kNoFlow, "flows",
       absl::StrCat("no flow ", PrintableStart(request_.flow, kNameBytes)));
  return {&document, nullptr, ""};
}

Route Judge::FindFlow(const Agreement& document) {
  const std::vector<size_t> covering = Covering(document);
  if (covering.size() == 1) return RouteOf(document, covering[0]);
  if (covering.size() > 1) {
    Fail(Reason::kAmbiguous, "flows",
         absl::StrCat(covering.size(), " flows cover this route"));
  } else if (request_.sender != request_.recipient &&
             document.parties.count(request_.sender) > 0 &&
             document.parties.count(request_.recipient) > 0 &&
             document.purposes.count(request_.purpose) > 0 &&
             document.datasets.count(request_.dataset) > 0) {
    Fail(Reason::kNoFlow, "flows",
         absl::StrCat(request_.dataset, " from ", request_.sender, " to ",
                      request_.recipient, " for ", request_.purpose));
  }
  return {&document, nullptr, ""};
}

void Judge::JudgeFlow(const Route& route) {
  const Flow& flow = *route.flow;
  if (!Has(flow.methods, request_.method)) {
    std::vector<std::string> words;
    for (const Method method : flow.methods) {
      words.emplace_back(WordOf(method));
    }
    Fail(Reason::kMethodNotAllowed, absl::StrCat(route.clause, ".methods"),
         absl::StrCat(WordOf(request_.method), " is none of ", Shown(words)));
  }
  for (const Requirement requirement : flow.require) {
    if (Has(request_.carried, requirement)) continue;
    Fail(Reason::kMissing, absl::StrCat(route.clause, ".require"), "",
         WordOf(requirement));
  }
  const int64_t most =
      flow.limits.records_per_request.value_or(request_.records);
  if (request_.records > most) {
    Fail(Reason::kTooManyRecords, absl::StrCat(route.clause, ".limits"),
         absl::StrCat(request_.records, " records, at most ", most));
  }
}

std::vector<std::string> Judge::Names() const {
  std::vector<std::string> names = request_.fields;
  for (const PseudonymName& field : request_.pseudonyms) {
    names.push_back(field.name);
  }
  return names;
}

void Judge::AnswerFields() {
  for (std::string& name : Names()) {
    FieldAnswer answer;
    const auto said = said_.find(name);
    answer.name = std::move(name);
    if (said != said_.end()) {
      answer.treatment = said->second.treatment;
      answer.withheld = answer.treatment == nullptr;
    }
    decision_.fields.push_back(std::move(answer));
  }
}

void Judge::JudgeFields(const Route& route) {
  AnswerFields();
  const std::string clause = absl::StrCat(route.clause, ".release");
  std::set<std::string> names;
  std::set<std::string> repeated;
  std::set<std::string> refused;
  std::set<std::string> missing;
  bool any = false;
  for (const FieldAnswer& field : decision_.fields) {
    if (!names.insert(field.name).second) repeated.insert(field.name);
    if (field.treatment != nullptr) {
      any = true;
    } else {
      refused.insert(absl::StrCat(
          PrintableStart(field.name, kNameBytes), " (",
          field.withheld ? said_[field.name].why : "not listed", ")"));
    }
  }
  for (const auto& [name, said] : said_) {
    if (said.treatment != nullptr && names.count(name) == 0) {
      missing.insert(name);
    }
  }
  if (!any) Fail(Reason::kNoFieldReleased, clause, "");
  if (!repeated.empty()) {
    Fail(Reason::kFieldRepeated, clause, Shown(repeated));
  }
  if (!IsBatch()) return;
  if (!refused.empty()) {
    Fail(Reason::kFieldNotReleased, clause, Shown(refused));
  }
  if (!missing.empty()) Fail(Reason::kFieldMissing, clause, Shown(missing));
  JudgeForms(route);
}

void Judge::JudgeForms(const Route& route) {
  const auto treatment = [&](const std::string& name) {
    const auto said = said_.find(name);
    return said == said_.end() || said->second.treatment == nullptr
               ? Transform::kWithhold
               : said->second.treatment->transform;
  };
  std::set<std::string> wrong;
  const auto dataset = route.document->datasets.find(route.flow->dataset);
  for (const std::string& name : request_.fields) {
    if (treatment(name) != Transform::kPseudonym) continue;
    wrong.insert(absl::StrCat(name, " travels as a pseudonym"));
  }
  for (const PseudonymName& field : request_.pseudonyms) {
    const Transform transform = treatment(field.name);
    if (transform == Transform::kWithhold) continue;  // refused already
    if (transform != Transform::kPseudonym) {
      wrong.insert(absl::StrCat(field.name, " travels as a value"));
      continue;
    }
    std::string scheme;
    if (dataset != route.document->datasets.end()) {
      const auto found = dataset->second.identifiers.find(field.name);
      if (found != dataset->second.identifiers.end()) scheme = found->second;
    }
    if (scheme != field.scheme) {
      wrong.insert(absl::StrCat(field.name, " is under the scheme ", scheme));
    }
  }
  if (wrong.empty()) return;
  Fail(Reason::kWrongForm, absl::StrCat(route.clause, ".release"),
       Shown(wrong));
}

void Judge::JudgeParents(const Route& route) {
  if (route.flow != nullptr) {
    for (const auto& [name, treatment] : route.flow->release) {
      const bool withheld = treatment.transform == Transform::kWithhold;
      said_[name] = withheld ? Said{nullptr, "withheld"} : Said{&treatment, ""};
    }
  }
  const Overarching above =
      OverarchingOf(known_, now_, *route.document,
                    {request_.caller, request_.sender, request_.recipient});
  for (const auto& parent : above.in_force) {
    const Agreement& document = parent->document();
    decision_.good_until = std::min(
        {decision_.good_until, parent->until(), parent->overdue(),
         known_.Find(document.id)->SupersededFrom(document.version, now_)});
    // A route that the flow itself does not have is the flow's fault.
    if (route.flow != nullptr && Covers(*route.flow)) JudgeParent(parent);
  }
  if (!above.fault.empty()) {
    Fail(Reason::kParentNotInForce, "under", above.fault);
  }
}

void Judge::JudgeParent(
    const std::shared_ptr<const CompiledAgreement>& parent) {
  const Agreement& document = parent->document();
  const std::string name = absl::StrCat(document.id, "/", document.version);
  const std::vector<size_t> covering = Covering(document);
  if (covering.size() != 1) {
    Fail(covering.empty() ? Reason::kNoFlow : Reason::kAmbiguous,
         absl::StrCat(name, " flows"), "in the overarching agreement");
    return;
  }
  Route route = RouteOf(document, covering[0]);
  route.clause = absl::StrCat(name, " ", route.clause);
  JudgeFlow(route);
  for (auto& [field, said] : said_) {
    if (said.treatment == nullptr) continue;
    const auto above = route.flow->release.find(field);
    const bool same = above != route.flow->release.end() &&
                      (above->second == *said.treatment ||
                       above->second.transform == Transform::kAsIs);
    if (!same) said = {nullptr, absl::StrCat("not released under ", name)};
  }
  decision_.parents.push_back({parent, route.flow});
}

}  // namespace

Decision NaiveDecide(const Register& known, absl::Time now,
                     const Request& request) {
  return Judge(known, now, request).Decide();
}

}  // namespace entente::policy
