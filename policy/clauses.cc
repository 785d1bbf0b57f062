#include "policy/clauses.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/clause_words.h"

namespace entente::policy {
namespace {

constexpr absl::string_view kBroker = "the broker";
constexpr absl::string_view kBoth =
    "the broker, and the programs of the parties again";
constexpr absl::string_view kPrograms = "the programs of the parties";
constexpr absl::string_view kChecks = "the checks of a document";
constexpr absl::string_view kPeople = "people";
constexpr absl::string_view kAfterReview =
    "once that day is over nothing is accepted or delivered, until a version "
    "with a later day takes its place";
constexpr absl::string_view kNobodyLooks = "no program looks at it";

class Clauses {
 public:
  explicit Clauses(std::vector<HeldClause>* out) : out_(*out) {}

  void Enforced(std::string clause, std::string words, absl::string_view by,
                absl::string_view how, absl::string_view code) {
    out_.push_back({std::move(clause), std::move(words), Hold::kEnforced,
                    std::string(by), std::string(how), std::string(code)});
  }
  void Evidenced(std::string clause, std::string words, absl::string_view by,
                 absl::string_view how) {
    out_.push_back({std::move(clause), std::move(words), Hold::kEvidenced,
                    std::string(by), std::string(how)});
  }
  void Trusted(std::string clause, std::string words,
               absl::string_view how = kNobodyLooks) {
    if (words.empty()) return;
    out_.push_back({std::move(clause), std::move(words), Hold::kTrusted,
                    std::string(kPeople), std::string(how)});
  }

