// An exported agreement, checked without asking anybody.
#ifndef ENTENTE_CLIENT_VERIFIED_BUNDLE_H_
#define ENTENTE_CLIENT_VERIFIED_BUNDLE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/agreement_bundle.h"
#include "client/ledger_view.h"
#include "client/verified_document.h"
#include "policy/agreement.h"

namespace entente::client {

// What was found good, and what nobody looked at.
struct BundleReport {
  policy::Agreement agreement;
  std::string digest;  // of the document, hex
  std::vector<SignedLine> signatures;
  std::vector<std::string> missing;  // open lines, as `party: name`
  // The entry of its activation; then nothing is missing.
  std::optional<VerifiedReceipt> activation;
  std::string manifest_digest;  // hex; empty if it was not activated
  // A line for each check, in the order in which they were made.
  std::vector<std::string> checked;
  std::vector<std::string> not_checked;
};

// Checks, in this order:
//   - the document is canonical, passes its checks, and is what the bundle says
//     at its top;
//   - the activation entry stands in the agreement's ledger, by inclusion proof
//     and a checkpoint under the ledger key that the document names, and is an
//     allowed one of this version and digest;
//   - every signature is on exactly this document, by a certificate whose chain
//     leads to the root that the document names for its party, valid at the
//     activation; each line is signed, once, by a key of its own;
//   - the key manifest is the one that the activation names, has every key that
//     the document needs, and proves each;
//   - every key bundle that it lists is there, and endorsed by its agency.
// Without an activation the signatures are checked at `now`, one whose
// certificate does not count then is passed over, and the rest is not there.
//
// DataLoss (exit 6), naming the part and what is wrong with it, for the first
// that does not hold. Pure. 0.3 ms a signature, 80 us a key.
absl::StatusOr<BundleReport> VerifyBundle(const AgreementBundle& bundle,
                                          absl::Time now);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_VERIFIED_BUNDLE_H_
