// How a signed version comes into force, and how its keys stay current.
#ifndef ENTENTE_BROKER_ACTIVATION_H_
#define ENTENTE_BROKER_ACTIVATION_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/context.h"
#include "certs/key_bundle.h"
#include "policy/agreement.h"

namespace entente::broker {

// How far ahead of the broker's clock a key bundle may begin.
inline constexpr absl::Duration kMaxBundleLead = absl::Minutes(5);

// Whether the validity of `bundle` covers `now`, give or take kMaxBundleLead.
bool InDate(const certs::KeyBundle& bundle, absl::Time now);

// The agencies in the flows of `document` that have no bundle in force, in
// date, and endorsed under the root that the document names; in order.
absl::StatusOr<std::vector<std::string>> WithoutBundle(
    Transaction& transaction, const policy::Agreement& document,
    absl::Time now);

// Puts version `version` of agreement `id` in force if it can be: every line is
// signed with a certificate that is valid now and not revoked, its start has
// come and its end has not, no later version is in force, and nobody in a flow
// is WithoutBundle. One transaction makes the master of epoch 1 where there is
// none, the key manifest, and the entry agreement_activated that names it; then
// the register follows.
//
// Returns whether the version is in force now; false says that something of the
// above is still missing. NotFound if there is no such version. Blocks;
// thread-safe; 0.2 ms for each signature and key.
absl::StatusOr<bool> TryActivate(const Context& context, absl::string_view id,
                                 uint32_t version);

// TryActivate for each fully signed version whose time has come, also after one
// failed; the first failure is returned.
absl::Status ActivateDue(const Context& context);

// For a job that has put a bundle of `agency` in force: makes a new manifest
// for every version in whose flows it is and that is active, or superseded and
// still in its handover, and the entries key_manifest that name them. A version
// of which another agency is WithoutBundle keeps its manifest; that agency's
// next bundle makes the new one.
absl::StatusOr<std::vector<PendingEntry>> RenewManifests(
    const Context& context, Transaction& transaction, absl::string_view agency,
    absl::Time now);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_ACTIVATION_H_
