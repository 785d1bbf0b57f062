// One version of an agreement with the signatures and the ledger entry that
// make it count, whether or not it has come into force.
#ifndef ENTENTE_CLIENT_VERIFIED_DOCUMENT_H_
#define ENTENTE_CLIENT_VERIFIED_DOCUMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/knowledge_table.h"
#include "client/ledger_view.h"
#include "client/profile.h"
#include "client/rpc/broker_link.h"
#include "client/verified_act.h"
#include "crypto/hex.h"
#include "entente/v1/access.pb.h"
#include "entente/v1/break_glass.pb.h"
#include "policy/compiled_agreement.h"
#include "policy/ledger_entry.h"

namespace entente::client {

// Of an agreement; versions count from 1.
inline constexpr uint64_t kMaxVersion = std::numeric_limits<uint32_t>::max();

// A line that is filled by a signature that was found good.
struct SignedLine {
  std::string party;
  std::string role;
  std::string name;
  std::string fingerprint;  // of the certificate, hex
  // The broker's word, if it says: when it came, and the SHA-256 of the diff
  // that its signatory was shown (hex; empty for version 1).
  std::optional<absl::Time> signed_at = std::nullopt;
  std::string diff = {};
};

struct VerifiedDocument {
  std::shared_ptr<const policy::CompiledAgreement> compiled;
  crypto::Bytes bytes;  // canonical, as signed
  std::string digest;   // hex
  std::vector<SignedLine> signatures;
  // Open lines, as `party: name`: not signed, or before it is in force of a
  // party that has left it.
  std::vector<std::string> missing;
  // The entry of its activation; then nothing is missing.
  std::optional<VerifiedReceipt> activation;
  // Suspensions and withdrawals that stand.
  std::vector<VerifiedAct> acts;
  // Break-glass grants that are asked for, open, or to be reported on; the
  // broker's word (client/verified_grant.h verifies).
  std::vector<v1::BreakGlassNotice> break_glass;
  // The broker's word. `active` is believed only with an activation.
  std::string state;

  const policy::Agreement& agreement() const { return compiled->document(); }
  uint32_t version() const {
    return static_cast<uint32_t>(agreement().version);
  }
};

// The record of this one version, with the acts that were verified.
policy::AgreementRecord RecordOf(const VerifiedDocument& document);

// What can be said of the state of `document` at `now`: `proposed`, `signed`,
// `active`, `suspended`, `superseded`, `expired` or `ended`. Suspended is also
// what an act or an overdue review makes it, whatever the broker says; that it
// was superseded or ended is the broker's word.
std::string StateOf(const VerifiedDocument& document, absl::Time now);

// The signatures in `envelopes` on exactly `bytes`, which are `agreement`: each
// by a certificate of its party's root, valid at `at`, for a line of its own,
// with a key of its own. DataLoss (exit 6) for one that is anything else. With
// `skip_lapsed`, one whose certificate does not count at `at` is passed over,
// so that its line is missing. Pure.
absl::StatusOr<std::vector<SignedLine>> VerifySignatures(
    const policy::Agreement& agreement, absl::Span<const uint8_t> bytes,
    absl::Span<const std::string> envelopes, absl::Time at, bool skip_lapsed);

// The lines that none of `signatures` fills, as `party: name`.
std::vector<std::string> OpenLines(const policy::Agreement& agreement,
                                   const std::vector<SignedLine>& signatures);

// Reads `receipt` of the wire, of an allowed entry of `kind` in the ledger of
// `agreement`. With `knowledge` the ledger is held to what was seen before:
// one more call. DataLoss (exit 6).
absl::StatusOr<VerifiedReceipt> HoldToLedger(BrokerLink& link,
                                             const Profile& profile,
                                             KnowledgeTable* knowledge,
                                             const std::string& agreement,
                                             const v1::Receipt& receipt,
                                             policy::EntryKind kind);

// Fetches `version` (0: the one in force, or else the highest) and checks that
// it is canonical, for this broker and its ledger key, signed by those whom it
// says, and, if it was activated, that the ledger says so of this digest.
// With `knowledge`, the agreement's ledger is followed first into its newest
// part, as FollowLedger (client/rpc/ledger_parts.h).
//
// DataLoss (exit 6); otherwise as the broker refuses. `knowledge` may be null.
absl::StatusOr<VerifiedDocument> FetchDocument(BrokerLink& link,
                                               const Profile& profile,
                                               KnowledgeTable* knowledge,
                                               const std::string& agreement,
                                               uint32_t version);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_VERIFIED_DOCUMENT_H_
