#include "policy/blank_parts.h"

namespace entente::policy {
namespace {

constexpr char kResearchData[] = R"(purposes:
  study:
    text: The study described in its protocol. No measure or decision about any person.
    regime: general
  publish-results:
    text: Return of aggregate findings.
    regime: general

lawful_basis:              # a list of lines behind each key
  - parties: [POLICE-FORCE]
    purposes: [study, publish-results]
    gateway:               # such as [Common law policing purposes, DPA 2018 s.36(4)]
    processing:            # such as [DPA 2018 s.35(2)(b) with s.41]
    sensitive:             # such as [DPA 2018 Schedule 8 para 9]
    policy_document:
  - parties: [UNIVERSITY]
    purposes: [study, publish-results]
    gateway:               # such as [University charter]
    processing:            # such as [UK GDPR Art 6(1)(e)]
    sensitive:             # such as [UK GDPR Art 9(2)(j) with DPA 2018 Schedule 1 para 4]
    criminal_offence:      # such as [UK GDPR Art 10 with DPA 2018 Schedule 1 para 4]
    policy_document:

lists:                     # closed vocabularies; a map gives each group its values
  sexes: [female, male, not known]
  offence-codes: [1/1, 5D/1, 8/1, 17A/1]
  offence-group:
    violence: [1/1, 5D/1, 8/1]
    sexual offences: [17A/1]

datasets:
  events:
    title: Recorded crimes and incidents
    definition:            # catalogue entry and version, such as policing.da-event/3
    criminal_offence: true
    special_category: true
    children: possible
    fields:                # every field with its type
      event_date: date
      offence_code: { type: code, list: offence-codes }
      victim_date_of_birth: date
      victim_sex: { type: code, list: sexes }
      postcode: text
      victim_name: text
      notes: text
    identifiers:           # the same register is the same person in every field
      event_id: opaque/1:event_id
      victim_id: opaque/1:nominal_id
  findings:
    title: Tables that pass disclosure control
    definition:            # such as university.aggregate/1
    criminal_offence: false
    special_category: false
    children: none
    fields:
      cell: text           # of a table: which row and column
      cell_count: integer

flows:                     # who gives what to whom; what is not here is refused
  - id: extract
    from: [POLICE-FORCE]
    to: [UNIVERSITY]
    purposes: [study]
    dataset: events
    methods: [extract]
    release:               # each field and how it leaves; free text about people never as it is
      event_id: { transform: pseudonym }
      victim_id: { transform: pseudonym }
      event_date: { transform: shift_days, within: 14, per: victim_id }
      offence_code: { transform: category, list: offence-group }
      victim_date_of_birth: { transform: age_band, edges: [16, 18, 25, 35, 45, 55, 65] }
      victim_sex: as_is
      postcode: postcode_district
      victim_name: withhold
      notes: withhold
    require: [ethics_reference, protocol_version, approver]
    recipient_domain: sealed             # the university can join rows, and cannot test a person
    limits: { requests_per_day: 1, records_per_request: 250000, extracts_per_year: 4, enrolments_per_day: 500000 }
    retention: { days: 90, starts: project_end, then: destroy, certificate: true }
  - id: findings
    from: [UNIVERSITY]
    to: [POLICE-FORCE]
    purposes: [publish-results]
    dataset: findings
    methods: [push]
    release:
      cell: as_is
      cell_count: { transform: small_count, below: 10 }   # 1 to 9 is shown as "fewer than 10"
    require: []
    limits: { requests_per_day: 10, records_per_request: 1000 }
    retention: { days: 3650, starts: receipt, then: review }
)";

constexpr char kResearchOnward[] = R"(onward:
  rule: none
)";

constexpr char kResearchHandling[] = R"(  marking: OFFICIAL-SENSITIVE
  accuracy:                # one line: what becomes of errors that are found
  staff:                   # one line: which researchers, how vetted and trained
  setting:                 # one line: the secure setting, and who checks its outputs
  publication:             # who may publish what, and who may object to what
  minimum_cell: 10         # no figure that is published stands for fewer people
  forbidden:
    - Trying to identify a person (an offence under DPA 2018 s.171)
    - Linking with any other data set not named in the protocol
)";

}  // namespace

BlankParts BlankResearch() {
  return {{{"POLICE-FORCE", Capacity::kController, Regime::kLawEnforcement},
           {"UNIVERSITY", Capacity::kController, Regime::kGeneral}},
          kResearchData,
          kResearchOnward,
          kResearchHandling,
          true};
}

}  // namespace entente::policy
