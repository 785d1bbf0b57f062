// One line of a ledger: what happened, who did it, under which clause. It holds
// names, codes, counts and digests; no identifier, no pseudonym, no value.
#ifndef ENTENTE_POLICY_LEDGER_ENTRY_H_
#define ENTENTE_POLICY_LEDGER_ENTRY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace entente::policy {

// The longest line, in bytes, without a line feed.
inline constexpr size_t kMaxEntryBytes = 8192;
// The longest text inside one, in bytes. `detail` values may have ten times it.
inline constexpr size_t kMaxEntryTextBytes = 300;

// What the entry is about. Closed: a reader refuses kinds that it does not
// know.
enum class EntryKind {
  kUnspecified,  // never written
  // Exchange.
  kBatch,
  kDelivery,
  kQuery,
  kAnswer,
  kStageExpired,
  // Pseudonyms.
  kEnrolment,
  kPepper,
  // Keys.
  kKeyBundle,
  kKeyManifest,
  kEpoch,
  // Agreements.
  kAgreementProposed,
  kAgreementSigned,
  kAgreementActivated,
  kAgreementSuspended,
  kAgreementResumed,
  kAgreementWithdrawn,
  // Break-glass: its two signatures, its end, and the account given of it.
  kBreakGlassAsked,
  kBreakGlassApproved,
  kBreakGlassEnded,
  kBreakGlassReported,
  kBreakGlassOverdue,
  // The quorum of witnesses: missing for longer than agreed, and back.
  kWitnessesMissing,
  kWitnessesBack,
  // The broker's own.
  kAgencyAdded,
  kAgencyRevoked,
  kCertificateRevoked,
  kBrokerStarted,
  kBrokerStopped,
  kLedgerOpened,
  kLedgerContinued,
  kLedgerRead,
  kLedgerExported,
  kRefusedLogin,
  kRefusedCall,
  // Of an agreement's ledger, in the broker's own: its head.
  kLedgerRecorded,
};

// `agreement_signed` and the like. Empty for kUnspecified.
absl::string_view EntryKindName(EntryKind kind);

// The six operations of DPA 2018 section 62, for acts on personal data.
enum class Operation {
  kNone,
  kCollection,
  kAlteration,
  kConsultation,
  kDisclosure,
  kCombination,
  kErasure,
};

// `disclosure` and the like. Empty for kNone.
absl::string_view OperationName(Operation operation);

// Zero denies: an entry whose outcome was forgotten records a refusal.
enum class Outcome { kDeny, kAllow };

// Why an act was refused.
struct EntryReason {
  std::string code;    // a code of reason.h
  std::string clause;  // `flows[1] crimes-for-analysis.release`, or empty

  bool operator==(const EntryReason&) const = default;
};

// The members stand in the order in which the line has them. Empty members are
// left out of the line.
struct LedgerEntry {
  // Random, so that nobody can confirm a guess from a hash alone.
  std::array<uint8_t, 16> salt{};
  // Whole milliseconds, UTC, years 1 to 9999.
  absl::Time time;
  EntryKind kind = EntryKind::kUnspecified;
  Operation operation = Operation::kNone;
  Outcome outcome = Outcome::kDeny;
  std::vector<EntryReason> reasons;

  std::string agreement;
  uint32_t version = 0;
  std::string digest;  // of the version: 64 hexadecimal digits
  std::string flow;
  std::string purpose;
  std::string method;
  std::string dataset;
  std::string sender;
  std::string recipient;

  // Who called: the URI of the certificate, and its SHA-256 in hexadecimal.
  std::string actor;
  std::string actor_certificate;

  // What accompanied the request, by name: `case_reference`, `justification`…
  std::map<std::string, std::string> accompanying;
  std::vector<std::string> fields;
  // How many fields FitEntry left out.
  uint64_t fields_omitted = 0;
  uint64_t records = 0;  // records or people; at most 2^53

  // What the entry is about, 64 hexadecimal digits: a batch's final chunk hash,
  // a key bundle's digest, the SHA-256 of the blinded elements enrolled…
  std::string subject;
  // The key manifest it happened under, 64 hexadecimal digits.
  std::string manifest;
  // The batch id, 32 hexadecimal digits.
  std::string batch;
  // Anything else of this kind, by name.
  std::map<std::string, std::string> detail;

  bool operator==(const LedgerEntry&) const = default;
};

// Cuts what a peer may have made too long or unreadable, so that a refusal can
// always be recorded: texts to their limit (at a character's end, bad UTF-8 and
// control characters become `?`), fields from the end until the line fits, then
// `detail`, `reasons` but the first, `accompanying`. Digests that are not
// hexadecimal are dropped. Counts and codes are kept. An entry that serialises
// already comes back equal.
LedgerEntry FitEntry(LedgerEntry entry);

// The line: one JSON object, keys in fixed order, no white space, UTF-8, no
// line feed. InvalidArgument, naming the member: no kind, a time with fractions
// of a millisecond or out of range, bad UTF-8, control characters, a digest
// that is not hexadecimal of its length, a text over its limit, a count over
// 2^53, or a reason beside an outcome of allow. ResourceExhausted: the line is
// too long.
absl::StatusOr<std::string> SerialiseEntry(const LedgerEntry& entry);

// Reads exactly what SerialiseEntry writes; any other spelling of the same
// content, an unknown or repeated key or an unknown kind is InvalidArgument.
// Safe on hostile input.
absl::StatusOr<LedgerEntry> ParseEntry(absl::string_view line);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_LEDGER_ENTRY_H_
