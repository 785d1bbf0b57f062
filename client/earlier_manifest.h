// The keys that a batch was sealed under, if they were renewed since.
#ifndef ENTENTE_CLIENT_EARLIER_MANIFEST_H_
#define ENTENTE_CLIENT_EARLIER_MANIFEST_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "certs/key_bundle.h"
#include "certs/key_manifest.h"
#include "client/profile.h"
#include "client/rpc/broker_link.h"
#include "crypto/sha.h"

namespace entente::client {

struct EarlierManifest {
  certs::KeyManifest manifest;
  std::map<std::string, certs::KeyBundle> bundles;  // by agency
};

// The key manifest with `digest`, of `version` of an agreement, checked as
// FetchVerified checks the one in force: it stands in the agreement's ledger,
// is complete, proves every key, and every bundle in it is endorsed by its
// agency. Nothing is pinned by it. DataLoss (exit 6) if any of this shows that
// somebody altered something; otherwise as the broker refuses. Blocks.
absl::StatusOr<EarlierManifest> FetchEarlierManifest(
    BrokerLink& link, const Profile& profile, const std::string& agreement,
    uint32_t version, const crypto::Hash& digest);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_EARLIER_MANIFEST_H_
