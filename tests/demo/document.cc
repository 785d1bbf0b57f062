#include "tests/demo/document.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace entente::demo {
namespace {

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

std::string StoryDocument(const world::Facts& facts) {
  return world::FrameDocument(facts, kStory);
}

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

std::string MappedDocument(const world::Facts& facts, const MappedColumn& key,
                           const std::vector<MappedColumn>& columns) {
  std::string fields;
  std::string release;
  for (const MappedColumn& column : columns) {
    absl::StrAppend(&fields, "      ", column.field, ": text\n");
    absl::StrAppend(&release, "      ", column.field, ": as_is\n");
  }
  return world::FrameDocument(
      facts, absl::StrCat(R"yaml(
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
                          key.field, ": { transform: pseudonym }\n", release,
                          R"yaml(    require: [case_reference]
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
