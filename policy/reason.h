// Why something was refused: the one table of stable codes. A code never
// changes its meaning; clients branch on it, never on a message.
#ifndef ENTENTE_POLICY_REASON_H_
#define ENTENTE_POLICY_REASON_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace entente::policy {

// In the order in which the reasons of one decision are listed: first whether
// there is an agreement, then its state, the route, what the request carries.
enum class Reason {
  // The decision.
  kInternal,  // zero: a forgotten reason is our own fault
  kNoAgreement,
  kVersionUnknown,
  kVersionSuperseded,
  kNotFullySigned,
  kNotActive,
  kNotYetValid,
  kExpired,
  kReviewOverdue,
  kTerminated,
  kSuspended,
  kSuspendedBySender,
  kWithdrawn,
  kWitnessesMissing,
  kParentNotInForce,
  kNotYourAgency,
  kSenderNotParty,
  kRecipientNotParty,
  kSameParty,
  kPurposeNotInAgreement,
  kDatasetNotInAgreement,
  kNoFlow,
  kAmbiguous,
  kMethodNotAllowed,
  kMissing,
  kFieldNotReleased,
  kFieldMissing,
  kFieldRepeated,
  kWrongForm,
  kNoFieldReleased,
  kTooManyRecords,
  // A grant of break-glass.
  kGrantUnknown,
  kGrantNotListed,
  kGrantNotApproved,
  kGrantOver,
  kGrantDiffers,
  kGrantDrill,
  // State that the decision does not hold.
  kQuotaExceeded,
  kClockUnsure,
  kLogUnavailable,
  kDiskFull,
  // Batches and deliveries.
  kBadHeader,
  kBadChunk,
  kChunkOrder,
  kBadElement,
  kRepeatedElement,
  kBadSignature,
  kKeyUnknown,
  kManifestUnknown,
  kStaleView,
  kLedgerContinued,
  kBatchExpired,
  kReplayedDifferently,
  kBatchUnknown,
  // Agreements.
  kDocumentRefused,
  kNotAParty,
  kNotASignatory,
  kVersionExists,
  kPreviousMismatch,
  kWrongBroker,
  kSignedDifferently,
  kNoKeyBundle,
  kDiffNotShown,
  kAlreadyDone,
  kNotLegalNow,
  kNotImposedByYou,
  kOwnerOnly,
  kSameGrantor,
  kNotAGrantor,
  kReportOverdue,
  kTooManyGrants,
  // Pseudonyms.
  kDomainSealed,
  kSchemeNotInAgreement,
  kCommitmentDiffers,
  kBadPepperMessage,
  // Directory and ledgers.
  kAgencyExists,
  kAgencyUnknown,
  kBadRoot,
  kBadBundle,
  kBundleUnknown,
  kBadCertificate,
  kCertificateRevoked,
  kRoleNotAllowed,
  kNoLedger,
  kNoTile,
  kNoEntry,
  kLedgerRefused,
  // Anything.
  kBadRequest,
  kOverloaded,
  kShuttingDown,
  kNotBuilt,
};

// What everybody is told about a reason. `who` completes "ask …" and is empty
// where no one else can help.
struct ReasonInfo {
  Reason reason;
  absl::string_view code;     // UPPER_SNAKE, at most 40 characters
  absl::string_view meaning;  // one sentence, no full stop
  absl::string_view remedy;   // what the caller can do, no full stop
  absl::string_view who;      // who can grant it
  absl::StatusCode status;    // what a call that fails so returns
};

// The whole table, in the order of Reason.
absl::Span<const ReasonInfo> AllReasons();

// The line of `reason`. A number that is no reason gives kInternal's.
const ReasonInfo& InfoOf(Reason reason);

// The code, such as `NO_FLOW`.
absl::string_view CodeOf(Reason reason);

// The reason of a code; `MISSING:case_reference` is kMissing. Nothing if there
// is no such code.
std::optional<Reason> ReasonOf(absl::string_view code);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_REASON_H_
