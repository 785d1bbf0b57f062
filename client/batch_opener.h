// Opening a verified batch: seal, values, pseudonyms.
#ifndef ENTENTE_CLIENT_BATCH_OPENER_H_
#define ENTENTE_CLIENT_BATCH_OPENER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/batch_verifier.h"
#include "client/output.h"
#include "client/profile.h"
#include "client/pseudonym_table.h"
#include "crypto/group.h"
#include "crypto/hpke.h"
#include "crypto/secret.h"
#include "policy/violations.h"

namespace entente::client {

// The agency's own secrets that it receives with. Move-only.
struct RecipientSecrets {
  crypto::KemKey kem;
  crypto::SecretScalar y;
  crypto::Secret print_key;

  // Those of `own`, the agency's bundle under which a batch was sealed. As
  // KeysOf and Profile's accessors.
  static absl::StatusOr<RecipientSecrets> Load(const Profile& profile,
                                               const certs::KeyBundle* own);
};

// What applications get.
struct OpenedBatch {
  // One per good record, in the batch's order: {"batch", "index", "sender",
  // "flow", "purpose", "fields": {…}, "pseudonyms": {…}}, and of a batch that
  // was sent under a break-glass grant "break_glass", which names it.
  std::vector<Record> records;
  uint64_t matched = 0;  // of them, with at least one match
  // The values that are not what the agreement promises (CheckReceived). Their
  // records are not among `records`.
  policy::Violations violations;
  uint64_t withheld = 0;  // records that have violations
};

// Opens every record. A pseudonym that the agency has enrolled comes with its
// references; one of a SEALED domain never does. DataLoss (exit 6), showing no
// value, if a seal does not open or holds what is no value of any type;
// otherwise as the table. 60 us a pseudonym, 1 us a field.
absl::StatusOr<OpenedBatch> OpenBatch(const ArrivedBatch& arrived,
                                      const VerifiedBatch& batch,
                                      const RecipientSecrets& secrets,
                                      PseudonymTable& pseudonyms);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_BATCH_OPENER_H_