 private:
  std::vector<HeldClause>& out_;
};

void AddWitnesses(const Agreement& agreement, Clauses* clauses) {
  if (!agreement.witnesses.has_value()) {
    clauses->Trusted("witness", "nobody but the broker signs the ledger",
                     "no witness is named");
    return;
  }
  const Witnesses& witnesses = *agreement.witnesses;
  const std::string quorum =
      absl::StrCat(witnesses.quorum, " of ", witnesses.named.size());
  if (agreement.witness == Witness::kRequired) {
    clauses->Enforced(
        "witness",
        absl::StrCat("nothing moves without the cosignatures of ", quorum,
                     " witnesses"),
        kBroker,
        absl::StrCat("what is sent, delivered and enrolled is refused while an "
                     "entry older than ",
                     witnesses.missing_minutes,
                     " minutes is under no checkpoint that they cosigned"),
        "WITNESSES_MISSING");
  } else {
    clauses->Evidenced(
        "witness", absl::StrCat(quorum, " witnesses cosign the ledger"),
        kBroker,
        absl::StrCat("that they have not for ", witnesses.missing_minutes,
                     " minutes is an entry in the ledger and shown by entente "
                     "status; nothing waits for them"));
  }
  for (const auto& [name, witness] : witnesses.named) {
    clauses->Evidenced(
        absl::StrCat("witnesses.named.", name),
        absl::StrCat(name, " cosigns under ", witness.key), kBoth,
        "a cosignature under another key counts for nothing, and one that "
        "does not verify is reported");
  }
}

void AddHead(const Agreement& agreement, Clauses* clauses) {
  clauses->Enforced("version", absl::StrCat("version ", agreement.version),
                    kBoth,
                    "each request names agreement and version; another "
                    "version, or another document under its number, is refused",
                    "VERSION_UNKNOWN");
  if (!agreement.previous.empty()) {
    clauses->Enforced("previous", absl::StrCat("follows ", agreement.previous),
                      kBroker, "it cannot be proposed after any other document",
                      "PREVIOUS_MISMATCH");
  }
  clauses->Evidenced("kind", std::string(WordOf(agreement.kind)), kChecks,
                     "what a kind asks for must be written in it; that the "
                     "agreement is of this kind is the signatories' word");
  if (!agreement.under.empty()) {
    clauses->Enforced(
        "under", absl::StrCat("only what ", agreement.under, " allows as well"),
        kBoth,
        "what the overarching agreement does not allow, or not "
        "in force, is refused",
        "PARENT_NOT_IN_FORCE");
  }
  clauses->Enforced("broker", agreement.broker.name, kBoth,
                    "another broker refuses the document; receipts under "
                    "another ledger key count for nothing",
                    "WRONG_BROKER");
  AddWitnesses(agreement, clauses);
}

void AddAgencies(const Agreement& agreement, Clauses* clauses) {
  for (const auto& [id, party] : agreement.parties) {
    const std::string path = absl::StrCat("parties.", id);
    clauses->Enforced(path, absl::StrCat(id, " is a party"), kBoth,
                      "whoever is no party learns not even that there is an "
                      "agreement",
                      "NO_AGREEMENT");
    clauses->Enforced(path + ".root",
                      absl::StrCat("only signatures and keys under its root ",
                                   party.root, " count"),
                      kBoth,
                      "the document is refused if the agency is registered "
                      "with another root, and a signature under another is "
                      "none",
                      "BAD_SIGNATURE");
    clauses->Evidenced(
        path + ".capacity",
        absl::StrCat(WordOf(party.capacity), ", ", WordOf(party.regime)),
        kChecks,
        "a processor is in no flow, and each regime needs its conditions; "
        "whether that is what it is in law is the signatories' word");
    clauses->Trusted(path + ".contact", party.contact);
  }
  for (const auto& [id, overseer] : agreement.overseers) {
    clauses->Enforced(
        absl::StrCat("overseers.", id),
        absl::StrCat(id, " may read the ledger, and nothing else"), kBoth,
        "to whatever it would send or receive there is no agreement",
        "NO_AGREEMENT");
    clauses->Trusted(absl::StrCat("overseers.", id, ".contact"),
                     overseer.contact);
  }
}

void AddLaw(const Agreement& agreement, Clauses* clauses) {
  for (const auto& [id, purpose] : agreement.purposes) {
    clauses->Evidenced(absl::StrCat("purposes.", id), purpose.text, kBoth,
                       "each request names its purpose, the ledger keeps it, "
                       "and any other is refused; what it is really for no "
                       "program sees");
  }
  for (size_t i = 0; i < agreement.lawful_basis.size(); ++i) {
    const LawfulBasis& basis = agreement.lawful_basis[i];
    clauses->Evidenced(
        absl::StrCat("lawful_basis[", i, "]"),
        absl::StrCat("a basis for ", AndList(basis.parties), ", for ",
                     AndList(basis.purposes)),
        kChecks,
        "a flow without one for both its ends, or without the conditions that "
        "its data need, is refused; whether it holds in law is for people");
  }
}

void AddData(const Agreement& agreement, Clauses* clauses) {
  for (const auto& [id, list] : agreement.lists) {
    clauses->Enforced(absl::StrCat("lists.", id),
                      absl::StrCat(list.values.size(), " values"), kPrograms,
                      "a value that it lacks is not sent, and if it is sent "
                      "all the same, not received",
                      "NOT_AS_AGREED");
  }
  for (const auto& [id, dataset] : agreement.datasets) {
    const std::string path = absl::StrCat("datasets.", id);
    clauses->Evidenced(
        path,
        absl::StrCat(
            "criminal offence data: ", dataset.criminal_offence ? "yes" : "no",
            "; special category: ", dataset.special_category ? "yes" : "no",
            "; children: ", WordOf(dataset.children)),
        kChecks,
        "what is said asks for its conditions; whether the data are so is the "
        "sender's word");
    clauses->Trusted(path + ".definition", dataset.definition);
    if (dataset.identifiers.empty()) continue;
    std::vector<std::string> schemes;
    for (const auto& [name, scheme] : dataset.identifiers) {
      schemes.push_back(absl::StrCat(name, " under ", scheme));
    }
    clauses->Enforced(path + ".identifiers", AndList(schemes), kBroker,
                      "under no other scheme is anybody enrolled; that the "
                      "identifiers are of that scheme is the agency's word",
                      "SCHEME_NOT_IN_AGREEMENT");
  }
}

void AddPromises(const Agreement& agreement, Clauses* clauses) {
  if (agreement.break_glass.has_value()) {
    for (const auto& [dataset, fields] : agreement.break_glass->fields) {
      clauses->Enforced(absl::StrCat("break_glass.fields.", dataset),
                        AndList(fields), kBoth,
                        "in an emergency, for one route and case, on the "
                        "signatures of two of different parties, or of one and "
                        "an overseer; no other field",
                        "GRANT_NOT_LISTED");
    }
    clauses->Enforced(
        "break_glass.minutes",
        absl::StrCat("at most ", agreement.break_glass->minutes, " minutes"),
        kBoth, "after that nothing is taken or delivered under the grant",
        "GRANT_OVER");
    clauses->Enforced(
        "break_glass.report_hours",
        absl::StrCat("a report within ", agreement.break_glass->report_hours,
                     " hours"),
        kBroker,
        "shown to all as overdue until it is filed, and nothing is granted "
        "anew before; that it is true no program sees",
        "REPORT_OVERDUE");
  }
  clauses->Trusted("onward", std::string(WordOf(agreement.onward.rule)),
                   "what a recipient does with what it received no program "
                   "sees");
  const Handling& handling = agreement.handling;
  clauses->Trusted("handling.marking", handling.marking);
  clauses->Trusted("handling.accuracy", handling.accuracy);
  clauses->Trusted("handling.staff", handling.staff);
  clauses->Trusted("handling.setting", handling.setting);
  clauses->Trusted("handling.publication", handling.publication);
  if (handling.minimum_cell > 0) {
    clauses->Trusted("handling.minimum_cell",
                     absl::StrCat("no figure that is published stands for "
                                  "fewer than ",
                                  handling.minimum_cell, " people"));
  }
  for (size_t i = 0; i < handling.forbidden.size(); ++i) {
    clauses->Trusted(absl::StrCat("handling.forbidden[", i, "]"),
                     handling.forbidden[i]);
  }
}

void AddValidity(const Validity& valid, Clauses* clauses) {
  clauses->Enforced("valid.from",
                    absl::StrCat("from ", StartOfDayInWords(valid.from)), kBoth,
                    "before it nothing is accepted", "NOT_YET_VALID");
  clauses->Enforced("valid.until",
                    absl::StrCat("until ", StartOfDayInWords(valid.until)),
                    kBoth,
                    "from it on nothing is accepted, nor delivered of what "
                    "waits; what was received stays where it is",
                    "EXPIRED");
  if (valid.handover_days > 0) {
    clauses->Enforced("valid.handover_days",
                      absl::StrCat("the version before is usable for ",
                                   valid.handover_days, " more days"),
                      kBoth, "from then on it is refused",
                      "VERSION_SUPERSEDED");
  }
  clauses->Enforced("valid.review_by",
                    absl::StrCat("reviewed by ", DayInWords(valid.review_by)),
                    kBoth, kAfterReview, "REVIEW_OVERDUE");
  if (valid.project_end.has_value()) {
    clauses->Trusted("valid.project_end", DayInWords(*valid.project_end),
                     "the calendar shows it; nothing stops then");
  }
}

void AddAssessment(const std::string& path, const Assessment& assessment,
                   Clauses* clauses) {
  clauses->Evidenced(
      path, absl::StrCat(assessment.ref, " of ", DayInWords(assessment.date)),
      kChecks,
      "a document without it, or with one dated after its "
      "start, is refused; what stands in it no program sees");
  if (!assessment.review_by.has_value()) return;
  clauses->Enforced(
      path + ".review_by",
      absl::StrCat("reviewed by ", DayInWords(*assessment.review_by)), kBoth,
      kAfterReview, "REVIEW_OVERDUE");
}

void AddGovernance(const Agreement& agreement, Clauses* clauses) {
  const Governance& governance = agreement.governance;
  clauses->Trusted("governance.owner", governance.owner);
  clauses->Trusted("governance.arrangement", governance.arrangement);
  AddAssessment("governance.dpia", governance.dpia, clauses);
  if (governance.ethics.has_value()) {
    AddAssessment("governance.ethics", *governance.ethics, clauses);
  }
  clauses->Enforced("governance.suspend",
                    std::string(WordOf(governance.suspend)), kBroker,
                    "who may suspend the whole; its own sending any party "
                    "suspends, and only who suspended resumes",
                    "OWNER_ONLY");
  clauses->Evidenced(
      "governance.justification",
      governance.justification == JustificationRule::kFilled
          ? "every batch has a justification in the ledger"
          : "a justification is in the ledger where the request brings one",
      kBroker,
      governance.justification == JustificationRule::kFilled
          ? "where the request brings none, the entry has one that is filled "
            "in from its purpose and case reference, and marked as that"
          : "whether it is true no program sees");
  clauses->Evidenced(
      "governance.notice_days",
      absl::StrCat("notice of ", governance.notice_days, " days"), kBroker,
      "a withdrawal stops what its party sends and receives at once; the end "
      "of the notice is in the ledger, and is not waited for");
  clauses->Trusted("governance.breach_notice_hours",
                   absl::StrCat("told of a breach within ",
                                governance.breach_notice_hours, " hours"));
  clauses->Trusted("governance.publish",
                   std::string(WordOf(governance.publish)));
  std::vector<std::string> lines;
  for (const Signatory& line : agreement.signatories) {
    lines.push_back(absl::StrCat(line.party, ": ", line.role));
  }
  clauses->Enforced("signatories", absl::StrJoin(lines, "; "), kBoth,
                    "it is in force only when each has signed this very "
                    "document, with the key of the certificate named",
                    "NOT_FULLY_SIGNED");
}

}  // namespace

absl::string_view WordOf(Hold hold) {
  switch (hold) {
    case Hold::kEnforced:
      return "enforced";
    case Hold::kEvidenced:
      return "evidenced";
    case Hold::kTrusted:
      break;
  }
  return "trusted";
}

std::vector<HeldClause> ClausesOf(const Agreement& agreement) {
  std::vector<HeldClause> held;
  Clauses clauses(&held);
  AddHead(agreement, &clauses);
  AddAgencies(agreement, &clauses);
  AddLaw(agreement, &clauses);
  AddData(agreement, &clauses);
  AddFlowClauses(agreement, &held);
  AddPromises(agreement, &clauses);
  AddValidity(agreement.valid, &clauses);
  AddGovernance(agreement, &clauses);
  return held;
}

}  // namespace entente::policy
