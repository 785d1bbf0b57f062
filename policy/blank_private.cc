#include "policy/blank_parts.h"

namespace entente::policy {
namespace {

constexpr char kPrivateData[] = R"(purposes:
  exclude-and-deter:
    text: Recognise adults who are excluded from members' premises, and refuse them entry.
    regime: law_enforcement
  report-crime:
    text: Report offences against members, and hand over the evidence.
    regime: law_enforcement

lawful_basis:              # a list of lines behind each key
  - parties: [POLICE-FORCE]
    purposes: [exclude-and-deter, report-crime]
    gateway:               # the power to share, such as [Common law policing purposes]
    processing:            # such as [DPA 2018 s.35(2)(b)]
    policy_document:       # the appropriate policy document
  - parties: [PARTNERSHIP]
    purposes: [exclude-and-deter, report-crime]
    gateway:               # why a private body may share
    processing:            # such as [UK GDPR Art 6(1)(ea)]
    criminal_offence:      # such as [UK GDPR Art 10 with DPA 2018 Schedule 1 para 10]
    policy_document:

lists:                     # closed vocabularies: a value not listed refuses its row
  order-types: [criminal behaviour order, exclusion notice]

datasets:
  excluded-persons:
    title: Adults under a criminal behaviour order or an exclusion notice
    definition:            # catalogue entry and version, such as policing.exclusion/2
    criminal_offence: true
    special_category: false
    children: none         # a promise about each record: the flow's age rule keeps it
    fields:                # every field with its type
      name: text
      image: bytes
      order_type: { type: code, list: order-types }
      order_end: date
      date_of_birth: date
      age: integer
      address: text
    identifiers:
      person_ref: opaque/1:person_ref
  retail-incidents:
    title: Incidents reported by members
    definition:            # such as bcrp.incident/3
    criminal_offence: true
    special_category: false
    children: possible
    fields:
      incident_ref: text
      occurred: time
      offence_type: text
      suspect_description: text

flows:                     # a private body is given far less than it gives
  - id: exclusions
    from: [POLICE-FORCE]
    to: [PARTNERSHIP]
    recipients:            # who there may see it: a list of posts or bodies, such as [Duty manager]
    purposes: [exclude-and-deter]
    dataset: excluded-persons
    methods: [push]
    release:               # each field and how it leaves; no other is given
      person_ref: { transform: pseudonym }
      name: as_is
      image: as_is
      order_type: as_is
      order_end: as_is
      date_of_birth: { transform: age_band, edges: [18, 25, 35, 50] }
      address: withhold
    rows:                  # a record is given only if all of these hold
      - { field: age, at_least: 18 }     # asked for wherever children may be in the data
      - { field: order_end, not_passed: true }
    require: [justification]
    limits: { requests_per_day: 50, records_per_request: 100, enrolments_per_day: 1000 }
    retention: { days: 365, starts: receipt, then: destroy, no_later_than_field: order_end }
  - id: incidents
    from: [PARTNERSHIP]
    to: [POLICE-FORCE]
    purposes: [report-crime]
    dataset: retail-incidents
    methods: [push]
    release:
      incident_ref: as_is
      occurred: as_is
      offence_type: as_is
      suspect_description: as_is
    require: [justification]
    limits: { requests_per_day: 500, records_per_request: 50 }
    retention: { days: 2190, starts: receipt, then: review }
)";

constexpr char kPrivateOnward[] = R"(onward:
  rule: none               # or listed, with everyone who may have it:
# listed:
#   - to: guarding-contractor
#     purposes: [exclude-and-deter]
#     needs: View only, on duty
)";

constexpr char kPrivateHandling[] = R"(  marking: OFFICIAL
  accuracy:                # one line: how soon a record is withdrawn that turns out wrong
  staff:                   # one line: who there may see it, how trained
  forbidden:
    - Face matching, or any other biometric processing
    - Posting in a public place or on social media
)";

}  // namespace

BlankParts BlankPrivate() {
  return {{{"POLICE-FORCE", Capacity::kController, Regime::kLawEnforcement},
           {"PARTNERSHIP", Capacity::kController, Regime::kGeneral}},
          kPrivateData,
          kPrivateOnward,
          kPrivateHandling};
}

}  // namespace entente::policy
