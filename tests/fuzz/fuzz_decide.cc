// The compiled form decides as its definition does, whatever the world.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "policy/decide.h"
#include "policy/naive_decide.h"
#include "policy/random_world.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::policy;  // NOLINT
  Dice dice(std::vector<uint64_t>(data, data + size));
  const World world = RandomWorld(&dice);
  const auto known = world.Compile();
  const Request request = RandomRequest(&dice, world);
  const Decision decision = Decide(*known, WorldNow(), request);
  const Decision naive = NaiveDecide(*known, WorldNow(), request);
  if (decision.effect != naive.effect || decision.failures != naive.failures ||
      decision.flow != naive.flow || decision.good_until != naive.good_until ||
      decision.fields.size() != naive.fields.size()) {
    std::abort();
  }
  for (size_t i = 0; i < naive.fields.size(); ++i) {
    if (decision.fields[i].treatment != naive.fields[i].treatment ||
        decision.fields[i].withheld != naive.fields[i].withheld) {
      std::abort();
    }
  }
  return 0;
}
