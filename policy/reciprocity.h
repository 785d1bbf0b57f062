// Who gives what to whom, and who gives nothing back.
#ifndef ENTENTE_POLICY_RECIPROCITY_H_
#define ENTENTE_POLICY_RECIPROCITY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "policy/agreement.h"

namespace entente::policy {

// What one flow gives.
struct Gift {
  std::string agreement;
  std::string flow;
  std::string dataset;
  std::vector<std::string> fields;  // by name
  std::vector<std::string> purposes;
};

// Two agencies of which at least one gives the other something.
struct Exchange {
  std::string first;  // the smaller id
  std::string second;
  std::vector<Gift> first_gives;
  std::vector<Gift> second_gives;

  bool one_way() const { return first_gives.empty() || second_gives.empty(); }
};

// All pairs under any of `agreements`, by their ids; gifts by agreement and
// then by the flows' places. Linear in the ways of all flows.
std::vector<Exchange> ReciprocityOf(
    absl::Span<const Agreement* const> agreements);

// Fields of all gifts; one that several flows give counts for each of them.
size_t FieldsIn(const std::vector<Gift>& gifts);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_RECIPROCITY_H_
