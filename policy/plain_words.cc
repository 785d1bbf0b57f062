#include "policy/plain_words.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/hex.h"
#include "crypto/sha.h"
#include "policy/canonical.h"
#include "policy/clause_words.h"

namespace entente::policy {
namespace {

absl::string_view KindInWords(AgreementKind kind) {
  switch (kind) {
    case AgreementKind::kInterForce:
      return "between police forces";
    case AgreementKind::kSafeguardingHub:
      return "of a safeguarding hub";
    case AgreementKind::kPolicePrivate:
      return "between police and private bodies";
    case AgreementKind::kAcademicResearch:
      return "for academic research";
  }
  return "";
}

absl::string_view RegimeInWords(Regime regime) {
  return regime == Regime::kLawEnforcement ? "law enforcement (DPA 2018 Part 3)"
                                           : "general (UK GDPR)";
}

absl::string_view CapacityInWords(Capacity capacity) {
  switch (capacity) {
    case Capacity::kController:
      return "controller";
    case Capacity::kJointController:
      return "joint controller";
    case Capacity::kProcessor:
      return "processor, for others only";
  }
  return "";
}

void PrintHead(const Agreement& agreement, absl::string_view digest,
               TextPage* page) {
  page->Line(0, absl::StrCat("SHARING AGREEMENT ", agreement.id, ", version ",
                             agreement.version));
  page->Line(0, agreement.title);
  page->Line(0,
             absl::StrCat("An agreement ", KindInWords(agreement.kind), "."));
  page->Line(0, absl::StrCat("SHA-256 of what is signed: ", digest));
  page->Line(0,
             "This text is printed from the signed document itself. What is "
             "not written here is refused.");
  page->Heading("In short");
  page->Line(0, agreement.summary);
  if (!agreement.previous.empty()) {
    page->Item(0, absl::StrCat("It follows version ", agreement.version - 1,
                               ", whose SHA-256 is ", agreement.previous, "."));
  }
  if (!agreement.under.empty()) {
    page->Item(0, absl::StrCat("The overarching agreement ", agreement.under,
                               " must allow the same; it can only narrow what "
                               "stands here."));
  }
}

void PrintWitnesses(const Agreement& agreement, TextPage* page) {
  if (!agreement.witnesses.has_value()) {
    page->Item(0, agreement.witness == Witness::kRequired
                      ? "Witnesses must sign the ledger with the broker, and "
                        "none is named."
                      : "No witness signs the ledger with the broker.");
    return;
  }
  const Witnesses& witnesses = *agreement.witnesses;
  page->Item(0, absl::StrCat("Witnesses sign the ledger with the broker. ",
                             witnesses.quorum, " of ", witnesses.named.size(),
                             " are enough:"));
  for (const auto& [name, witness] : witnesses.named) {
    page->Item(1, absl::StrCat(name, ": ", witness.key, " at ", witness.url));
  }
  page->Item(0,
             absl::StrCat(
                 "If an entry has waited for so many signatures for more than ",
                 witnesses.missing_minutes, " minutes, ",
                 agreement.witness == Witness::kRequired
                     ? "nothing is accepted or delivered until they are there."
                     : "everybody is told; nothing waits for them."));
}

void PrintParties(const Agreement& agreement, TextPage* page) {
  page->Heading("Who takes part");
  for (const auto& [id, party] : agreement.parties) {
    page->Item(0, absl::StrCat(party.name, " (", id,
                               "): ", CapacityInWords(party.capacity),
                               "; law: ", RegimeInWords(party.regime),
                               "; contact: ", party.contact));
    page->Line(1, absl::StrCat("Only certificates from its root count, whose "
                               "key has the SHA-256 ",
                               party.root));
  }
  page->Heading("Who may read the ledger, and nothing else");
  if (agreement.overseers.empty()) {
    page->Line(0, "Nobody but the parties.");
  }
  for (const auto& [id, overseer] : agreement.overseers) {
    page->Item(0, absl::StrCat(overseer.name, " (", id,
                               "); contact: ", overseer.contact));
    page->Line(1, absl::StrCat("Only certificates from its root count, whose "
                               "key has the SHA-256 ",
                               overseer.root));
  }
  page->Heading("The broker and its ledger");
  page->Item(0, absl::StrCat("Broker: ", agreement.broker.name));
  page->Item(
      0, absl::StrCat(
             "Ledger key (Ed25519): ",
             crypto::ToBase64(crypto::AsBytes(agreement.broker.ledger_key))));
  page->Item(
      0,
      absl::StrCat("Fingerprint of that key (SHA-256): ",
                   crypto::ToHex(crypto::Sha256(agreement.broker.ledger_key))));
  PrintWitnesses(agreement, page);
}

void PrintPurposes(const Agreement& agreement, TextPage* page) {
  page->Heading("What it is for");
  for (const auto& [id, purpose] : agreement.purposes) {
    page->Item(0, absl::StrCat(id, ": ", purpose.text,
                               " Law: ", RegimeInWords(purpose.regime), "."));
  }
  page->Heading("Why it is lawful");
  const auto lines = [&](absl::string_view what,
                         const std::vector<std::string>& of) {
    for (const std::string& line : of) {
      page->Item(1, absl::StrCat(what, ": ", line));
    }
  };
  for (const LawfulBasis& basis : agreement.lawful_basis) {
    page->Item(0, absl::StrCat("For ", AndList(basis.parties), ", to ",
                               AndList(basis.purposes), ":"));
    lines("power to share", basis.gateway);
    lines("condition for processing", basis.processing);
    lines("condition for sensitive data", basis.sensitive);
    lines("condition for criminal offence data", basis.criminal_offence);
    if (!basis.policy_document.empty()) {
      page->Item(1, absl::StrCat("policy document: ", basis.policy_document));
    }
  }
}

void PrintHandling(const Agreement& agreement, TextPage* page) {
  page->Heading("What a recipient may pass on");
  const Onward& onward = agreement.onward;
  switch (onward.rule) {
    case OnwardRule::kNone:
      page->Line(0, "Nothing, to nobody.");
      break;
    case OnwardRule::kListed:
      page->Line(0, "Only to these:");
      break;
    case OnwardRule::kAskSender:
      page->Line(0, "Only what the sender agrees to, asked each time.");
      break;
  }
  for (const OnwardTo& to : onward.listed) {
    page->Item(0, absl::StrCat(to.to, ", for ", AndList(to.purposes),
                               "; needs: ", to.needs));
  }
  for (const std::string& exception : onward.exceptions) {
    page->Item(0, absl::StrCat("except: ", exception));
  }
  page->Heading(
      "How it is handled (people promise this; no machine checks it)");
  const Handling& handling = agreement.handling;
  page->Item(0, absl::StrCat("Marking: ", handling.marking));
  page->Item(0, absl::StrCat("Accuracy: ", handling.accuracy));
  page->Item(0, absl::StrCat("Staff: ", handling.staff));
  if (!handling.setting.empty()) {
    page->Item(0, absl::StrCat("Setting: ", handling.setting));
  }
  if (handling.minimum_cell > 0) {
    page->Item(0, absl::StrCat("No figure that is published stands for fewer "
                               "than ",
                               handling.minimum_cell, " people"));
  }
  if (!handling.publication.empty()) {
    page->Item(0, absl::StrCat("Publication: ", handling.publication));
  }
  for (const std::string& forbidden : handling.forbidden) {
    page->Item(0, absl::StrCat("Forbidden: ", forbidden));
  }
  if (!agreement.break_glass) return;
  page->Heading("In an emergency (break glass)");
  for (const auto& [dataset, fields] : agreement.break_glass->fields) {
    page->Item(0, absl::StrCat("of ", dataset, ": ", AndList(fields)));
  }
  page->Line(0, absl::StrCat("for at most ", agreement.break_glass->minutes,
                             " minutes, with a report within ",
                             agreement.break_glass->report_hours, " hours."));
  page->Line(0,
             "Two must sign each time: signatories of different parties, or "
             "one and an overseer. All parties are told at once, and any of "
             "them ends it.");
}

void PrintValidity(const Agreement& agreement, TextPage* page) {
  const Validity& valid = agreement.valid;
  page->Heading("When it holds");
  page->Item(0, absl::StrCat("From ", StartOfDayInWords(valid.from), "."));
  page->Item(0,
             absl::StrCat("Until ", StartOfDayInWords(valid.until),
                          "; that instant is no longer in. The last day is ",
                          DayInWords(valid.until - 1), ". There is no grace."));
  page->Item(0, absl::StrCat("It is reviewed by ", DayInWords(valid.review_by),
                             "; once that day is over without a newer "
                             "version, nothing more is allowed."));
  if (valid.project_end) {
    page->Item(0, absl::StrCat("The project ends on ",
                               DayInWords(*valid.project_end), "."));
  }
  if (valid.handover_days > 0) {
    page->Item(0, absl::StrCat("The version before it may be used for ",
                               valid.handover_days, " more days."));
  }
}

void PrintAssessment(absl::string_view what, const Assessment& assessment,
                     TextPage* page) {
  std::string line = absl::StrCat(what, ": ", assessment.ref, " of ",
                                  DayInWords(assessment.date));
  if (assessment.review_by) {
    absl::StrAppend(&line, ", reviewed by ", DayInWords(*assessment.review_by));
  }
  page->Item(0, line);
}

absl::string_view PublishInWords(Publish publish) {
  switch (publish) {
    case Publish::kFull:
      return "the whole agreement";
    case Publish::kSummary:
      return "the summary";
    case Publish::kWithheld:
      return "nothing";
  }
  return "";
}

void PrintGovernance(const Agreement& agreement, TextPage* page) {
  const Governance& governance = agreement.governance;
  page->Heading("Who looks after it");
  page->Item(0, absl::StrCat("Owner: ", governance.owner));
  if (!governance.arrangement.empty()) {
    page->Item(0, absl::StrCat("Arrangement: ", governance.arrangement));
  }
  PrintAssessment("Impact assessment (DPIA)", governance.dpia, page);
  if (governance.ethics) {
    PrintAssessment("Ethics approval", *governance.ethics, page);
  }
  page->Item(0, governance.suspend == SuspendRight::kAnyParty
                    ? "Any party may suspend the whole agreement at once."
                    : "Only the owner may suspend the whole agreement.");
  page->Item(0,
             "Any party may stop its own sending at once, or withdraw. What "
             "was suspended is resumed by whoever suspended it.");
  page->Item(0, governance.justification == JustificationRule::kFilled
                    ? "A batch that is sent without a justification is "
                      "recorded with one that is filled in from its purpose "
                      "and case reference."
                    : "A justification is recorded only where whoever sends "
                      "gives one.");
  page->Item(0, absl::StrCat("A party that leaves gives notice of ",
                             governance.notice_days, " days."));
  page->Item(0, absl::StrCat("A breach is told to the others within ",
                             governance.breach_notice_hours, " hours."));
  page->Item(
      0, absl::StrCat("Published: ", PublishInWords(governance.publish), "."));
  page->Heading("Who must sign");
  for (const Signatory& line : agreement.signatories) {
    page->Item(0, absl::StrCat(line.party, ": ", line.role,
                               ", with the key of the certificate \"",
                               line.name, "\""));
  }
  page->Line(0, "It is in force only when all of them have signed this text.");
}

}  // namespace

std::string PlainWords(const Agreement& agreement, absl::string_view digest) {
  TextPage page;
  PrintHead(agreement, digest, &page);
  PrintParties(agreement, &page);
  PrintPurposes(agreement, &page);
  PrintFlows(agreement, &page);
  PrintDatasets(agreement, &page);
  PrintHandling(agreement, &page);
  PrintValidity(agreement, &page);
  PrintGovernance(agreement, &page);
  return page.text();
}

absl::StatusOr<std::string> PlainWordsOfSigned(absl::string_view canonical) {
  const absl::StatusOr<Agreement> agreement = ParseCanonical(canonical);
  if (!agreement.ok()) return agreement.status();
  return PlainWords(*agreement, Digest(canonical));
}

}  // namespace entente::policy
