// What every service stands on. All of it outlives the services.
#ifndef ENTENTE_BROKER_CONTEXT_H_
#define ENTENTE_BROKER_CONTEXT_H_

#include <string>

#include "broker/clock.h"
#include "broker/grant_board.h"
#include "broker/json_log.h"
#include "broker/ledger/ledger_log.h"
#include "broker/mailbox_signal.h"
#include "broker/master_keys.h"
#include "broker/metrics.h"
#include "broker/policy_register.h"
#include "broker/receipts.h"
#include "broker/recorder.h"
#include "broker/sequencer.h"
#include "broker/store/store.h"
#include "broker/trust.h"

namespace entente::broker {

struct Context {
  std::string broker_name;
  Store* store = nullptr;
  const LedgerLog* ledgers = nullptr;
  Sequencer* sequencer = nullptr;
  const Recorder* recorder = nullptr;
  const Receipts* receipts = nullptr;
  const MasterKeys* masters = nullptr;
  const Clock* clock = nullptr;
  Trust* trust = nullptr;
  PolicyRegister* agreements = nullptr;
  JsonLog* log = nullptr;
  // Null where nobody waits for batches.
  MailboxSignal* mailboxes = nullptr;
  Metrics* metrics = nullptr;  // what faces the wire alone needs it
  // Null where nobody breaks glass: then no grant is open.
  GrantBoard* grants = nullptr;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_CONTEXT_H_
