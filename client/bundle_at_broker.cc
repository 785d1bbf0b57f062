#include "client/bundle_at_broker.h"

#include "absl/strings/str_cat.h"
#include "certs/key_manifest.h"
#include "client/endorsed_bundle.h"
#include "client/error.h"
#include "client/verified_bundle.h"
#include "crypto/dsse.h"
#include "crypto/hex.h"

namespace entente::client {
namespace {

absl::Status AddSignatures(const v1::GetAgreementResponse& response,
                           AgreementBundle* bundle) {
  for (const std::string& text : response.envelopes()) {
    const auto envelope = crypto::ParseEnvelope(text);
    if (!envelope.ok() || envelope->signatures.size() != 1) {
      return VerificationError("an envelope has not exactly one signature", "");
    }
    const crypto::EnvelopeSignature& one = envelope->signatures.front();
    bundle->signatures.push_back({one.signature, one.chain});
  }
  return absl::OkStatus();
}

// The manifest that the activation names, and the bundles that it lists.
absl::Status AddKeys(BrokerLink& link, const VerifiedDocument& document,
                     AgreementBundle* bundle) {
  const std::string& id = document.agreement().id;
  const auto digest = crypto::FromHex(document.activation->entry.manifest);
  if (!digest.ok()) return KeysAltered(id, digest.status().message());
  v1::GetManifestRequest request;
  request.set_agreement(id);
  request.set_manifest_digest(digest->data(), digest->size());
  const auto response =
      Call(link.agreements(), &v1::Agreements::Stub::GetManifest, request);
  if (!response.ok()) return response.status();
  bundle->manifest = response->manifest();
  const auto manifest =
      certs::ParseKeyManifest(crypto::AsBytes(bundle->manifest));
  if (!manifest.ok()) return KeysAltered(id, manifest.status().message());
  for (const auto& [agency, listed] : manifest->bundles) {
    const auto wanted = crypto::FromHex(listed);
    if (!wanted.ok()) return KeysAltered(id, wanted.status().message());
    v1::GetKeyBundleRequest of;
    of.set_agency(agency);
    of.set_bundle_digest(wanted->data(), wanted->size());
    const auto found =
        Call(link.directory(), &v1::Directory::Stub::GetKeyBundle, of);
    if (!found.ok()) return found.status();
    bundle->key_bundles[agency] = found->envelope();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AgreementBundle> FetchBundle(BrokerLink& link,
                                            const VerifiedDocument& document) {
  AgreementBundle bundle;
  bundle.agreement = document.agreement().id;
  bundle.version = document.agreement().version;
  bundle.digest = document.digest;
  bundle.document = std::string(crypto::AsText(document.bytes));
  v1::GetAgreementRequest request;
  request.set_agreement(bundle.agreement);
  request.set_version(document.version());
  const auto response =
      Call(link.agreements(), &v1::Agreements::Stub::GetAgreement, request);
  if (!response.ok()) return response.status();
  if (absl::Status added = AddSignatures(*response, &bundle); !added.ok()) {
    return added;
  }
  if (document.activation.has_value()) {
    const v1::Receipt& receipt = response->activation();
    bundle.activation = {receipt.ledger(), receipt.entry(), receipt.proof()};
    absl::Status added = AddKeys(link, document, &bundle);
    if (!added.ok()) return added;
  }
  const auto verified = VerifyBundle(bundle, link.Now());
  if (!verified.ok()) return verified.status();
  return bundle;
}

}  // namespace entente::client
