// Who is asked when to cosign which ledger.
#ifndef ENTENTE_BROKER_WITNESS_ROUNDS_H_
#define ENTENTE_BROKER_WITNESS_ROUNDS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/ask_witness.h"
#include "broker/context.h"
#include "broker/quorum_state.h"
#include "broker/store/witness_table.h"
#include "broker/witness_port.h"
#include "policy/compiled_agreement.h"

namespace entente::broker {

// Ledgers that are asked about at once, and those that wait for that.
inline constexpr int kWitnessThreads = 4;
inline constexpr size_t kMaxQueuedRounds = 1024;
// A witness that does not answer, or not as it should, is left alone for so
// long, each time twice as long as before.
inline constexpr absl::Duration kFirstWitnessPause = absl::Seconds(2);
inline constexpr absl::Duration kLongestWitnessPause = absl::Minutes(1);

// Asks the witnesses that each agreement in force names to cosign the newest
// part of its ledger. A round asks all of them about one checkpoint, one after
// the other, so that their lines stand under the same, and keeps what they
// answer in one commit. Says when the quorum is missing (quorum_notes.h).
// Thread-safe, but for Load.
class WitnessRounds {
 public:
  // Runs a task away from the caller, or refuses it.
  using Submit = std::function<absl::Status(std::function<void()>)>;

  // All are borrowed; `context` may have no metrics.
  WitnessRounds(const Context* context, WitnessPort* port, Submit submit);

  // Tells the register whose quorum is missing by what is stored, before
  // anything is served. Writes nothing. As the store.
  absl::Status Load();
  // Begins a round for each ledger of which a witness has not seen all and may
  // be asked, and notes what is missing or back. Cheap if nothing is due: a
  // look-up for each agreement with witnesses. Blocks if there is something to
  // note. Once a second. The first failure is returned.
  absl::Status Tick() ABSL_LOCKS_EXCLUDED(mu_);
  // Nothing more is asked; a question that is under way ends by its time.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Agreement = std::shared_ptr<const policy::CompiledAgreement>;

  // Why something is not asked.
  struct Pause {
    absl::Time until;
    int failures = 0;
  };
  // What a round asks.
  struct Question {
    std::string name;  // of the witness, in the document
    WitnessQuestion question;
  };

  absl::StatusOr<QuorumState> StateOf(const policy::Agreement& document) const;
  // One agreement of Tick.
  absl::Status Look(const Agreement& agreement, absl::Time now)
      ABSL_LOCKS_EXCLUDED(mu_);
  void Begin(const Agreement& agreement, const std::string& part)
      ABSL_LOCKS_EXCLUDED(mu_);
  void RunRound(const policy::Agreement& document, const std::string& part)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<std::vector<Question>> QuestionsOf(
      const policy::Agreement& document, const std::string& part)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Keep(const policy::Agreement& document, const std::string& part,
                    const std::string& checkpoint,
                    const std::vector<CosignatureRow>& rows);
  bool MayAsk(const std::string& part, const std::string& key,
              absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // What `reply` means for when it is asked again, and of what.
  void Learn(const policy::Agreement& document, const std::string& part,
             const Question& asked, const WitnessReply& reply)
      ABSL_LOCKS_EXCLUDED(mu_);
  int Fail(const std::string& what) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Context& context_;
  WitnessPort& port_;
  const Submit submit_;

  absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  absl::flat_hash_set<std::string> under_way_ ABSL_GUARDED_BY(mu_);  // parts
  // Parts whose witnesses were asked since the start.
  absl::flat_hash_set<std::string> asked_ ABSL_GUARDED_BY(mu_);
  // By a witness's key, or by part and key where it answers.
  absl::flat_hash_map<std::string, Pause> pauses_ ABSL_GUARDED_BY(mu_);
  // By part and key: what a witness said that it cosigned last.
  absl::flat_hash_map<std::string, uint64_t> said_ ABSL_GUARDED_BY(mu_);
  // Agreements that are noted as missing.
  absl::flat_hash_set<std::string> missing_ ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_WITNESS_ROUNDS_H_
