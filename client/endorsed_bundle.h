// Key bundles as a key manifest lists them.
#ifndef ENTENTE_CLIENT_ENDORSED_BUNDLE_H_
#define ENTENTE_CLIENT_ENDORSED_BUNDLE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/key_bundle.h"
#include "certs/key_manifest.h"
#include "policy/agreement.h"

namespace entente::client {

// The keys that a manifest of `agreement` must list.
certs::NeededKeys KeysNeededBy(const policy::Agreement& agreement);

// The bundle in `envelope`, which a manifest of `agreement` lists for `agency`
// under `digest` (hex): that it has this digest, is the agency's own, and is
// endorsed by a signatory under the root that the agreement names, with a
// certificate that counted at `endorsed_at`; InfinitePast: whether it counted
// then is not asked. DataLoss (exit 6), saying which. Pure.
absl::StatusOr<certs::KeyBundle> OpenEndorsedBundle(
    const policy::Agreement& agreement, const std::string& agency,
    absl::string_view digest, absl::string_view envelope,
    absl::Time endorsed_at);

// DataLoss (exit 6): the keys of `agreement` are not what they claim to be.
absl::Status KeysAltered(absl::string_view agreement, absl::string_view why);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ENDORSED_BUNDLE_H_
