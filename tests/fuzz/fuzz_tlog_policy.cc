// A policy that is read is satisfied by all of its witnesses, and by nobody
// only if it wants none.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "crypto/hex.h"
#include "crypto/tlog_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::crypto;  // NOLINT
  const absl::StatusOr<TlogPolicy> policy =
      TlogPolicy::Parse(AsText({data, size}));
  if (!policy.ok()) return 0;
  std::set<std::string> all;
  for (const PolicyWitness& witness : policy->witnesses()) {
    all.insert(witness.name);
  }
  if (!policy->IsQuorum(all)) std::abort();
  if (policy->IsQuorum({}) == policy->WantsWitnesses()) std::abort();
  return 0;
}
