// Receiving what waits for this agency under one agreement.
#ifndef ENTENTE_CLIENT_RECEIVER_H_
#define ENTENTE_CLIENT_RECEIVER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/batch_opener.h"
#include "client/batch_verifier.h"
#include "client/cancellation.h"
#include "client/ledger_view.h"
#include "client/local_store.h"
#include "client/output.h"
#include "client/profile.h"
#include "client/rpc/broker_link.h"
#include "client/rpc/grpc_ledger_source.h"
#include "client/verified_agreement.h"
#include "crypto/signing.h"

namespace entente::client {

// Where opened batches go.
class BatchSink {
 public:
  virtual ~BatchSink() = default;

  // Takes a batch over: when it returns OK, the application has it durably, and
  // the delivery is signed. Returns the file it is in, or empty. `batch` is in
  // hex. DataLoss or AlreadyExists refuses this batch alone; any other error
  // ends the receiving.
  virtual absl::StatusOr<std::string> Take(const std::string& batch,
                                           const std::string& sender,
                                           const OpenedBatch& opened) = 0;
};

struct ReceivedSummary {
  std::string batch;  // hex
  std::string sender;
  std::string flow;
  uint64_t records = 0;   // in the batch
  uint64_t matched = 0;   // records with a match; 0 if `before`
  uint64_t withheld = 0;  // records that were not as agreed
  policy::Violations violations;
  std::string file;     // or empty
  uint64_t entry = 0;   // of the delivery
  bool before = false;  // handed over by an earlier call, acknowledged again
};

// A batch that stays at the broker, and why.
struct RefusedSummary {
  std::string batch;  // hex; empty if the header cannot be read
  std::string sender;
  absl::Status why;
};

// Is told of every batch once it is acknowledged, or left at the broker.
struct ReceiveListener {
  std::function<void(const ReceivedSummary&)> received;
  std::function<void(const RefusedSummary&)> refused;
};

struct ReceiveReport {
  std::vector<ReceivedSummary> batches;
  std::vector<RefusedSummary> refused;
  // Batches that wait and are with other receivers of the agency just now.
  uint64_t with_others = 0;
  bool stopped = false;  // before all was received
};

// Verifies, opens, hands over and acknowledges, batch by batch, in this order;
// an interrupted call goes on where it stopped, and hands over nothing twice
// unless it was interrupted between the sink and the store. Records that are
// not as the agreement promises are kept from the sink, and the delivery says
// in the ledger which, never what they hold. Not thread-safe; one at a time for
// a profile.
class Receiver {
 public:
  // As BrokerLink::Open, LocalStore::Open, FetchVerified and
  // RecipientSecrets::Load.
  static absl::StatusOr<std::unique_ptr<Receiver>> Open(
      const Profile& profile, const std::string& agreement);
  // The same over a link that is open already.
  static absl::StatusOr<std::unique_ptr<Receiver>> Open(
      const Profile& profile, std::unique_ptr<BrokerLink> link,
      const std::string& agreement);

  // Receives until nothing waits. A batch that is not good (exit 6), or whose
  // last instant has passed (the code BATCH_EXPIRED, exit 6), is not handed
  // over and not acknowledged; the others are. Errors, with what came before
  // them in the store: as the broker refuses, and as the sink. Once `stop` (may
  // be null) is cancelled, it returns after the batch at hand.
  absl::StatusOr<ReceiveReport> Run(BatchSink& sink,
                                    const Cancellation* stop = nullptr);

  // Receives also what comes later, until the broker ends the stream, as it
  // does after some minutes, or `stop` is cancelled: both are OK. Errors as
  // above; a stream that breaks is Unavailable.
  absl::Status Follow(BatchSink& sink, const ReceiveListener& listener,
                      const Cancellation& stop);

