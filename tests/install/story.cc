// Agencies share through a program that was built outside the tree, with the
// installed programs around it.
//   entente_install_story PROGRAMS OUTSIDE FOLDER
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/world/world.h"

namespace entente::world {
namespace {

constexpr char kContent[] = R"yaml(
lists:
  grades: [low, medium, high]

datasets:
  linked-persons:
    title: People linked to recorded domestic burglary
    definition: policing.nominal/6
    criminal_offence: true
    special_category: false
    children: possible
    fields:
      grade: { type: code, list: grades }
    identifiers:
      person: pnc/1

flows:
  - id: persons
    from: [northmere-police]
    to: [westvale-police]
    purposes: [investigate-series]
    dataset: linked-persons
    methods: [push]
    release:
      person: { transform: pseudonym }
      grade: as_is
    require: [case_reference]
    limits: { requests_per_day: 100, enrolments_per_day: 1000 }
    retention: { days: 365, starts: receipt, then: destroy }

  - id: grades
    from: [northmere-police]
    to: [westvale-police]
    purposes: [tasking-analysis]
    dataset: linked-persons
    methods: [push]
    release:
      grade: as_is
    require: []
    limits: { requests_per_day: 100 }
    retention: { days: 90, starts: receipt, then: destroy }
)yaml";

absl::Status Expect(absl::string_view what, const std::string& got,
                    absl::string_view want) {
  if (got == want) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat(what, ": expected \"", want, "\", not \"", got, "\""));
}

// What the outside program prints on `profile`.
absl::Status Outside(const std::string& program, const World& world,
                     const std::string& agency, const std::string& what,
                     absl::string_view want) {
  const auto ran =
      RunProgram({program, world.Profile(agency, "system"), kAgreement, what});
  if (!ran.ok()) return ran.status();
  if (ran->exit_code != 0) return absl::InternalError(ran->err);
  // Records are shuffled before they are sealed.
  std::vector<std::string> lines =
      absl::StrSplit(ran->out, '\n', absl::SkipEmpty());
  std::sort(lines.begin(), lines.end());
  return Expect(absl::StrCat(agency, " ", what), absl::StrJoin(lines, "\n"),
                want);
}

absl::Status VerifyLedger(World& world) {
  const std::string folder = world.Path("mirror");
  const std::string auditor = world.Profile(kInspector, "auditor");
  const auto mirrored = world.Entente(
      auditor, {"audit", "mirror", folder, "--agreement", kAgreement});
  if (!mirrored.ok()) return mirrored.status();
  const auto verified = world.Entente("", {"audit", "verify", folder});
  if (!verified.ok()) return verified.status();
  return Expect("audit verify", verified->at("verified").dump(), "true");
}

absl::Status Tell(World& world, const std::string& outside) {
  absl::Status done = world.Build();
  if (!done.ok()) return done;
  done = world.Register();
  if (!done.ok()) return done;
  done = world.Agree(FrameDocument(world.facts, kContent));
  if (!done.ok()) return done;
  const struct {
    const char* agency;
    const char* what;
    const char* prints;
  } steps[] = {
      {kLeft, "enrol", "1 1"},
      {kRight, "enrol", "1 1"},
      {kLeft, "send", "2"},
      {kRight, "receive", "high REF-1\nlow nobody"},
      // Nothing waits any more, and nothing is handed over twice.
      {kRight, "receive", ""},
  };
  for (const auto& step : steps) {
    done = Outside(outside, world, step.agency, step.what, step.prints);
    if (!done.ok()) return done;
  }
  return VerifyLedger(world);
}

}  // namespace
}  // namespace entente::world

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: entente_install_story PROGRAMS OUTSIDE FOLDER\n";
    return 2;
  }
  entente::world::World world;
  const std::string programs = argv[1];
  world.settings = {programs + "/entente", programs + "/entente-broker",
                    argv[3], /*narrate=*/false};
  const absl::Status told = entente::world::Tell(world, argv[2]);
  if (!told.ok()) {
    std::cerr << told << "\n";
    return 1;
  }
  std::cout << "shared through an installed library\n";
  return 0;
}
