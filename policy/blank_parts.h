// What blank documents of different kinds do not have in common.
#ifndef ENTENTE_POLICY_BLANK_PARTS_H_
#define ENTENTE_POLICY_BLANK_PARTS_H_

#include <string>
#include <vector>

#include "policy/agreement.h"

namespace entente::policy {

struct BlankParty {
  std::string name;  // in capitals
  Capacity capacity = Capacity::kController;
  Regime regime = Regime::kGeneral;
};

struct BlankParts {
  std::vector<BlankParty> parties;
  // In YAML: purposes, lawful_basis, lists, datasets and flows, in this order;
  // then onward; then the lines of handling.
  const char* data = "";
  const char* onward = "";
  const char* handling = "";
  bool research = false;  // valid.project_end and governance.ethics
};

BlankParts BlankForces();    // inter_force
BlankParts BlankHub();       // safeguarding_hub
BlankParts BlankPrivate();   // police_private
BlankParts BlankResearch();  // academic_research

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_BLANK_PARTS_H_
