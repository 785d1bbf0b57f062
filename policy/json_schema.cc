#include "policy/json_schema.h"

#include <utility>

#include "policy/json_schema_parts.h"
#include "policy/reader.h"

namespace entente::policy {
namespace {

using json = SchemaJson;

json BrokerSchema() {
  return MapOf({{"name", Required(Matching(kHostNameRegex),
                                  "The broker's host name, the start of every "
                                  "ledger's origin")},
                {"ledger_key",
                 Required(Matching(kLedgerKeyRegex),
                          "The broker's Ed25519 public key, 32 bytes in "
                          "base64: every signatory signs which log counts")}});
}

json WitnessesSchema() {
  json one =
      MapOf({{"key", Required(Matching(kWitnessKeyRegex), "Its verifier key")},
             {"url", Required(Matching(kWitnessUrlRegex),
                              "Where it is asked, without /add-checkpoint")}});
  return MapOf({{"quorum", Required(IntegerSchema(1, kMaxWitnesses),
                                    "How many are enough")},
                {"missing_minutes",
                 Required(IntegerSchema(1, kMaxMissingMinutes),
                          "For how long an entry may be without their quorum")},
                {"named", Required(EntriesOf(kSlugRegex, std::move(one), 1,
                                             kMaxWitnesses),
                                   "Who they are")}});
}

json PartySchema() {
  return MapOf(
      {{"name", Required(LineSchema(), "The agency's name")},
       {"capacity", Required(WordOfSchema<Capacity>(), "What it is in law")},
       {"regime",
        Required(WordOfSchema<Regime>(),
                 "law_enforcement is DPA 2018 Part 3, general the UK GDPR")},
       {"contact", Required(LineSchema(), "A role mailbox, not a person")},
       {"root", Required(Matching(kHexDigestRegex),
                         "SHA-256 of its root's public key, in hex: only "
                         "certificates under it count")}});
}

json OverseerSchema() {
  return MapOf({{"name", Required(LineSchema(), "The overseer's name")},
                {"root", Required(Matching(kHexDigestRegex),
                                  "SHA-256 of its root's public key, in hex")},
                {"contact", Required(LineSchema(), "A role mailbox")}});
}

json PurposeSchema() {
  return MapOf({{"text", Required(LineSchema(), "The purpose, in words")},
                {"regime", Required(WordOfSchema<Regime>(),
                                    "Which law the purpose falls under")}});
}

json LawfulBasisSchema() {
  return MapOf(
      {{"parties", Required(Names(kSlugRegex, 1, kMaxParties), "For whom")},
       {"purposes", Required(Names(kSlugRegex, 1, kMaxPurposes), "For what")},
       {"gateway", Required(Lines(1, 100), "The power to share")},
       {"processing",
        Required(Lines(1, 100), "DPA 2018 s.35, or UK GDPR Article 6")},
       {"sensitive", Optional(Lines(1, 100), "Schedule 8, or Article 9")},
       {"criminal_offence", Optional(Lines(1, 100), "Article 10")},
       {"policy_document",
        Optional(LineSchema(), "The appropriate policy document")}});
}

json OnwardSchema() {
  json listed = MapOf(
      {{"to", Required(LineSchema(), "A processor's id, or an outsider")},
       {"purposes", Required(Names(kSlugRegex, 1, kMaxPurposes), "For what")},
       {"needs", Required(LineSchema(), "On what condition")}});
  return MapOf(
      {{"rule",
        Required(WordOfSchema<OnwardRule>(), "What a recipient may pass on")},
       {"listed", Optional(ItemsOf(std::move(listed), 1, 100), "To whom")},
       {"exceptions", Optional(Lines(1, 100), "What is excepted")}});
}

json HandlingSchema() {
  return MapOf(
      {{"marking", Required(OneOfWords({"OFFICIAL", "OFFICIAL-SENSITIVE"}),
                            "The protective marking")},
       {"accuracy", Required(LineSchema(), "How mistakes are put right")},
       {"staff", Required(LineSchema(), "Who may see it")},
       {"setting", Optional(LineSchema(), "Where it may be used")},
       {"publication", Optional(TextSchema(2, 600), "What may be published")},
       {"forbidden", Optional(Lines(1, 100), "What must not be done")},
       {"minimum_cell",
        Optional(IntegerSchema(3, 1000),
                 "No figure that is published stands for fewer people")}});
}

json ValiditySchema() {
  return MapOf(
      {{"from", Required(DaySchema(), "In force from 00:00 UTC of this day")},
       {"until", Required(DaySchema(), "In force up to 00:00 UTC of this day")},
       {"review_by", Required(DaySchema(), "The last day for the review")},
       {"project_end", Optional(DaySchema(), "When the project ends")},
       {"handover_days",
        Optional(IntegerSchema(1, 90),
                 "Days for which the version before stays usable")}});
}

json AssessmentSchema() {
  return MapOf(
      {{"ref", Required(LineSchema(), "Its reference")},
       {"date", Required(DaySchema(), "Its day, before the start")},
       {"review_by", Optional(DaySchema(), "The last day for its review")}});
}

json GovernanceSchema() {
  return MapOf(
      {{"owner", Required(LineSchema(), "A post that looks after it")},
       {"arrangement", Optional(LineSchema(), "Between joint controllers")},
       {"dpia", Required(AssessmentSchema(), "The impact assessment")},
       {"ethics", Optional(AssessmentSchema(), "The ethics approval")},
       {"suspend", Required(WordOfSchema<SuspendRight>(),
                            "Who may suspend the whole agreement")},
       {"justification",
        Optional(WordOfSchema<JustificationRule>(),
                 "Whether one is filled in for a request without")},
       {"notice_days", Required(IntegerSchema(0, 365), "Notice of leaving")},
       {"breach_notice_hours",
        Required(IntegerSchema(1, 72), "How soon a breach is told")},
       {"publish",
        Required(WordOfSchema<Publish>(), "How much of it is published")}});
}

json SignatorySchema() {
  return MapOf({{"party", Required(Matching(kSlugRegex), "Whose line it is")},
                {"role", Required(LineSchema(), "A post")},
                {"name", Required(Matching(kCertificateNameRegex),
                                  "The name in the certificate that signs")}});
}

json BreakGlassSchema() {
  json fields = MapTo(Names(kFieldNameRegex, 1, kMaxFields));
  fields["minProperties"] = 1;
  return MapOf(
      {{"minutes",
        Required(IntegerSchema(1, kMaxBreakGlassMinutes), "For how long")},
       {"report_hours", Required(IntegerSchema(1, kMaxReportHours),
                                 "How soon the report is due")},
       {"fields", Required(std::move(fields),
                           "What an emergency may show, by data set")}});
}

// In the order of the document.
Members HeadMembers() {
  return {{"schema", Required({{"const", "sharing-agreement/v1"}},
                              "Which schema this is")},
          {"id", Required(Matching(kAgreementIdRegex),
                          "Never changes, from version to version")},
          {"version", Required(IntegerSchema(1, 1'000'000),
                               "A new version is a new document")},
          {"previous", Optional(Matching(kHexDigestRegex),
                                "The digest of the version before")},
          {"kind", Required(WordOfSchema<AgreementKind>(),
                            "Which safeguards are asked for")},
          {"title", Required(LineSchema(), "One line")},
          {"summary",
           Required(TextSchema(20, 1200), "In plain words, fit to publish")},
          {"under", Optional(Matching(kAgreementIdRegex),
                             "An overarching agreement, which can only "
                             "narrow")},
          {"broker", Required(BrokerSchema(), "The broker and its ledger")},
          {"witness", Optional(WordOfSchema<Witness>(),
                               "Whether acts are refused without the quorum "
                               "of witnesses")},
          {"witnesses", Optional(WitnessesSchema(), "Who cosigns the ledger")}};
}

Members BodyMembers() {
  return {
      {"parties", Required(EntriesOf(kSlugRegex, PartySchema(), 2, kMaxParties),
                           "Who takes part, by agency id")},
      {"overseers",
       Optional(EntriesOf(kSlugRegex, OverseerSchema(), 1, kMaxParties),
                "Who may read the ledger, and nothing else")},
      {"purposes",
       Required(EntriesOf(kSlugRegex, PurposeSchema(), 1, kMaxPurposes),
                "What it is for")},
      {"lawful_basis", Required(ItemsOf(LawfulBasisSchema(), 1, 100),
                                "Why it is lawful, for each party")},
      {"lists",
       Optional(EntriesOf(kSlugRegex, ListSchema(), 1, kMaxLists),
                "Closed vocabularies: a value not listed refuses its row")},
      {"datasets",
       Required(EntriesOf(kSlugRegex, DatasetSchema(), 1, kMaxDatasets),
                "The data, with the type of each field")},
      {"flows", Required(ItemsOf(FlowSchema(), 1, kMaxFlows),
                         "Who gives what to whom: what is not here is "
                         "refused")},
      {"break_glass",
       Optional(BreakGlassSchema(), "What an emergency may show")},
      {"onward", Required(OnwardSchema(), "What a recipient may pass on")},
      {"handling", Required(HandlingSchema(), "Promises between people")},
      {"valid", Required(ValiditySchema(), "When it holds")},
      {"governance", Required(GovernanceSchema(), "Who looks after it")},
      {"signatories",
       Required(ItemsOf(SignatorySchema(), 2, 200), "Who must sign")}};
}

}  // namespace

std::string SharingAgreementSchema() {
  Members members = HeadMembers();
  for (auto& member : BodyMembers()) members.push_back(std::move(member));
  json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                 {"$id", "urn:entente:sharing-agreement:v1"},
                 {"title", "Sharing agreement, version 1"}};
  schema.update(MapOf(std::move(members)));
  return schema.dump(2) + "\n";
}

}  // namespace entente::policy