  // The batches under this agreement that the broker says wait for this agency.
  // Its word alone; as it refuses.
  struct WaitingBatches {
    uint64_t all = 0;
    // Of them, those that the agreement keeps now, and why:
    // `SUSPENDED_BY_SENDER: north-police`.
    uint64_t kept = 0;
    std::vector<std::string> because;
    // Of them, those whose break-glass grant has ended.
    uint64_t grant_over = 0;
  };
  absl::StatusOr<WaitingBatches> Waiting();

  // As PassPepperOn (client/pepper_exchange.h), which every holder owes the
  // parties that came later.
  absl::Status PassPepperOn(Output& out);

 private:
  // A batch that is with the application.
  struct Taken {
    ReceivedSummary summary;
    ReceivedBatch row;
    VerifiedBatch batch;
    crypto::Signature delivery = {};
  };

  // What is in force: the agreement, and this agency's key for deliveries.
  struct Force {
    VerifiedAgreement agreement;
    crypto::Hash manifest = {};
    crypto::SigningKey batch_key;
  };

  Receiver(const Profile& profile, std::unique_ptr<BrokerLink> link,
           std::unique_ptr<LocalStore> store, Force force,
           crypto::NoteKey ledger_key);

  static absl::StatusOr<Force> InForce(BrokerLink& link, const Profile& profile,
                                       KnowledgeTable& knowledge,
                                       const std::string& agreement);
  // Takes the keys of `force_` among those that batches may name.
  void Know();

  // One call of Receive. `with_others` may be null.
  absl::Status Stream(bool follow, BatchSink& sink,
                      const ReceiveListener& listener, const Cancellation* stop,
                      uint64_t* with_others);
  // OK also if the batch was refused, of which `listener` is then told.
  absl::Status Handle(const ArrivedBatch& arrived, BatchSink& sink,
                      const ReceiveListener& listener);
  absl::StatusOr<Taken> Accept(const ArrivedBatch& arrived,
                               const v1::BatchHeader& header, BatchSink& sink);
  // What is known of the part that the header's view is of. Unavailable
  // (LEDGER_CONTINUED) if the batch's entry is in a part that is not verified
  // here yet.
  absl::StatusOr<KeptCheckpoint> ViewEnd(const ArrivedBatch& arrived,
                                         const v1::BatchHeader& header);
  // The index of the delivery's entry. An error is about the broker: the batch
  // is with the application.
  absl::StatusOr<uint64_t> Acknowledge(const Taken& taken);

  // Fetches what is in force now: a batch names keys that are not known.
  absl::Status Refresh();
  // The version that a header names, verified.
  absl::StatusOr<std::shared_ptr<const policy::Register>> RegisterOf(
      uint32_t version);
  // The break-glass grant that a header names, verified: nothing if it names
  // none.
  absl::StatusOr<std::optional<policy::Grant>> GrantOf(
      const v1::BatchHeader& header, const policy::Register& known);
  // The keys under the manifest and version that a header names: those in
  // force, or earlier ones, since bundles are renewed while batches wait.
  absl::StatusOr<const BatchKeys*> KeysOf(const crypto::Hash& manifest,
                                          uint32_t version);
  // The secrets under the agency's own bundle in `keys`: an old batch needs old
  // ones.
  absl::StatusOr<const RecipientSecrets*> SecretsOf(const BatchKeys& keys);
  // Proves that `checkpoint` and what this client saw before lie on one
  // history, and keeps what was seen. Unavailable (LEDGER_CONTINUED) if it is
  // of a part that is not verified here yet.
  absl::Status Link(const KeptCheckpoint& checkpoint);
  // The same for a part that takes entries.
  absl::Status LinkOpen(const KeptCheckpoint& checkpoint);

  const Profile profile_;
  const std::unique_ptr<BrokerLink> link_;
  const std::unique_ptr<LocalStore> store_;
  Force force_;
  const std::string id_;  // of the agreement
  const crypto::NoteKey ledger_key_;
  LedgerView view_;
  std::map<uint32_t, std::shared_ptr<const policy::Register>> registers_;
  std::map<crypto::Hash, BatchKeys> keys_;
  std::map<crypto::Hash, RecipientSecrets> secrets_;  // by manifest
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_RECEIVER_H_
