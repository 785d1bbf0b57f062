// Who may see which field of whom, how it is treated, and for what.
#ifndef ENTENTE_POLICY_MATRIX_H_
#define ENTENTE_POLICY_MATRIX_H_

#include <string>
#include <vector>

#include "policy/agreement.h"

namespace entente::policy {

// One field of one flow: each of `recipients` may see it of each of `senders`,
// but none of itself.
struct MatrixRow {
  std::vector<std::string> recipients;
  std::vector<std::string> senders;
  std::string dataset;
  std::string field;
  Treatment treatment;  // never withhold
  std::vector<std::string> purposes;
  std::vector<Method> methods;
  std::string clause;                // `flows[1] crimes.release.age`
  std::vector<std::string> only_if;  // the row rules, in words
};

// All of it, in the order of the flows and then of the fields. What is not here
// is seen by nobody under this agreement. Whether an overarching agreement
// narrows it is not looked at. Linear in the rows.
std::vector<MatrixRow> MatrixOf(const Agreement& agreement);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_MATRIX_H_
