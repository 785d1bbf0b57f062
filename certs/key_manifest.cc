#include "certs/key_manifest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/json_members.h"
#include "crypto/hex.h"
#include "crypto/json.h"

namespace entente::certs {
namespace {

using crypto::Json;

constexpr absl::string_view kManifestSchema = "entente/key-manifest/v1";
constexpr size_t kMaxKeys = 4096;

auto NameOf(const DomainKey& domain) {
  return std::pair(domain.agency, domain.role);
}

auto NameOf(const EdgeKey& edge) {
  return std::pair(edge.sender, edge.recipient);
}

template <typename Key>
absl::Status CheckOrder(const std::vector<Key>& keys) {
  for (size_t i = 1; i < keys.size(); ++i) {
    if (!(NameOf(keys[i - 1]) < NameOf(keys[i]))) {
      return absl::InvalidArgumentError(
          "the manifest's keys are not in order, or repeated");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOrders(const KeyManifest& manifest) {
  if (absl::Status domains = CheckOrder(manifest.domains); !domains.ok()) {
    return domains;
  }
  return CheckOrder(manifest.edges);
}

struct ReadPoint {
  crypto::Point key;
  crypto::PossessionProof proof;
};

absl::StatusOr<ReadPoint> CheckPoint(
    const crypto::Bytes& key, const crypto::Bytes& proof,
    const absl::StatusOr<crypto::KeyOwner>& owner) {
  if (!owner.ok()) return owner.status();
  absl::StatusOr<crypto::Point> point = crypto::Point::Parse(key);
  if (!point.ok()) return point.status();
  ReadPoint read{*point, {}};
  std::copy(proof.begin(), proof.end(), read.proof.begin());
  if (absl::Status proven =
          crypto::VerifyPossession(*point, *owner, read.proof);
      !proven.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a proof of possession in the manifest fails: ", proven.message()));
  }
  return read;
}

absl::Status ReadBundles(const Json& array, KeyManifest* manifest) {
  for (const Json& object : array) {
    JsonMembers members(object, "a bundle of the manifest");
    const std::string agency = members.Text("agency");
    const std::string digest = members.HexDigest("digest");
    if (absl::Status read = members.Finish(); !read.ok()) return read;
    const bool in_order =
        manifest->bundles.empty() || manifest->bundles.rbegin()->first < agency;
    if (!in_order) {
      return absl::InvalidArgumentError(
          "the manifest's bundles are not in order, or repeated");
    }
    manifest->bundles.emplace(agency, digest);
  }
  return absl::OkStatus();
}

absl::Status ReadDomains(const Json& array, KeyManifest* manifest) {
  for (const Json& object : array) {
    JsonMembers members(object, "a domain of the manifest");
    const std::string agency = members.Text("agency");
    const int64_t role = members.Integer("role");
    const crypto::Bytes key = members.Base64("key", crypto::kPointBytes);
    const crypto::Bytes proof =
        members.Base64("proof", crypto::kPossessionProofBytes);
    if (absl::Status read = members.Finish(); !read.ok()) return read;
    if (role != 1 && role != 2) {
      return absl::InvalidArgumentError("a domain has no such role");
    }
    const auto domain_role = static_cast<crypto::Role>(role);
    const absl::StatusOr<ReadPoint> point =
        CheckPoint(key, proof,
                   crypto::OwnerOfK({manifest->agreement, agency, domain_role,
                                     manifest->epoch}));
    if (!point.ok()) return point.status();
    manifest->domains.push_back(
        {agency, domain_role, point->key, point->proof});
  }
  return absl::OkStatus();
}

absl::Status ReadEdges(const Json& array, KeyManifest* manifest) {
  for (const Json& object : array) {
    JsonMembers members(object, "an edge of the manifest");
    const std::string sender = members.Text("sender");
    const std::string recipient = members.Text("recipient");
    const crypto::Bytes key = members.Base64("key", crypto::kPointBytes);
    const crypto::Bytes proof =
        members.Base64("proof", crypto::kPossessionProofBytes);
    if (absl::Status read = members.Finish(); !read.ok()) return read;
    const absl::StatusOr<ReadPoint> point =
        CheckPoint(key, proof,
                   crypto::OwnerOfX({manifest->agreement, sender, recipient,
                                     manifest->epoch}));
    if (!point.ok()) return point.status();
    manifest->edges.push_back({sender, recipient, point->key, point->proof});
  }
  return absl::OkStatus();
}

}  // namespace

const DomainKey* KeyManifest::FindDomain(absl::string_view agency,
                                         crypto::Role role) const {
  for (const DomainKey& domain : domains) {
    if (domain.agency == agency && domain.role == role) return &domain;
  }
  return nullptr;
}

const EdgeKey* KeyManifest::FindEdge(absl::string_view sender,
                                     absl::string_view recipient) const {
  for (const EdgeKey& edge : edges) {
    if (edge.sender == sender && edge.recipient == recipient) return &edge;
  }
  return nullptr;
}

absl::StatusOr<std::string> PrintKeyManifest(const KeyManifest& manifest) {
  if (absl::Status order = CheckOrders(manifest); !order.ok()) return order;
  Json bundles = Json::array();
  for (const auto& [agency, digest] : manifest.bundles) {
    bundles.push_back({{"agency", agency}, {"digest", digest}});
  }
  Json domains = Json::array();
  for (const DomainKey& domain : manifest.domains) {
    domains.push_back({{"agency", domain.agency},
                       {"role", static_cast<int64_t>(domain.role)},
                       {"key", crypto::ToBase64(domain.key.bytes())},
                       {"proof", crypto::ToBase64(domain.proof)}});
  }
  Json edges = Json::array();
  for (const EdgeKey& edge : manifest.edges) {
    edges.push_back({{"sender", edge.sender},
                     {"recipient", edge.recipient},
                     {"key", crypto::ToBase64(edge.key.bytes())},
                     {"proof", crypto::ToBase64(edge.proof)}});
  }
  return crypto::CanonicalJson(
      {{"schema", std::string(kManifestSchema)},
       {"agreement", manifest.agreement},
       {"version", static_cast<int64_t>(manifest.version)},
       {"agreement_digest", manifest.agreement_digest},
       {"epoch", static_cast<int64_t>(manifest.epoch)},
       {"bundles", std::move(bundles)},
       {"domains", std::move(domains)},
       {"edges", std::move(edges)}});
}

absl::StatusOr<KeyManifest> ParseKeyManifest(absl::Span<const uint8_t> bytes) {
  const absl::StatusOr<Json> json = crypto::ParseCanonicalJson(bytes);
  if (!json.ok()) return json.status();
  JsonMembers members(*json, "the key manifest");
  members.Constant("schema", kManifestSchema);
  KeyManifest manifest;
  manifest.agreement = members.Text("agreement");
  const int64_t version = members.Integer("version");
  manifest.agreement_digest = members.HexDigest("agreement_digest");
  const int64_t epoch = members.Integer("epoch");
  const Json& bundles = members.Array("bundles");
  const Json& domains = members.Array("domains");
  const Json& edges = members.Array("edges");
  if (absl::Status read = members.Finish(); !read.ok()) return read;
  if (version > UINT32_MAX || epoch > UINT32_MAX ||
      bundles.size() + domains.size() + edges.size() > kMaxKeys) {
    return absl::InvalidArgumentError("the manifest is too large");
  }
  manifest.version = static_cast<uint32_t>(version);
  manifest.epoch = static_cast<uint32_t>(epoch);
  absl::Status filled = ReadBundles(bundles, &manifest);
  if (filled.ok()) filled = ReadDomains(domains, &manifest);
  if (filled.ok()) filled = ReadEdges(edges, &manifest);
  if (filled.ok()) filled = CheckOrders(manifest);
  if (!filled.ok()) return filled;
  return manifest;
}

crypto::Hash KeyManifestDigest(absl::Span<const uint8_t> bytes) {
  return crypto::Sha256(bytes);
}

absl::Status CheckComplete(const KeyManifest& manifest,
                           const NeededKeys& needed) {
  for (const std::string& agency : needed.agencies) {
    if (!manifest.bundles.contains(agency)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the manifest lacks the key bundle of ", agency));
    }
  }
  for (const auto& [agency, role] : needed.domains) {
    if (manifest.FindDomain(agency, role) == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("the manifest lacks a domain key of ", agency));
    }
  }
  for (const auto& [sender, recipient] : needed.edges) {
    if (manifest.FindEdge(sender, recipient) == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the manifest lacks the key from ", sender, " to ", recipient));
    }
  }
  if (manifest.bundles.size() != needed.agencies.size() ||
      manifest.domains.size() != needed.domains.size() ||
      manifest.edges.size() != needed.edges.size()) {
    return absl::InvalidArgumentError(
        "the manifest has keys that the agreement does not need");
  }
  return absl::OkStatus();
}

}  // namespace entente::certs
