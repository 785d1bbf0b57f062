#include "tests/world/document.h"

#include "absl/strings/str_replace.h"

namespace entente::world {
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

}  // namespace

std::string FrameDocument(const Facts& facts, const std::string& content) {
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

}  // namespace entente::world
