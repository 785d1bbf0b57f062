#include "policy/blank_parts.h"

namespace entente::policy {
namespace {

constexpr char kHubData[] = R"(purposes:
  triage:
    text: Decide, within one working day of a contact, whether a child needs help.
    regime: general
  section-47:
    text: Hold a strategy discussion and make enquiries (Children Act 1989 s.47).
    regime: general

lawful_basis:              # a list of lines behind each key
  - parties: [POLICE-FORCE]
    purposes: [triage, section-47]
    gateway:               # such as [Children Act 2004 s.11, DPA 2018 s.36(4)]
    processing:            # such as [UK GDPR Art 6(1)(e)]
    sensitive:             # such as [UK GDPR Art 9(2)(g) with DPA 2018 Schedule 1 para 18]
    criminal_offence:      # such as [UK GDPR Art 10 with DPA 2018 Schedule 1 para 18]
    policy_document:
  - parties: [COUNCIL, HEALTH-TRUST]
    purposes: [triage, section-47]
    gateway:               # such as [Children Act 1989 s.47(9) to (11), Children Act 2004 s.10]
    processing:
    sensitive:
    criminal_offence:
    policy_document:

lists:                     # closed vocabularies: a value not listed refuses its row
  concern-codes: [CCE, CSE, DA, MISSING, NEGLECT, PHYSICAL, SEXUAL]
  risk-grades: [standard, medium, high]

datasets:
  child-concern-reports:
    title: Police reports of concern for a child
    definition:            # catalogue entry and version, such as policing.child-concern/3
    criminal_offence: true
    special_category: true
    children: known
    fields:                # every field with its type
      report_ref: text
      child_name: text
      child_date_of_birth: date
      concern_codes: { type: code, list: concern-codes, many: true }
      risk_grade: { type: code, list: risk-grades }
      incident_summary: text
      informant_identity: text
    identifiers:           # one pseudonym, made of surname, forename and birth date
      child: name_dob/1
  health-picture:
    title: What the trust knows that bears on the child's safety
    definition:            # such as nhs.child-health-picture/1
    criminal_offence: false
    special_category: true
    children: known
    fields:
      known_to_service: boolean
      last_contact: date
      attendances: { type: date, many: true }
      relevant_history: text
    identifiers:
      child: name_dob/1

flows:                     # who gives what to whom; a little for triage, more for section 47
  - id: report-to-council
    from: [POLICE-FORCE]
    to: [COUNCIL]
    purposes: [triage, section-47]
    dataset: child-concern-reports
    methods: [push]
    release:               # each field and how it leaves; no other is given
      child: { transform: pseudonym }
      report_ref: as_is
      child_name: as_is    # a wrong match is the greater harm, so identity is exact
      child_date_of_birth: as_is
      concern_codes: as_is
      risk_grade: as_is
      incident_summary: { transform: reviewed_text, reviewer: Hub sergeant }
      informant_identity: withhold
    require: [case_reference, subject_reference]
    limits: { requests_per_day: 300, records_per_request: 20, enrolments_per_day: 5000 }
    retention: { days: 180, starts: receipt, then: destroy, unless: case_record }
  - id: health-to-council-triage
    from: [HEALTH-TRUST]
    to: [COUNCIL]
    purposes: [triage]
    dataset: health-picture
    methods: [push]
    release:
      child: { transform: pseudonym }
      known_to_service: as_is
      last_contact: date_to_month
    require: [case_reference, subject_reference]
    limits: { requests_per_day: 300, records_per_request: 10, enrolments_per_day: 5000 }
    retention: { days: 30, starts: receipt, then: destroy, unless: case_record }
  - id: health-to-council-section-47
    from: [HEALTH-TRUST]
    to: [COUNCIL]
    purposes: [section-47]
    dataset: health-picture
    methods: [push]
    release:
      child: { transform: pseudonym }
      known_to_service: as_is
      last_contact: as_is
      attendances: { transform: count, window_days: 730 }
      relevant_history: { transform: reviewed_text, reviewer: Named nurse for safeguarding }
    require: [case_reference, subject_reference, strategy_discussion_reference]
    limits: { requests_per_day: 60, records_per_request: 10 }
    retention: { days: 180, starts: receipt, then: destroy, unless: case_record }
)";

constexpr char kHubOnward[] = R"(onward:
  rule: listed             # or none, or ask_sender
  listed:
    - to: The family court
      purposes: [section-47]
      needs: An order, or a duty to disclose
)";

constexpr char kHubHandling[] = R"(  marking: OFFICIAL-SENSITIVE
  accuracy:                # one line: how soon whom a sender tells of a correction
  staff:                   # one line: who in the hub may see it
)";

}  // namespace

BlankParts BlankHub() {
  return {{{"POLICE-FORCE", Capacity::kController, Regime::kLawEnforcement},
           {"COUNCIL", Capacity::kController, Regime::kGeneral},
           {"HEALTH-TRUST", Capacity::kController, Regime::kGeneral}},
          kHubData,
          kHubOnward,
          kHubHandling};
}

}  // namespace entente::policy
