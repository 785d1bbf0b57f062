// Bundles of agreements as the broker has them.
#ifndef ENTENTE_CLIENT_BUNDLE_AT_BROKER_H_
#define ENTENTE_CLIENT_BUNDLE_AT_BROKER_H_

#include "absl/status/statusor.h"
#include "client/agreement_bundle.h"
#include "client/rpc/broker_link.h"
#include "client/verified_document.h"

namespace entente::client {

// All that proves `document`, which was fetched and verified: fetched once
// more, as it was signed, and verified again as VerifyBundle does, so that no
// bundle is given out that another would refuse.
//
// DataLoss (exit 6); otherwise as the broker refuses. Two calls, and one for
// each agency. Blocks.
absl::StatusOr<AgreementBundle> FetchBundle(BrokerLink& link,
                                            const VerifiedDocument& document);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_BUNDLE_AT_BROKER_H_
