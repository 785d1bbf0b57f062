#include "tests/bench/agreed_world.h"

#include "absl/strings/str_replace.h"

namespace entente::bench {
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
    limits: { records_per_request: 256, enrolments_per_day: 10000000 }
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

absl::Status Agree(world::World& world, const std::string& proof) {
  absl::Status done = world.Build();
  if (done.ok()) done = world.Register();
  if (done.ok()) {
    done = world.Agree(world::FrameDocument(
        world.facts, absl::StrReplaceAll(kContent, {{"@proof@", proof}})));
  }
  return done;
}

}  // namespace entente::bench
