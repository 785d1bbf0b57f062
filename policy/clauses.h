// Each clause of an agreement, and what holds people to it.
#ifndef ENTENTE_POLICY_CLAUSES_H_
#define ENTENTE_POLICY_CLAUSES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/agreement.h"

namespace entente::policy {

// What stands behind a clause. Nothing is called more than the programs do.
enum class Hold {
  // A program that the one who breaks it does not run refuses, whatever that
  // one's own programs do: the broker, or the other side's.
  kEnforced,
  // A program asks for it, and keeps what was said where all parties see it.
  // Whether it is true no program sees.
  kEvidenced,
  // People's word. No program does anything about it, or only a program of the
  // one who is bound by it.
  kTrusted,
};

// `enforced`, `evidenced`, `trusted`. Stable.
absl::string_view WordOf(Hold hold);

struct HeldClause {
  std::string clause;  // where it is written, `flows[0] crimes.require`
  std::string words;   // what it says
  Hold hold = Hold::kTrusted;
  std::string by;   // the program or the people
  std::string how;  // what they do, and what they do not see
  // Of an enforced one: the code that a breach meets.
  std::string code = {};
};

// All of them, in the order of the document; `title` and `summary`, which bind
// nobody, are left out. Pure.
std::vector<HeldClause> ClausesOf(const Agreement& agreement);

// Those of the flows, for ClausesOf.
void AddFlowClauses(const Agreement& agreement,
                    std::vector<HeldClause>* clauses);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_CLAUSES_H_
