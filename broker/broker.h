// One broker: everything between its settings and the wire.
#ifndef ENTENTE_BROKER_BROKER_H_
#define ENTENTE_BROKER_BROKER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/agreements_service.h"
#include "broker/break_glass_service.h"
#include "broker/claims.h"
#include "broker/config.h"
#include "broker/context.h"
#include "broker/denials.h"
#include "broker/directory_service.h"
#include "broker/disk_runway.h"
#include "broker/exchange_service.h"
#include "broker/http_witness_port.h"
#include "broker/key_file.h"
#include "broker/ledger/anchor_file.h"
#include "broker/ledger_service.h"
#include "broker/mailbox_signal.h"
#include "broker/metrics.h"
#include "broker/own_entries.h"
#include "broker/pseudonyms_service.h"
#include "broker/store/data_folder.h"
#include "broker/store/sqlite_store.h"
#include "broker/witness_rounds.h"
#include "broker/worker_pool.h"
#include "crypto/secret.h"

namespace entente::broker {

// The services over one data folder, without a port. Thread-safe once open.
class Broker {
 public:
  // Opens the folder, or makes a new one; checks every ledger against its
  // tiles, its signed head and the anchor file; loads the agreements. The start
  // is an entry. Errors say what is wrong with the folder, the passphrase or
  // the ledgers and what to do.
  static absl::StatusOr<std::unique_ptr<Broker>> Open(
      const Config& config, const crypto::Secret& passphrase,
      PassphraseCost cost, const Clock* clock, JsonLog* log);
  // Records the stop, and lets the sequencer finish.
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  // What is due by the clock: activations, stages that expired, break-glass
  // that ended, the heads of ledgers, cosignatures. Once a second.
  void Tick();

  const Context& context() const { return context_; }
  Trust& trust() { return *trust_; }
  DirectoryService& directory() { return *directory_; }
  AgreementsService& agreements() { return *agreements_; }
  BreakGlassService& break_glass() { return *break_glass_; }
  PseudonymsService& pseudonyms() { return *pseudonyms_; }
  ExchangeService& exchange() { return *exchange_; }
  LedgerService& ledger() { return *ledger_; }
  Denials& denials() { return *denials_; }
  MailboxSignal& mailboxes() { return mailboxes_; }
  Claims& claims() { return *claims_; }
  Metrics& metrics() { return metrics_; }
  // Unavailable if the store has paused or stopped.
  absl::Status Health();

 private:
  explicit Broker(DataFolder folder) : folder_(std::move(folder)) {}
  absl::Status OpenKeys(const crypto::Secret& passphrase, PassphraseCost cost);
  absl::Status OpenAnchors();
  absl::Status OpenStore();
  absl::Status OpenLedgers(const Config& config);
  absl::Status OpenTrust(const Config& config);

  // Destroyed from the last to the first: what is above outlives what is below.
  DataFolder folder_;
  Metrics metrics_;
  DiskRunway runway_;
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<WrappingKey> wrapping_;
  std::unique_ptr<MasterKeys> masters_;
  std::unique_ptr<AnchorFile> anchors_;
  std::unique_ptr<LedgerLog> ledgers_;
  std::unique_ptr<Sequencer> sequencer_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Receipts> receipts_;
  std::unique_ptr<Trust> trust_;
  PolicyRegister register_;
  MailboxSignal mailboxes_;
  GrantBoard grants_;
  std::unique_ptr<Claims> claims_;
  Context context_;
  std::unique_ptr<OwnEntries> own_;
  std::unique_ptr<Denials> denials_;
  std::unique_ptr<AgreementsService> agreements_;
  std::unique_ptr<DirectoryService> directory_;
  std::unique_ptr<BreakGlassService> break_glass_;
  std::unique_ptr<PseudonymsService> pseudonyms_;
  std::unique_ptr<ExchangeService> exchange_;
  std::unique_ptr<LedgerService> ledger_;
  HttpWitnessPort witness_port_;
  std::unique_ptr<WitnessRounds> witnesses_;
  std::unique_ptr<WorkerPool> witness_pool_;  // its tasks use all above
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_BROKER_H_
