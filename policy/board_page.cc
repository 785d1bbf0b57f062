#include "policy/board_page.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "crypto/encoding.h"
#include "crypto/hex.h"
#include "policy/calendar.h"
#include "policy/clause_words.h"
#include "policy/clauses.h"

namespace entente::policy {
namespace {

std::string RegimeText(Regime regime) {
  return regime == Regime::kLawEnforcement ? "law enforcement (DPA 2018 Part 3)"
                                           : "general (UK GDPR)";
}

std::string CapacityText(Capacity capacity) {
  switch (capacity) {
    case Capacity::kController:
      return "controller";
    case Capacity::kJointController:
      return "joint controller";
    case Capacity::kProcessor:
      break;
  }
  return "processor, for others only";
}

void AddSummary(const Agreement& agreement, absl::string_view digest,
                HtmlPage* page) {
  page->Paragraph(agreement.summary);
  page->Facts(
      {{"Agreement",
        absl::StrCat(agreement.id, ", version ", agreement.version)},
       {"Kind", std::string(WordOf(agreement.kind))},
       {"In force",
        absl::StrCat("from ", StartOfDayInWords(agreement.valid.from),
                     " until ", StartOfDayInWords(agreement.valid.until))},
       {"SHA-256 of what is signed", std::string(digest)},
       {"Under", agreement.under}});
  page->Paragraph(
      "This page is made from the document that is signed. What is not written "
      "in it is refused.");
}

void AddPurpose(const Agreement& agreement, HtmlPage* page) {
  page->Heading("What is the purpose of the data sharing?");
  std::vector<HtmlPage::Row> rows;
  for (const auto& [id, purpose] : agreement.purposes) {
    rows.push_back({id, purpose.text, RegimeText(purpose.regime)});
  }
  page->Table("Purposes; for any other, everything is refused",
              {"Purpose", "In words", "Law"}, rows);
}

void AddOrganisations(const Agreement& agreement, HtmlPage* page) {
  page->Heading("Which organisations will be involved in the data sharing?");
  std::vector<HtmlPage::Row> rows;
  for (const auto& [id, party] : agreement.parties) {
    rows.push_back({party.name, id, RegimeText(party.regime), party.contact});
  }
  page->Table("Parties", {"Name", "Id", "Law", "Contact"}, rows);
  rows.clear();
  for (const auto& [id, overseer] : agreement.overseers) {
    rows.push_back({overseer.name, id, overseer.contact});
  }
  page->Table("Overseers: may read the ledger, and nothing else",
              {"Name", "Id", "Contact"}, rows);
  page->Heading("Are we sharing data along with another controller?");
  rows.clear();
  for (const auto& [id, party] : agreement.parties) {
    rows.push_back({party.name, CapacityText(party.capacity)});
  }
  page->Table("Who is what", {"Party", "Capacity"}, rows);
  page->Facts({{"Arrangement", agreement.governance.arrangement}});
}

void AddBasis(const Agreement& agreement, HtmlPage* page) {
  page->Heading("What is our lawful basis for sharing?");
  for (const LawfulBasis& basis : agreement.lawful_basis) {
    page->Subheading(absl::StrCat("For ", AndList(basis.parties), ", to ",
                                  AndList(basis.purposes)));
    page->Facts({{"Power to share", absl::StrJoin(basis.gateway, "; ")},
                 {"Processing", absl::StrJoin(basis.processing, "; ")},
                 {"Policy document", basis.policy_document}});
  }
  page->Heading(
      "Is there any special category data, sensitive data or criminal offence "
      "data?");
  std::vector<HtmlPage::Row> rows;
  for (const auto& [id, dataset] : agreement.datasets) {
    rows.push_back({id, dataset.special_category ? "yes" : "no",
                    dataset.criminal_offence ? "yes" : "no"});
  }
  page->Table("Data sets",
              {"Data set", "Special category or sensitive", "Criminal offence"},
              rows);
  for (const LawfulBasis& basis : agreement.lawful_basis) {
    std::vector<std::string> lines;
    for (const std::string& line : basis.sensitive) {
      lines.push_back(absl::StrCat(AndList(basis.parties), ", to ",
                                   AndList(basis.purposes),
                                   ", for sensitive data: ", line));
    }
    for (const std::string& line : basis.criminal_offence) {
      lines.push_back(absl::StrCat(AndList(basis.parties), ", to ",
                                   AndList(basis.purposes),
                                   ", for criminal offence data: ", line));
    }
    page->List(lines);
  }
}

void AddRights(const Agreement& agreement, HtmlPage* page) {
  page->Heading("What about access and individual rights?");
  page->Paragraph(
      "The document has no clause on requests by individuals; each party "
      "answers those that it receives, at the contact above. Each act under "
      "the agreement is in its ledger, without names or values.");
  page->Facts({{"Published", agreement.governance.publish == Publish::kFull
                                 ? "the whole agreement"
                             : agreement.governance.publish == Publish::kSummary
                                 ? "the summary"
                                 : "nothing"}});
}

std::string AssessmentText(const Assessment& assessment) {
  std::string text =
      absl::StrCat(assessment.ref, " of ", DayInWords(assessment.date));
  if (assessment.review_by.has_value()) {
    absl::StrAppend(&text, ", reviewed by ", DayInWords(*assessment.review_by));
  }
  return text;
}

void AddOnward(const Onward& onward, HtmlPage* page) {
  page->Facts(
      {{"Passing on", onward.rule == OnwardRule::kNone ? "nothing, to nobody"
                      : onward.rule == OnwardRule::kListed
                          ? "only to those listed"
                          : "only what the sender agrees to, asked "
                            "each time"}});
  std::vector<HtmlPage::Row> rows;
  for (const OnwardTo& to : onward.listed) {
    rows.push_back({to.to, AndList(to.purposes), to.needs});
  }
  page->Table("To whom it may be passed on", {"To", "For", "On condition"},
              rows);
  std::vector<std::string> exceptions;
  for (const std::string& exception : onward.exceptions) {
    exceptions.push_back(absl::StrCat("Except: ", exception));
  }
  page->List(exceptions);
}

void AddGovernance(const Agreement& agreement, HtmlPage* page) {
  const Governance& governance = agreement.governance;
  const Handling& handling = agreement.handling;
  page->Heading("What information governance arrangements are there?");
  page->Facts(
      {{"Owner", governance.owner},
       {"Impact assessment (DPIA)", AssessmentText(governance.dpia)},
       {"Ethics approval", governance.ethics.has_value()
                               ? AssessmentText(*governance.ethics)
                               : ""},
       {"Marking", handling.marking},
       {"Accuracy", handling.accuracy},
       {"Staff", handling.staff},
       {"Setting", handling.setting},
       {"Publication of results", handling.publication},
       {"No published figure stands for fewer than",
        handling.minimum_cell == 0
            ? ""
            : absl::StrCat(handling.minimum_cell, " people")},
       {"Suspension", governance.suspend == SuspendRight::kAnyParty
                          ? "any party"
                          : "only the owner"},
       {"Justification of each batch",
        governance.justification == JustificationRule::kFilled
            ? "the sender's, or else filled in from purpose and case reference"
            : "where the sender gives one"},
       {"Notice of leaving", absl::StrCat(governance.notice_days, " days")},
       {"A breach is told within",
        absl::StrCat(governance.breach_notice_hours, " hours")}});
  std::vector<std::string> forbidden;
  for (const std::string& one : handling.forbidden) {
    forbidden.push_back(absl::StrCat("Forbidden: ", one));
  }
  page->List(forbidden);
  AddOnward(agreement.onward, page);
  std::vector<HtmlPage::Row> rows;
  for (const HeldClause& clause : ClausesOf(agreement)) {
    rows.push_back({clause.clause, std::string(WordOf(clause.hold)), clause.by,
                    clause.how});
  }
  page->Table(
      "How each clause is held: enforced by a machine, evidenced by what is "
      "asked for and kept, or trusted",
      {"Clause", "Held", "By", "How"}, rows);
}

std::string WitnessesInWords(const Agreement& agreement) {
  if (!agreement.witnesses.has_value()) return "none";
  std::vector<std::string> names;
  for (const auto& [name, witness] : agreement.witnesses->named) {
    names.push_back(name);
  }
  return absl::StrCat(AndList(names), "; ", agreement.witnesses->quorum,
                      " are enough. Without "
                      "them for more than ",
                      agreement.witnesses->missing_minutes, " minutes ",
                      agreement.witness == Witness::kRequired
                          ? "nothing is accepted or "
                            "delivered."
                          : "everybody is told; nothing "
                            "waits for them.");
}

void AddFurther(const Agreement& agreement, HtmlPage* page) {
  page->Heading("What further details are there?");
  page->Facts({{"Broker", agreement.broker.name},
               {"Witnesses", WitnessesInWords(agreement)},
               {"The version before stays usable for",
                agreement.valid.handover_days == 0
                    ? ""
                    : absl::StrCat(agreement.valid.handover_days, " days")}});
  std::vector<HtmlPage::Row> rows;
  for (const Event& event : CalendarOf(agreement)) {
    rows.push_back({DayInWords(event.day), event.words});
  }
  page->Table("Days", {"Day", "What"}, rows);
  if (agreement.break_glass.has_value()) {
    const BreakGlass& glass = *agreement.break_glass;
    page->Subheading("In an emergency (break glass)");
    rows.clear();
    for (const auto& [dataset, fields] : glass.fields) {
      rows.push_back({dataset, AndList(fields)});
    }
    page->Table("What it may show", {"Data set", "Fields"}, rows);
    page->Facts(
        {{"Who must sign each time",
          "Two signatories of different parties, or one and an overseer"},
         {"For at most", absl::StrCat(glass.minutes, " minutes")},
         {"Report within", absl::StrCat(glass.report_hours, " hours")}});
  }
  page->Heading("Who signs");
  rows.clear();
  for (const Signatory& line : agreement.signatories) {
    rows.push_back({line.party, line.role, line.name});
  }
  page->Table("It is in force only when all of them have signed it",
              {"Party", "Post", "Certificate"}, rows);
}

// What only programs read: the last thing on the page.
void AddKeys(const Agreement& agreement, HtmlPage* page) {
  page->Heading("Annex: keys, for those who run the programs");
  page->Facts(
      {{"Digest of the version before (SHA-256)", agreement.previous},
       {"Ledger key of the broker (Ed25519)",
        crypto::ToBase64(crypto::AsBytes(agreement.broker.ledger_key))}});
  std::vector<HtmlPage::Row> rows;
  for (const auto& [id, party] : agreement.parties) {
    rows.push_back({id, party.root});
  }
  for (const auto& [id, overseer] : agreement.overseers) {
    rows.push_back({id, overseer.root});
  }
  page->Table("Whose certificates count: those under these roots",
              {"Agency", "Root key (SHA-256)"}, rows);
}

}  // namespace

std::string BoardPage(const Agreement& agreement, absl::string_view digest,
                      const std::vector<std::string>& standing) {
  HtmlPage page(agreement.title);
  AddSummary(agreement, digest, &page);
  if (!standing.empty()) {
    page.Heading("Where it stands");
    page.List(standing);
  }
  AddPurpose(agreement, &page);
  AddOrganisations(agreement, &page);
  page.Heading("What data are we going to share?");
  AddBoardData(agreement, &page);
  AddBasis(agreement, &page);
  AddRights(agreement, &page);
  AddGovernance(agreement, &page);
  AddFurther(agreement, &page);
  AddKeys(agreement, &page);
  return std::move(page).Finish();
}

}  // namespace entente::policy
