// Random agreements, their state and requests about them, for property tests.
#ifndef ENTENTE_POLICY_RANDOM_WORLD_H_
#define ENTENTE_POLICY_RANDOM_WORLD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "policy/agreement.h"
#include "policy/decision.h"
#include "policy/register.h"

namespace entente::policy {

// Shows the given throws, then others, which are always the same.
class Dice {
 public:
  explicit Dice(std::vector<uint64_t> throws) : throws_(std::move(throws)) {}

  // 0 to sides - 1.
  size_t Roll(size_t sides) {
    return (next_ < throws_.size() ? throws_[next_++] : engine_()) % sides;
  }
  // True once in `times`.
  bool Once(size_t times) { return Roll(times) == 0; }
  template <typename T>
  const T& Pick(const std::vector<T>& of) {
    return of[Roll(of.size())];
  }
  // At least `least` of them, in their order.
  template <typename T>
  std::vector<T> Some(const std::vector<T>& of, size_t least) {
    std::vector<T> some;
    for (size_t i = 0; i < of.size(); ++i) {
      const size_t left = of.size() - i;
      if (some.size() + left <= least || Once(2)) some.push_back(of[i]);
    }
    return some;
  }
  template <typename T>
  void Shuffle(std::vector<T>* what) {
    for (size_t i = what->size(); i > 1; --i) {
      std::swap((*what)[i - 1], (*what)[Roll(i)]);
    }
  }

 private:
  const std::vector<uint64_t> throws_;
  size_t next_ = 0;
  // Not zeros: a draw that is repeated until it fits must end.
  std::mt19937_64 engine_;
};

// One version as a test can still change it.
struct DraftVersion {
  Agreement document;
  std::vector<std::string> missing;
  bool activated = true;
};

// One agreement as a test can still change it.
struct DraftAgreement {
  std::vector<DraftVersion> versions;  // versions 1, 2…
  std::set<std::string> suspended_by;
  std::set<std::string> sending_suspended_by;
  std::map<std::string, int64_t> withdrawn;
  bool terminated = false;
  bool quorum_missing = false;
};

struct World {
  std::map<std::string, DraftAgreement> agreements;

  // By id.
  std::vector<AgreementRecord> Records() const;
  std::shared_ptr<const Register> Compile() const;
  Agreement& Document(const std::string& id, int64_t version);
};

// The instant about which random agreements are in force, or not.
absl::Time WorldNow();

// A document with no two flows on one route; every flow has a route and
// releases something.
Agreement RandomDocument(Dice* dice, const std::string& id, int64_t version);

// One to three agreements, `isa-one` and so on, mostly in force at WorldNow,
// sometimes under one another.
World RandomWorld(Dice* dice);

// A request that `flow` of `document` allows, if the document is in force.
Request FittingRequest(Dice* dice, const Agreement& document, const Flow& flow);

// A fitting request for a flow of `world`, mostly with something wrong.
Request RandomRequest(Dice* dice, const World& world);

// Gives `request` exactly the fields that `flow` releases, in their forms.
void SetExactFields(const Agreement& document, const Flow& flow,
                    Request* request);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_RANDOM_WORLD_H_
