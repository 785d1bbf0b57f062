#include "broker/manifests_in_force.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/rpc/refusal.h"
#include "broker/store/keys_table.h"
#include "crypto/dsse.h"
#include "crypto/hex.h"

namespace entente::broker {

absl::StatusOr<std::shared_ptr<const LoadedManifest>> ManifestsInForce::Get(
    Transaction& transaction, absl::string_view agreement, uint32_t version) {
  const absl::StatusOr<ManifestRow> row =
      KeysTable(transaction).GetManifestInForce(agreement, version);
  if (absl::IsNotFound(row.status())) {
    return Refuse(policy::Reason::kManifestUnknown,
                  "the agreement has no key manifest yet");
  }
  if (!row.ok()) return row.status();
  const std::string key = absl::StrCat(agreement, " ", version);
  {
    const absl::MutexLock lock(&mu_);
    const auto it = by_version_.find(key);
    if (it != by_version_.end() &&
        std::equal(it->second->digest.begin(), it->second->digest.end(),
                   row->digest.begin(), row->digest.end())) {
      return it->second;
    }
  }
  absl::StatusOr<certs::KeyManifest> parsed =
      certs::ParseKeyManifest(row->content);
  if (!parsed.ok()) return parsed.status();
  auto loaded = std::make_shared<LoadedManifest>();
  loaded->digest = certs::KeyManifestDigest(row->content);
  loaded->content = *std::move(parsed);
  const absl::MutexLock lock(&mu_);
  by_version_[key] = loaded;
  return loaded;
}

absl::StatusOr<certs::KeyBundle> LoadBundle(Transaction& transaction,
                                            absl::Span<const uint8_t> digest,
                                            absl::string_view agency) {
  const absl::StatusOr<BundleRow> row =
      KeysTable(transaction).GetBundle(digest);
  if (absl::IsNotFound(row.status()) || (row.ok() && row->agency != agency)) {
    return Refuse(policy::Reason::kBundleUnknown,
                  absl::StrCat("no such key bundle of ", agency));
  }
  if (!row.ok()) return row.status();
  const absl::StatusOr<crypto::Envelope> envelope =
      crypto::ParseEnvelope(crypto::AsText(row->envelope));
  if (!envelope.ok()) return envelope.status();
  return certs::ParseKeyBundle(envelope->payload);
}

}  // namespace entente::broker
