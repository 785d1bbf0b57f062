// Which keys count under one version of an agreement: every party's bundle, and
// the broker's key of every domain and edge with a proof of possession.
#ifndef ENTENTE_CERTS_KEY_MANIFEST_H_
#define ENTENTE_CERTS_KEY_MANIFEST_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/domain.h"
#include "crypto/group.h"
#include "crypto/possession.h"
#include "crypto/sha.h"

namespace entente::certs {

// K of one agency's domain. Agreement and epoch are the manifest's.
struct DomainKey {
  std::string agency;
  crypto::Role role = crypto::Role::kSealed;
  crypto::Point key;
  crypto::PossessionProof proof;
};

// X of one way. Agreement and epoch are the manifest's.
struct EdgeKey {
  std::string sender;
  std::string recipient;
  crypto::Point key;
  crypto::PossessionProof proof;
};

struct KeyManifest {
  std::string agreement;
  uint32_t version = 0;
  std::string agreement_digest;  // 64 hex digits
  uint32_t epoch = 0;
  std::map<std::string, std::string>
      bundles;                     // agency to digest, 64 hex digits
  std::vector<DomainKey> domains;  // by agency, then role
  std::vector<EdgeKey> edges;      // by sender, then recipient

  // Null if the manifest has none.
  const DomainKey* FindDomain(absl::string_view agency,
                              crypto::Role role) const;
  const EdgeKey* FindEdge(absl::string_view sender,
                          absl::string_view recipient) const;
};

// Which keys an agreement needs.
struct NeededKeys {
  std::vector<std::string> agencies;  // with a bundle; in order, no repeats
  std::vector<std::pair<std::string, crypto::Role>> domains;  // likewise
  std::vector<std::pair<std::string, std::string>> edges;     // likewise
};

// RFC 8785 JSON. InvalidArgument if a list is not in order or repeats a name.
absl::StatusOr<std::string> PrintKeyManifest(const KeyManifest& manifest);

// Reads exactly what PrintKeyManifest writes, and checks every proof of
// possession. InvalidArgument. Safe on hostile input; 80 us a key.
absl::StatusOr<KeyManifest> ParseKeyManifest(absl::Span<const uint8_t> bytes);

// What stands for a manifest in entries and headers.
crypto::Hash KeyManifestDigest(absl::Span<const uint8_t> bytes);

// Whether the manifest has exactly the keys of `needed`. InvalidArgument naming
// the first that is missing or too many.
absl::Status CheckComplete(const KeyManifest& manifest,
                           const NeededKeys& needed);

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_KEY_MANIFEST_H_
