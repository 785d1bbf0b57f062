#include "tests/demo/document.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace entente::demo {
namespace {

// `@…@` are filled in; everything else is the document as it is signed.
constexpr char kFrame[] =
    R"yaml(# Invented. Dates are written from the day of the demo.
schema: sharing-agreement/v1
id: isa-demo-cross-border-burglary
version: 1
kind: inter_force
title: Cross-border burglary series (Northmere and Westvale)
summary: >-
  Lets Northmere Police tell Westvale Police which people linked to a burglary
  series both forces already know, without showing the others.

broker:
  name: @broker@
  ledger_key: "@ledger_key@"

parties:
  northmere-police:
    name: Northmere Police
    capacity: joint_controller
    regime: law_enforcement
    contact: information.sharing@northmere.police.example
    root: "@left_root@"
  westvale-police:
    name: Westvale Police
    capacity: joint_controller
    regime: law_enforcement
    contact: disclosure.unit@westvale.police.example
    root: "@right_root@"

overseers:
  policing-inspectorate:
    name: Policing Inspectorate
    root: "@inspector_root@"
    contact: ledgers@inspectorate.example

purposes:
  investigate-series:
    text: Investigate, and prosecute, a linked series of burglaries.
    regime: law_enforcement
  tasking-analysis:
    text: Decide where to send patrols. No decision about a named person.
    regime: law_enforcement

lawful_basis:
  - parties: [northmere-police, westvale-police]
    purposes: [investigate-series, tasking-analysis]
    gateway:
      - Common law policing purposes (protect life and property, prevent and detect crime)
    processing:
      - DPA 2018 s.35(2)(b), necessary for a task carried out for a law enforcement purpose by a competent authority
    sensitive:
      - DPA 2018 s.35(5) and Schedule 8 para 1 (statutory etc purposes)
    policy_document: APD-DEMO-1
@content@
onward:
  rule: none

handling:
  marking: OFFICIAL-SENSITIVE
  accuracy: The sender corrects within 5 working days.
  staff: Vetted to at least recruitment vetting; access by role.

valid:
  from: "@from@"
  until: "@until@"
  review_by: "@review@"

governance:
  owner: Head of Information Management, Northmere Police
  arrangement: NWE/DEMO schedule 4
  dpia: { ref: DPIA-DEMO-1, date: "@dpia@", review_by: "@review@" }
  suspend: any_party
  notice_days: 90
  breach_notice_hours: 24
  publish: summary

signatories:
  - { party: northmere-police, role: Assistant Chief Constable (Crime), name: acc-crime }
  - { party: northmere-police, role: Senior Information Risk Owner, name: siro }
  - { party: westvale-police, role: Assistant Chief Constable (Crime), name: acc-crime }
  - { party: westvale-police, role: Senior Information Risk Owner, name: siro }
)yaml";

constexpr char kStory[] = R"yaml(
lists:
  offence-codes: ["28A", "28B", "29", "30A", "30B", "45", "48", "126"]
  risk-grades: [low, medium, high, very high]

datasets:
  linked-persons:
    title: People linked to recorded domestic burglary
    definition: policing.nominal/6
    criminal_offence: true
    special_category: false
    children: possible
    fields:
      surname: text
      forename: text
      date_of_birth: date
      postcode: text
      offence_code: { type: code, list: offence-codes }
      offence_date: date
      risk_grade: { type: code, list: risk-grades }
    identifiers:
      person: pnc/1

