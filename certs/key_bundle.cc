#include "certs/key_bundle.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/json_members.h"
#include "certs/signed_document.h"
#include "crypto/hex.h"
#include "crypto/json.h"

namespace entente::certs {
namespace {

constexpr absl::string_view kBundleSchema = "entente/key-bundle/v1";

absl::Status CheckValidity(const KeyBundle& bundle) {
  if (bundle.not_after <= bundle.not_before ||
      bundle.not_after - bundle.not_before > kMaxBundleValidity) {
    return absl::InvalidArgumentError(
        absl::StrCat("a key bundle is valid for at least a second and at most ",
                     absl::ToInt64Hours(kMaxBundleValidity) / 24, " days"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> PrintKeyBundle(const KeyBundle& bundle) {
  for (const absl::Time time : {bundle.not_before, bundle.not_after}) {
    if (absl::FromUnixSeconds(absl::ToUnixSeconds(time)) != time) {
      return absl::InvalidArgumentError("a time is not of whole seconds");
    }
  }
  return crypto::CanonicalJson(
      {{"schema", std::string(kBundleSchema)},
       {"agency", bundle.agency},
       {"batch_key", crypto::ToBase64(bundle.batch_key.bytes())},
       {"kem_key", crypto::ToBase64(bundle.kem_key)},
       {"y", crypto::ToBase64(bundle.y.bytes())},
       {"y_proof", crypto::ToBase64(bundle.y_proof)},
       {"not_before", absl::ToUnixSeconds(bundle.not_before)},
       {"not_after", absl::ToUnixSeconds(bundle.not_after)}});
}

absl::StatusOr<KeyBundle> ParseKeyBundle(absl::Span<const uint8_t> payload) {
  const absl::StatusOr<crypto::Json> json = crypto::ParseCanonicalJson(payload);
  if (!json.ok()) return json.status();
  JsonMembers members(*json, "the key bundle");
  members.Constant("schema", kBundleSchema);
  const std::string agency = members.Text("agency");
  const crypto::Bytes batch_key = members.Base64("batch_key", 32);
  const crypto::Bytes kem_key = members.Base64("kem_key", 32);
  const crypto::Bytes y = members.Base64("y", crypto::kPointBytes);
  const crypto::Bytes proof =
      members.Base64("y_proof", crypto::kPossessionProofBytes);
  const int64_t not_before = members.Integer("not_before");
  const int64_t not_after = members.Integer("not_after");
  if (absl::Status read = members.Finish(); !read.ok()) return read;

  absl::StatusOr<crypto::Ed25519PublicKey> batch =
      crypto::Ed25519PublicKey::Parse(batch_key);
  if (!batch.ok()) return batch.status();
  absl::StatusOr<crypto::Point> point = crypto::Point::Parse(y);
  if (!point.ok()) return point.status();
  KeyBundle bundle{agency,
                   *batch,
                   {},
                   *point,
                   {},
                   absl::FromUnixSeconds(not_before),
                   absl::FromUnixSeconds(not_after)};
  std::copy(kem_key.begin(), kem_key.end(), bundle.kem_key.begin());
  std::copy(proof.begin(), proof.end(), bundle.y_proof.begin());
  const absl::StatusOr<crypto::KeyOwner> owner = crypto::OwnerOfY(agency);
  if (!owner.ok()) return owner.status();
  if (absl::Status proven =
          crypto::VerifyPossession(*point, *owner, bundle.y_proof);
      !proven.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the proof of possession of y fails: ", proven.message()));
  }
  if (absl::Status valid = CheckValidity(bundle); !valid.ok()) return valid;
  return bundle;
}

crypto::Hash KeyBundleDigest(absl::Span<const uint8_t> payload) {
  return crypto::Sha256(payload);
}

absl::StatusOr<KeyBundle> VerifyKeyBundle(const crypto::Envelope& envelope,
                                          absl::string_view root_spki) {
  if (envelope.payload_type != kKeyBundleType) {
    return absl::InvalidArgumentError("the envelope holds no key bundle");
  }
  if (envelope.signatures.size() != 1) {
    return absl::InvalidArgumentError(
        "a key bundle carries exactly one signature");
  }
  absl::StatusOr<KeyBundle> bundle = ParseKeyBundle(envelope.payload);
  if (!bundle.ok()) return bundle;
  const absl::StatusOr<Signer> signer = VerifySignatory(
      envelope, 0, bundle->agency, root_spki, bundle->not_before);
  if (!signer.ok()) return signer.status();
  return bundle;
}

}  // namespace entente::certs
