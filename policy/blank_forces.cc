#include "policy/blank_parts.h"

namespace entente::policy {
namespace {

constexpr char kForcesData[] = R"(purposes:
  investigate-series:
    text: Find out which crimes one person or group committed, and investigate them.
    regime: law_enforcement

lawful_basis:              # a list of lines behind each key
  - parties: [FIRST-FORCE, SECOND-FORCE]
    purposes: [investigate-series]
    gateway:               # the power to share, such as [Common law policing purposes]
    processing:            # such as [DPA 2018 s.35(2)(b)]
    sensitive:             # the Schedule 8 condition, since the data set below is special_category
    policy_document:       # the appropriate policy document (DPA 2018 s.42)

lists:                     # closed vocabularies: a value not listed refuses its row
  offence-codes: [28/3, 28/4]

datasets:
  crimes:
    title: Recorded crimes and those suspected of them
    definition:            # catalogue entry and version, such as policing.crime/4
    criminal_offence: true
    special_category: true
    children: possible
    fields:                # every field with its type: text, integer, decimal, date, time, boolean, code, bytes
      offence: { type: code, list: offence-codes }
      occurred: date
      postcode: text
      date_of_birth: date
      age: integer
      name: text
      notes: text
    identifiers:           # what becomes a pseudonym: nhs/1, pnc/1, name_dob/1, opaque/1:<register>
      person: pnc/1

flows:                     # who gives what to whom; what is not here is refused
  - id: crimes
    from: [FIRST-FORCE, SECOND-FORCE]
    to: [FIRST-FORCE, SECOND-FORCE]      # never to itself
    purposes: [investigate-series]
    dataset: crimes
    methods: [push]
    release:               # each field and how it leaves; no other is given
      person: { transform: pseudonym }
      offence: as_is
      occurred: as_is
      postcode: postcode_district
      date_of_birth: { transform: age_band, edges: [10, 18, 25, 35, 50] }
      name: withhold
      notes: withhold
    rows:                  # a record is given only if all of these hold
      - { field: age, at_least: 10 }
    require: [case_reference]
    limits: { requests_per_day: 100, records_per_request: 1000, enrolments_per_day: 10000 }
    retention: { days: 365, starts: receipt, then: review }
)";

constexpr char kForcesOnward[] = R"(onward:
  rule: none               # or listed, or ask_sender
)";

constexpr char kForcesHandling[] = R"(  marking: OFFICIAL-SENSITIVE
  accuracy:                # one line: how mistakes are told and put right
  staff:                   # one line: who may see it, how vetted and trained
  forbidden:
    - Any use for a purpose that is not listed above
)";

}  // namespace

BlankParts BlankForces() {
  return {
      {{"FIRST-FORCE", Capacity::kJointController, Regime::kLawEnforcement},
       {"SECOND-FORCE", Capacity::kJointController, Regime::kLawEnforcement}},
      kForcesData,
      kForcesOnward,
      kForcesHandling};
}

}  // namespace entente::policy