flows:
  - id: persons-for-investigation
    from: [northmere-police]
    to: [westvale-police]
    purposes: [investigate-series]
    dataset: linked-persons
    methods: [push]
    release:
      person: { transform: pseudonym }
      surname: withhold
      forename: withhold
      date_of_birth: year
      postcode: postcode_district
      offence_code: as_is
      offence_date: date_to_month
      risk_grade: as_is
    rows:
      - { field: offence_date, newest_days: 1095 }
    require: [case_reference]
    limits: { requests_per_day: 200, records_per_request: 50000, records_per_day: 200000, enrolments_per_day: 100000 }
    retention: { days: 365, starts: receipt, then: destroy }

  - id: places-for-tasking
    from: [northmere-police]
    to: [westvale-police]
    purposes: [tasking-analysis]
    dataset: linked-persons
    methods: [push]
    release:
      postcode: postcode_area
      offence_code: as_is
      offence_date: date_to_month
    require: []
    limits: { requests_per_day: 20, records_per_request: 50000 }
    retention: { days: 90, starts: receipt, then: destroy }
)yaml";

std::string Fill(const Facts& facts, const std::string& content) {
  const auto day = [](absl::CivilDay date) {
    return absl::FormatCivilTime(date);
  };
  return absl::StrReplaceAll(kFrame,
                             {{"@broker@", facts.broker_name},
                              {"@ledger_key@", facts.ledger_key},
                              {"@left_root@", facts.left_root},
                              {"@right_root@", facts.right_root},
                              {"@inspector_root@", facts.inspector_root},
                              {"@content@", content},
                              {"@from@", day(facts.today)},
                              {"@until@", day(facts.today + 365)},
                              {"@review@", day(facts.today + 330)},
                              {"@dpia@", day(facts.today - 30)}});
}

std::string FieldName(const std::string& column) {
  std::string field;
  for (const char c : column) {
    field += absl::ascii_isalnum(static_cast<unsigned char>(c))
                 ? absl::ascii_tolower(static_cast<unsigned char>(c))
                 : '_';
  }
  if (field.empty() ||
      !absl::ascii_isalpha(static_cast<unsigned char>(field[0]))) {
    field = absl::StrCat("c_", field);
  }
  if (field.size() < 2) field += "_";
  return field.substr(0, 50);
}

}  // namespace

std::string StoryDocument(const Facts& facts) { return Fill(facts, kStory); }

std::vector<MappedColumn> MapColumns(const std::vector<std::string>& columns) {
  std::vector<MappedColumn> mapped;
  std::set<std::string> taken;
  for (const std::string& column : columns) {
    std::string field = FieldName(column);
    for (int n = 2; !taken.insert(field).second; ++n) {
      field = absl::StrCat(FieldName(column), "_", n);
    }
    mapped.push_back({column, field});
  }
  return mapped;
}

std::string MappedDocument(const Facts& facts, const MappedColumn& key,
                           const std::vector<MappedColumn>& columns) {
  std::string fields;
  std::string release;
  for (const MappedColumn& column : columns) {
    absl::StrAppend(&fields, "      ", column.field, ": text\n");
    absl::StrAppend(&release, "      ", column.field, ": as_is\n");
  }
  return Fill(facts, absl::StrCat(R"yaml(
datasets:
  linked-persons:
    title: The columns of the two files
    definition: demo.columns/1
    criminal_offence: true
    special_category: false
    children: possible
    fields:
)yaml",
                                  fields, "    identifiers:\n      ", key.field,
                                  ": opaque/1:", key.field, R"yaml(

flows:
  - id: persons-for-investigation
    from: [northmere-police]
    to: [westvale-police]
    purposes: [investigate-series]
    dataset: linked-persons
    methods: [push]
    release:
      )yaml",
                                  key.field, ": { transform: pseudonym }\n",
                                  release, R"yaml(    require: [case_reference]
    limits: { requests_per_day: 200, enrolments_per_day: 10000000 }
    retention: { days: 365, starts: receipt, then: destroy }

  - id: people-for-tasking
    from: [northmere-police]
    to: [westvale-police]
    purposes: [tasking-analysis]
    dataset: linked-persons
    methods: [push]
    release:
      )yaml",
                                  key.field, R"yaml(: { transform: pseudonym }
    require: []
    limits: { requests_per_day: 20 }
    retention: { days: 90, starts: receipt, then: destroy }
)yaml"));
}

}  // namespace entente::demo
