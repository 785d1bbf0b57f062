// What an agency's programs do with their store, step by step.
#ifndef ENTENTE_TESTS_POWER_LOSS_CLIENT_WORK_H_
#define ENTENTE_TESTS_POWER_LOSS_CLIENT_WORK_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/local_store.h"

namespace entente::power_loss {

// The steps of one round, in their order.
enum class Step {
  kCheckpoint,
  kPepper,
  kPutPending,
  kAddPeople,
  kDropPending,
  kPutOutgoing,
  kStageFirst,
  kStageSecond,
  kAccepted,
  kPutReceived,
  kHandedOver,
  kAcknowledged,
};
inline constexpr int kSteps = 12;

// What the store has said is durable, by the number of its round.
struct Told {
  uint64_t checkpoint = 0;
  std::set<int> peppers;
  std::set<int> pending;
  std::set<int> dropped;
  std::set<int> people;
  std::map<int, client::OutgoingBatch> outgoing;
  std::map<int, client::ReceivedState> received;
};

// Rounds of enrolling, sending and receiving. A step is the same each time it
// is taken, and may be taken again by whoever does not know how it ended.
class ClientWork {
 public:
  // Batches of `large_round` fill the log several times over.
  ClientWork(int rounds, int large_round);

  int rounds() const { return rounds_; }
  const crypto::Secret& table_key() const { return table_key_; }

  absl::StatusOr<std::unique_ptr<client::LocalStore>> Open(
      const std::string& folder) const;

  // Takes out of `told` what the step takes back, which may not be there from
  // now on.
  static void Release(int round, Step step, Told* told);

  // `told` is what holds when this returns.
  absl::Status Take(client::LocalStore& store, int round, Step step,
                    Told* told) const;

  // DataLoss, saying what, if anything that was told is not there, or less far
  // than it was.
  absl::Status CheckKept(client::LocalStore& store, const Told& told) const;

 private:
  client::OutgoingBatch Batch(int round) const;
  client::ReceivedBatch Arrived(int round) const;
  absl::StatusOr<crypto::Bytes> RowKey(client::LocalStore& store,
                                       int round) const;
  absl::Status CheckOutgoing(client::LocalStore& store, int round,
                             const client::OutgoingBatch& told) const;
  absl::Status CheckReceived(client::LocalStore& store, const Told& told) const;

  const int rounds_;
  const int large_round_;
  const crypto::Secret table_key_;
  std::vector<crypto::Secret> peppers_;
  std::vector<crypto::Point> people_;
};

}  // namespace entente::power_loss

#endif  // ENTENTE_TESTS_POWER_LOSS_CLIENT_WORK_H_
