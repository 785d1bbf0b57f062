#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/clause_words.h"
#include "policy/clauses.h"

namespace entente::policy {
namespace {

constexpr absl::string_view kBoth =
    "the broker, and the recipient's program again";
constexpr absl::string_view kSender = "the sender's own program";
constexpr absl::string_view kPeople = "people";

// The clauses of one flow.
class Clauses {
 public:
  Clauses(std::string flow, std::vector<HeldClause>* out)
      : flow_(std::move(flow)), out_(*out) {}

  void Add(absl::string_view part, std::string words, Hold hold,
           absl::string_view by, absl::string_view how,
           absl::string_view code = "") {
    out_.push_back({absl::StrCat(flow_, part), std::move(words), hold,
                    std::string(by), std::string(how), std::string(code)});
  }

 private:
  const std::string flow_;
  std::vector<HeldClause>& out_;
};

void AddRoute(const Flow& flow, Clauses* clauses) {
  clauses->Add("",
               absl::StrCat(flow.dataset, " from ", AndList(flow.from), " to ",
                            AndList(flow.to), ", for ", AndList(flow.purposes)),
               Hold::kEnforced, kBoth,
               "sender and recipient are their certificates; any other way, "
               "purpose or data set is refused",
               "NO_FLOW");
  if (!flow.recipients.empty()) {
    clauses->Add(".recipients", AndList(flow.recipients), Hold::kTrusted,
                 kPeople,
                 "it is delivered to the recipient's system; who there looks "
                 "at it no program sees");
  }
  std::vector<std::string> methods;
  bool query = false;
  for (const Method method : flow.methods) {
    methods.push_back(MethodInWords(method));
    query = query || method == Method::kQuery;
  }
  clauses->Add(".methods", AndList(methods), Hold::kEnforced, kBoth,
               query ? "any other method is refused; query is not built, and "
                       "its calls are refused too"
                     : "any other method is refused",
               "METHOD_NOT_ALLOWED");
}

void AddWithheld(const std::string& part, Clauses* clauses) {
  clauses->Add(part, "never; leaving it out was decided", Hold::kEnforced,
               kBoth,
               "what names the field is refused; that its content does not "
               "stand in another field is the sender's word",
               "FIELD_NOT_RELEASED");
}

void AddField(const std::string& name, const Treatment& treatment,
              Clauses* clauses) {
  const std::string part = absl::StrCat(".release.", name);
  const std::string words = TreatmentInWords(treatment);
  switch (treatment.transform) {
    case Transform::kWithhold:
      AddWithheld(part, clauses);
      return;
    case Transform::kPseudonym:
      clauses->Add(part, words, Hold::kEnforced, kBoth,
                   "it travels only as a pseudonym under the scheme named, "
                   "converted by the broker without seeing it; that the right "
                   "person was enrolled is the sender's word",
                   "WRONG_FORM");
      return;
    case Transform::kAsIs:
      clauses->Add(part, words, Hold::kEnforced, "the recipient's program",
                   "a value that is not of the field's type, or not in its "
                   "list, keeps its record from the application; that it is "
                   "true is the sender's word",
                   "NOT_AS_AGREED");
      return;
    case Transform::kShiftDays:
    case Transform::kReviewedText:
      clauses->Add(part, words, Hold::kTrusted, kSender,
                   "it does so before sealing; nobody else can see whether it "
                   "was done");
      return;
    default:
      clauses->Add(part, words, Hold::kEnforced, "the recipient's program",
                   "a value of any other form keeps its record from the "
                   "application, and the ledger says so; that it was made from "
                   "the true value is the sender's word",
                   "NOT_AS_AGREED");
  }
}

void AddRows(const Flow& flow, Clauses* clauses) {
  for (size_t i = 0; i < flow.rows.size(); ++i) {
    clauses->Add(absl::StrCat(".rows[", i, "]"),
                 absl::StrCat("only records of which ",
                              AndList(RuleInWords(flow.rows[i]))),
                 Hold::kTrusted, kSender,
                 "it leaves out every other record before sealing; nobody else "
                 "can see whether it was done");
  }
}

void AddRequirements(const Flow& flow, Clauses* clauses) {
  for (const Requirement need : flow.require) {
    clauses->Add(absl::StrCat(".require ", WordOf(need)),
                 RequirementInWords(need), Hold::kEvidenced, kBoth,
                 "what lacks it is refused, and the ledger keeps it; whether "
                 "it is true no program sees");
  }
}

void AddLimit(const std::optional<int64_t>& limit, absl::string_view key,
              std::string words, absl::string_view by, absl::string_view code,
              Clauses* clauses) {
  if (!limit.has_value()) return;
  clauses->Add(absl::StrCat(".limits.", key), std::move(words), Hold::kEnforced,
               by, "what goes beyond it is refused", code);
}

void AddLimits(const Flow& flow, Clauses* clauses) {
  const Limits& limits = flow.limits;
  const auto words = [](const std::optional<int64_t>& limit,
                        absl::string_view what) {
    return absl::StrCat("at most ", limit.value_or(0), " ", what);
  };
  AddLimit(limits.requests_per_day, "requests_per_day",
           words(limits.requests_per_day,
                 "requests a day from a sender to a recipient"),
           "the broker", "QUOTA_EXCEEDED", clauses);
  AddLimit(limits.records_per_request, "records_per_request",
           words(limits.records_per_request, "records in a request"), kBoth,
           "TOO_MANY_RECORDS", clauses);
  AddLimit(limits.records_per_day, "records_per_day",
           words(limits.records_per_day,
                 "records a day from a sender to a recipient"),
           "the broker", "QUOTA_EXCEEDED", clauses);
  AddLimit(limits.extracts_per_year, "extracts_per_year",
           words(limits.extracts_per_year, "extracts a year"), "the broker",
           "QUOTA_EXCEEDED", clauses);
  AddLimit(limits.enrolments_per_day, "enrolments_per_day",
           words(limits.enrolments_per_day,
                 "persons enrolled a day by an agency, or what another flow "
                 "of its allows, if that is more"),
           "the broker", "QUOTA_EXCEEDED", clauses);
  for (const auto& [limit, key] :
       {std::pair(flow.answer_records, "answer_records"),
        std::pair(flow.min_answer_ms, "min_answer_ms")}) {
    if (!limit.has_value()) continue;
    clauses->Add(absl::StrCat(".", key), absl::StrCat(*limit), Hold::kTrusted,
                 kPeople, "queries are not built, so there is no answer yet");
  }
}

void AddSafeguards(const Flow& flow, Clauses* clauses) {
  clauses->Add(".retention",
               absl::StrCat("kept ", RetentionInWords(flow.retention)),
               Hold::kTrusted, kPeople,
               "no program deletes what was received, or can see that it was");
  if (flow.proof == Proof::kAlways) {
    clauses->Add(".proof",
                 "the broker proves that it converts pseudonyms honestly",
                 Hold::kEnforced, "the recipient's program",
                 "a batch without a proof that holds is not received",
                 "VERIFICATION_FAILED");
  } else {
    clauses->Add(".proof",
                 "the broker need not prove that it converts pseudonyms "
                 "honestly",
                 Hold::kTrusted, "the broker's operator",
                 "nobody checks the conversion");
  }
  if (flow.recipient_domain == DomainRole::kSealed) {
    clauses->Add(".recipient_domain",
                 "the recipient can join records, and match them with nobody",
                 Hold::kEnforced, "the broker",
                 "it makes no pseudonym of an identifier in that domain",
                 "DOMAIN_SEALED");
  }
}

}  // namespace

void AddFlowClauses(const Agreement& agreement,
                    std::vector<HeldClause>* clauses) {
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const Flow& flow = agreement.flows[i];
    Clauses of(absl::StrCat("flows[", i, "] ", flow.id), clauses);
    AddRoute(flow, &of);
    for (const auto& [name, treatment] : flow.release) {
      AddField(name, treatment, &of);
    }
    of.Add(".release", "no other field", Hold::kEnforced, kBoth,
           "a batch names exactly the fields released, or is refused",
           "FIELD_NOT_RELEASED");
    AddRows(flow, &of);
    AddRequirements(flow, &of);
    AddLimits(flow, &of);
    AddSafeguards(flow, &of);
  }
}

}  // namespace entente::policy
