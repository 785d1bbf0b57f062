// What a recipient checks of a batch before anything of it can be seen.
#ifndef ENTENTE_CLIENT_BATCH_VERIFIER_H_
#define ENTENTE_CLIENT_BATCH_VERIFIER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/key_bundle.h"
#include "certs/key_manifest.h"
#include "client/knowledge_table.h"
#include "crypto/convert.h"
#include "crypto/note.h"
#include "crypto/sha.h"
#include "entente/v1/batch.pb.h"
#include "entente/v1/exchange.pb.h"
#include "policy/break_glass.h"
#include "policy/decision.h"
#include "policy/register.h"

namespace entente::client {

// A batch as it came from the stream, whole. Nothing of it is believed.
struct ArrivedBatch {
  v1::BatchStart start;
  std::vector<v1::BatchChunk> chunks;
};

// The keys that a header names: a manifest that was verified, and the bundles
// that it lists.
struct BatchKeys {
  certs::KeyManifest manifest;
  crypto::Hash manifest_digest = {};
  std::map<std::string, certs::KeyBundle> bundles;  // by agency
};

// What a batch is held against.
struct BatchGrounds {
  std::string recipient;  // this agency
  // The version that the header names, activated, and what it stands under.
  std::shared_ptr<const policy::Register> known;
  const BatchKeys* keys = nullptr;  // borrowed
  // Of the first part of the agreement's ledger; borrowed.
  const crypto::NoteKey* ledger_key = nullptr;
  // The last checkpoint of the part that the header's view is of, if that is
  // closed and known here; borrowed.
  const KeptCheckpoint* view_end = nullptr;
  // The break-glass grant that the header names, verified; null if it names
  // none. Borrowed.
  const policy::Grant* grant = nullptr;
};

// A batch that was found good. Seal and values are not yet looked at.
struct VerifiedBatch {
  v1::BatchHeader header;
  policy::Decision decision;  // allowed; of the moment of acceptance
  crypto::Hash head_hash = {};
  crypto::Hash digest = {};          // the final H_c
  crypto::Hash converted_hash = {};  // SHA-256 of all R
  uint64_t entry = 0;                // of the acceptance
  KeptCheckpoint checkpoint;         // that proves it; signed, not yet linked
                                     // to what this client saw before
  std::vector<std::vector<crypto::Converted>> converted;  // per chunk
};

// The header, read strictly, with every length and word as it must be.
// DataLoss (exit 6). Safe on hostile input.
absl::StatusOr<v1::BatchHeader> ReadBatchHeader(absl::string_view bytes);

// Checks in this order: the recipient; manifest, epoch and both bundles as the
// header names them; the chain of chunks and the sender's signature on each;
// the receipt, which must prove an entry that says the same as the header; that
// the ledger view in the header leads to the receipt's checkpoint, or to the
// last one of its own part if that comes before the receipt's; that the
// agreement allowed all of this at the moment of the entry; and the proof of
// conversion of every chunk, unless the flow says `proof: none`.
//
// Any failure is DataLoss (exit 6) and says which check. Pure; safe on hostile
// input; 0.3 ms a pseudonym with proof.
absl::StatusOr<VerifiedBatch> VerifyBatch(const ArrivedBatch& arrived,
                                          const v1::BatchHeader& header,
                                          const BatchGrounds& grounds);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_BATCH_VERIFIER_H_
