// The key that signs every ledger of this broker.
#ifndef ENTENTE_BROKER_LEDGER_KEY_H_
#define ENTENTE_BROKER_LEDGER_KEY_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/key_file.h"
#include "broker/store/sqlite.h"
#include "crypto/signing.h"

namespace entente::broker {

// Makes the Ed25519 ledger key and seals it into its row. AlreadyExists: there
// is one, and agreements name it.
absl::Status CreateLedgerKey(Transaction& transaction,
                             const WrappingKey& wrapping);

// NotFound if there is none yet; DataLoss if it does not open.
absl::StatusOr<crypto::SigningKey> LoadLedgerKey(Transaction& transaction,
                                                 const WrappingKey& wrapping);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LEDGER_KEY_H_
