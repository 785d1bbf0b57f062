// A world of one test, in which both agencies have agreed on two people's data.
#ifndef ENTENTE_TESTS_WORLD_AGREED_PAIR_H_
#define ENTENTE_TESTS_WORLD_AGREED_PAIR_H_

#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "tests/world/own_world.h"

namespace entente::world {

inline constexpr char kPairContent[] = R"yaml(
datasets:
  linked-persons:
    title: People linked to recorded domestic burglary
    definition: policing.nominal/6
    criminal_offence: true
    special_category: false
    children: possible
    fields:
      offence: text
    identifiers:
      person: nhs/1

flows:
  - id: persons
    from: [northmere-police]
    to: [westvale-police]
    purposes: [investigate-series]
    dataset: linked-persons
    methods: [push]
    release:
      person: { transform: pseudonym }
      offence: as_is
    require: []
    limits: { requests_per_day: 1000, enrolments_per_day: 10000 }
    retention: { days: 365, starts: receipt, then: destroy }

  - id: patrols
    from: [northmere-police]
    to: [westvale-police]
    purposes: [tasking-analysis]
    dataset: linked-persons
    methods: [push]
    release:
      offence: as_is
    require: []
    limits: { requests_per_day: 2, records_per_day: 3 }
    retention: { days: 90, starts: receipt, then: destroy }
)yaml";

inline constexpr char kPairPeople[] =
    "person,offence,reference\n9434765919,28A,r1\n9434760003,29,r2\n";

class AgreedPair : public OwnWorld {
 protected:
  void SetUp() override {
    OwnWorld::SetUp();
    absl::Status done = world_.Register();
    if (done.ok()) {
      done = world_.Agree(FrameDocument(world_.facts, Content()));
    }
    ASSERT_TRUE(done.ok()) << done;
    std::ofstream(world_.Path("people.csv")) << kPairPeople;
  }

  // Data sets and flows of the agreement.
  virtual std::string Content() const { return kPairContent; }

  void Enrol(const std::string& profile, int exit = 0) {
    Run(profile,
        {"enrol", "--agreement", kAgreement, "--scheme", "nhs/1", "--column",
         "person", "--ref", "reference", world_.Path("people.csv")},
        exit);
  }
  // Two records that were not sent before, in a batch of their own; its id.
  std::string Send() {
    const std::string file = world_.Path("rows.csv");
    ++sent_;
    std::ofstream(file) << "person,offence\n9434765919,first " << sent_
                        << "\n9434760003,second " << sent_ << "\n";
    const json sent = Run(Left(), {"send", "--agreement", kAgreement, "--flow",
                                   "persons", "--purpose", kPurpose, file});
    EXPECT_EQ(sent.value("sent", 0), 2) << sent.dump();
    if (!sent.contains("batches")) return "";
    return sent.at("batches").at(0).at("batch");
  }

 private:
  int sent_ = 0;
};

}  // namespace entente::world

#endif  // ENTENTE_TESTS_WORLD_AGREED_PAIR_H_
