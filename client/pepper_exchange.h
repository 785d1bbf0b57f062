// How the parties of an agreement come to hold one pepper (PROTOCOL 1).
#ifndef ENTENTE_CLIENT_PEPPER_EXCHANGE_H_
#define ENTENTE_CLIENT_PEPPER_EXCHANGE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/dealings.h"
#include "crypto/secret.h"

namespace entente::client {

// The pepper of the agreement. If nobody has made one, makes it and leaves it
// for every other party that enrols; the first commitment in the ledger wins.
// Then, as every holder does, passes it on to parties for which nobody has left
// it yet. A pepper is believed only if it is the one committed to, by a
// receipt, and comes under the batch key of a party that enrols.
//
// The code PEPPER_NOT_DELIVERED (exit 7), naming who holds it, if it was not
// left for this agency; DOMAIN_SEALED (exit 3) from the broker if this agency
// does not enrol; DataLoss if anything does not verify. Two calls, and one for
// each party passed to.
absl::StatusOr<crypto::Secret> ObtainPepper(const Dealings& dealings);

// Passes the pepper on, if this agency holds it and there is anybody to pass it
// to. As ObtainPepper, but OK if there is no pepper or it was not left for this
// agency.
absl::Status PassPepperOn(const Dealings& dealings);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_PEPPER_EXCHANGE_H_
