// What an agreement promises of its clauses, for the tests of what keeps it.
#ifndef ENTENTE_BROKER_TEST_CLAUSES_H_
#define ENTENTE_BROKER_TEST_CLAUSES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "policy/clauses.h"

namespace entente::broker {

// The code that a breach of `clause` is said to meet at the broker. Fails the
// test if the clause is not called enforced by it.
inline std::string PromisedCode(const policy::Agreement& agreement,
                                absl::string_view clause) {
  for (const policy::HeldClause& one : policy::ClausesOf(agreement)) {
    if (one.clause != clause) continue;
    EXPECT_EQ(one.hold, policy::Hold::kEnforced) << clause;
    EXPECT_EQ(one.by.rfind("the broker", 0), 0u) << clause << ": " << one.by;
    return one.code;
  }
  ADD_FAILURE() << "no clause " << clause;
  return "";
}

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_CLAUSES_H_
