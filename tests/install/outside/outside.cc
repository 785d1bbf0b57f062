// Enrols, sends or receives: outside PROFILE AGREEMENT enrol|send|receive
#include <iostream>
#include <string>

#include "client/entente.h"

namespace ec = entente::client;

int Fail(const absl::Status& status) {
  std::cerr << status << "\n";
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string agreement = argv[2], what = argv[3];
  auto system = ec::System::Open(argv[1]);
  if (!system.ok()) return Fail(system.status());
  const ec::Limits limits = {.timeout = absl::Minutes(2)};
  if (what == "enrol") {
    const auto done = (*system)->Enrol(
        {agreement,
         "pnc/1",
         {{"REF-1", {"1985/5285709D"}}, {"REF-2", {"no identifier"}}}},
        limits);
    if (!done.ok()) return Fail(done.status());
    std::cout << done->identifiers << " " << done->refused.size() << "\n";
  } else if (what == "send") {
    const auto sent =
        (*system)->Send({.agreement = agreement,
                         .flow = "persons",
                         .purpose = "investigate-series",
                         .accompanying = {{"case_reference", "OP-OUTSIDE/1"}},
                         .columns = {"person", "grade"},
                         .rows = {{"1985/5285709D", "high"}, {"", "low"}}},
                        limits);
    if (!sent.ok()) return Fail(sent.status());
    std::cout << sent->batches.at(0).records << "\n";
  } else {
    const auto got = (*system)->Receive(
        agreement,
        [](const ec::Delivery& delivery) {
          for (const ec::ReceivedRecord& record : delivery.records) {
            const auto& person = record.pseudonyms.at("person");
            std::cout << record.fields.at("grade").value_or("") << " "
                      << (person ? person->matches.at(0) : "nobody") << "\n";
          }
          return absl::OkStatus();
        },
        limits);
    if (!got.ok()) return Fail(got.status());
  }
  return 0;
}
