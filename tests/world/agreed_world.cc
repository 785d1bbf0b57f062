#include "tests/world/agreed_world.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace entente::world {
namespace {

constexpr char kContent[] = R"yaml(
datasets:
  linked-persons:
    title: People, to measure with
    definition: bench.persons/1
    criminal_offence: true
    special_category: false
    children: possible
    fields:
      surname: text
      seen_on: date
    identifiers:
      person: opaque/1:person

flows:
  - id: persons
    from: [northmere-police]
    to: [westvale-police]
    purposes: [investigate-series]
    dataset: linked-persons
    methods: [push]
    release:
      person: { transform: pseudonym }
      surname: as_is
      seen_on: date_to_month
    require: []
    proof: @proof@
    limits: { records_per_request: @records@, enrolments_per_day: 10000000 }
    retention: { days: 365, starts: receipt, then: destroy }

  - id: places
    from: [northmere-police]
    to: [westvale-police]
    purposes: [tasking-analysis]
    dataset: linked-persons
    methods: [push]
    release:
      seen_on: year
    require: []
    limits: { requests_per_day: 20 }
    retention: { days: 90, starts: receipt, then: destroy }
)yaml";

}  // namespace

absl::Status BuildAgreed(World& world, const std::string& proof,
                         int records_per_request) {
  absl::Status done = world.Build();
  if (done.ok()) done = world.Register();
  if (done.ok()) {
    done = world.Agree(FrameDocument(
        world.facts,
        absl::StrReplaceAll(
            kContent, {{"@proof@", proof},
                       {"@records@", absl::StrCat(records_per_request)}})));
  }
  return done;
}

std::string WriteRows(const World& world, int records, int first, int more) {
  const std::string path = world.Path("rows.csv");
  const std::string rest(static_cast<size_t>(more), 'X');
  std::ofstream file(path);
  file << "ref,person,surname,seen_on\n";
  for (int i = first; i < first + records; ++i) {
    file << absl::StrFormat("R%d,P%08d,NAME%d%s,2026-%02d-%02d\n", i, i,
                            i % 977, rest, i % 9 + 1, i % 28 + 1);
  }
  return path;
}

}  // namespace entente::world
