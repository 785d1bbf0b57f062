// Decisions as property tests compare them, and how often they try.
#ifndef ENTENTE_POLICY_TEST_DECISION_H_
#define ENTENTE_POLICY_TEST_DECISION_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/decision.h"

namespace entente::policy {

// Requests of each world, where several are tried.
inline constexpr int kRequests = 5;
// Worlds.
#ifdef __SANITIZE_ADDRESS__
inline constexpr int kRounds = 500;  // some ten times slower
#else
inline constexpr int kRounds = 3000;
#endif

// The answer with every reason, clause and detail.
inline std::string Text(const Decision& decision) {
  std::string text = decision.allowed() ? "allow" : "deny";
  for (const Failure& failure : decision.failures) {
    absl::StrAppend(&text, "\n  ", failure.Code(), " | ", failure.clause, " | ",
                    failure.detail);
  }
  return text;
}

// Codes alone, for documents whose flows have moved.
inline std::vector<std::string> Codes(const Decision& decision) {
  std::vector<std::string> codes;
  for (const Failure& failure : decision.failures) {
    codes.push_back(failure.Code());
  }
  return codes;
}

// Field, and how it is released; empty if it is not.
inline std::map<std::string, Treatment> Released(const Decision& decision) {
  std::map<std::string, Treatment> released;
  for (const FieldAnswer& field : decision.fields) {
    if (field.treatment != nullptr) released[field.name] = *field.treatment;
  }
  return released;
}

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_TEST_DECISION_H_
