#include "policy/test_document.h"

#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

namespace entente::policy {
namespace {

constexpr absl::string_view kSmall = R"yaml(# A comment.
schema: sharing-agreement/v1
id: isa-small
version: 1
kind: inter_force
title: Burglary series
summary: Two forces look for one series of burglaries together.
broker:
  name: broker.example
  ledger_key: AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=
witness: optional
parties:
  north-police:
    name: North Police
    capacity: controller
    regime: law_enforcement
    contact: sharing@north.example
    root: "1111111111111111111111111111111111111111111111111111111111111111"
  west-police:
    name: West Police
    capacity: controller
    regime: law_enforcement
    contact: sharing@west.example
    root: "2222222222222222222222222222222222222222222222222222222222222222"
overseers:
  panel:
    name: Ethics Panel
    root: "3333333333333333333333333333333333333333333333333333333333333333"
    contact: ledger@panel.example
purposes:
  find-series:
    text: Find series of burglaries.
    regime: law_enforcement
lawful_basis:
  - parties: [north-police, west-police]
    purposes: [find-series]
    gateway: [Common law policing purposes]
    processing: ["DPA 2018 s.35(2)(b)"]
    sensitive: [DPA 2018 Schedule 8 para 1]
lists:
  offence-codes: [28/3, 28/4]
datasets:
  crimes:
    title: Recorded burglaries
    definition: policing.crime/4
    criminal_offence: true
    special_category: true
    children: possible
    fields:
      name: text
      offence: { type: code, list: offence-codes }
      occurred: date
      age: integer
    identifiers:
      person: opaque/1:custody
flows:
  - id: crimes-west
    from: [north-police]
    to: [west-police]
    purposes: [find-series]
    dataset: crimes
    methods: [push]
    release:
      person: { transform: pseudonym }
      name: as_is
      offence: as_is
      occurred: date_to_month
    rows:
      - { field: age, at_least: 10 }
      - { field: offence, one_of: [28/3] }
    require: [case_reference]
    limits: { records_per_day: 5000, enrolments_per_day: 10000 }
    retention: { days: 365, starts: receipt, then: destroy }
    proof: always
    recipient_domain: matching
onward:
  rule: none
handling:
  marking: OFFICIAL
  accuracy: Corrected within a day.
  staff: Vetted.
valid:
  from: "2026-11-01"
  until: "2028-11-01"
  review_by: "2027-10-31"
governance:
  owner: Head of Information
  dpia: { ref: DPIA-1, date: "2026-09-14", review_by: "2027-09-14" }
  suspend: any_party
  notice_days: 90
  breach_notice_hours: 24
  publish: summary
signatories:
  - { party: north-police, role: Chief, name: north-chief }
  - { party: west-police, role: Chief, name: west-chief }
)yaml";

}  // namespace

std::string ReadTemplate(absl::string_view name) {
  std::ifstream file(absl::StrCat(ENTENTE_TEMPLATES, "/", name));
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(file.good()) << name;
  return text.str();
}

std::string SmallDocument() { return std::string(kSmall); }

std::string SmallWith(absl::string_view from, absl::string_view to) {
  EXPECT_TRUE(absl::StrContains(kSmall, from)) << from;
  return absl::StrReplaceAll(kSmall, {{from, to}});
}

}  // namespace entente::policy
