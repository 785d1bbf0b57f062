// The key manifest of each version, parsed once, and the bundles it names.
#ifndef ENTENTE_BROKER_MANIFESTS_IN_FORCE_H_
#define ENTENTE_BROKER_MANIFESTS_IN_FORCE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "broker/store/sqlite.h"
#include "certs/key_bundle.h"
#include "certs/key_manifest.h"
#include "crypto/sha.h"

namespace entente::broker {

struct LoadedManifest {
  crypto::Hash digest = {};
  certs::KeyManifest content;
};

// Thread-safe. The store says which manifest is in force at every call.
class ManifestsInForce {
 public:
  // That of `version`, or of the version in force if it is 0. MANIFEST_UNKNOWN
  // if there is none. The first call for a manifest checks its proofs, 80 us a
  // key.
  absl::StatusOr<std::shared_ptr<const LoadedManifest>> Get(
      Transaction& transaction, absl::string_view agreement, uint32_t version)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::Mutex mu_;
  absl::flat_hash_map<std::string, std::shared_ptr<const LoadedManifest>>
      by_version_ ABSL_GUARDED_BY(mu_);
};

// The bundle with `digest`, whose signature was verified when it was
// published. BUNDLE_UNKNOWN if there is none, or it is another agency's.
absl::StatusOr<certs::KeyBundle> LoadBundle(Transaction& transaction,
                                            absl::Span<const uint8_t> digest,
                                            absl::string_view agency);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_MANIFESTS_IN_FORCE_H_
