// What a system works with when it enrols, sends or receives.
#ifndef ENTENTE_CLIENT_DEALINGS_H_
#define ENTENTE_CLIENT_DEALINGS_H_

#include "client/ledger_view.h"
#include "client/local_store.h"
#include "client/output.h"
#include "client/profile.h"
#include "client/rpc/broker_link.h"
#include "client/verified_agreement.h"

namespace entente::client {

// One system's dealings under one verified agreement. Borrowed; not
// thread-safe.
struct Dealings {
  const Profile& profile;
  BrokerLink& link;
  LocalStore& store;
  const VerifiedAgreement& verified;
  LedgerView& view;  // of the agreement's ledger
  Output& out;       // for talk
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_DEALINGS_H_
