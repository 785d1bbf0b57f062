// Enrols, sends or receives: outside PROFILE AGREEMENT enrol|send|receive
#include <iostream>

#include "client/entente.h"

namespace ec = entente::client;

absl::Status Print(const ec::Delivery& delivery) {
  for (const ec::ReceivedRecord& record : delivery.records) {
    const auto& person = record.pseudonyms.at("person");
    std::cout << record.fields.at("grade").value_or("") << " "
              << (person ? person->matches.at(0) : "nobody") << "\n";
  }
  return absl::OkStatus();
}

absl::Status Run(ec::System& system, const std::string& agreement, char what) {
  const ec::Limits limits = {.timeout = absl::Minutes(2)};
  if (what == 'e') {
    const std::vector<ec::Person> people = {{"REF-1", {"1985/5285709D"}},
                                            {"REF-2", {"no identifier"}}};
    const auto done = system.Enrol({agreement, "pnc/1", people}, limits);
    if (done.ok())
      std::cout << done->identifiers << " " << done->refused.size() << "\n";
    return done.status();
  }
  if (what == 'r') return system.Receive(agreement, Print, limits).status();
  const auto sent =
      system.Send({.agreement = agreement,
                   .flow = "persons",
                   .purpose = "investigate-series",
                   .accompanying = {{"case_reference", "OP-OUTSIDE/1"}},
                   .columns = {"person", "grade"},
                   .rows = {{"1985/5285709D", "high"}, {"", "low"}}},
                  limits);
  if (sent.ok()) std::cout << sent->batches.at(0).records << "\n";
  return sent.status();
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto system = ec::System::Open(argv[1]);
  const absl::Status done =
      system.ok() ? Run(**system, argv[2], *argv[3]) : system.status();
  std::cerr << (done.ok() ? "" : done.ToString() + "\n");
  return done.ok() ? 0 : 1;
}
