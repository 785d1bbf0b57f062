#include "client/endorsed_bundle.h"

#include "absl/strings/str_cat.h"
#include "certs/signed_document.h"
#include "client/error.h"
#include "crypto/dsse.h"
#include "crypto/hex.h"
#include "policy/needed_keys.h"

namespace entente::client {

certs::NeededKeys KeysNeededBy(const policy::Agreement& agreement) {
  const policy::NeededKeys needed = policy::NeededKeysOf(agreement);
  certs::NeededKeys converted;
  converted.agencies = needed.agencies;
  for (const auto& [agency, role] : needed.domains) {
    converted.domains.emplace_back(agency, role == policy::DomainRole::kMatching
                                               ? crypto::Role::kMatching
                                               : crypto::Role::kSealed);
  }
  converted.edges = needed.edges;
  return converted;
}

absl::Status KeysAltered(absl::string_view agreement, absl::string_view why) {
  return VerificationError(absl::StrCat("the keys of the agreement ", agreement,
                                        " are not what they claim to be"),
                           why);
}

absl::StatusOr<certs::KeyBundle> OpenEndorsedBundle(
    const policy::Agreement& agreement, const std::string& agency,
    absl::string_view digest, absl::string_view envelope,
    absl::Time endorsed_at) {
  const auto altered = [&](absl::string_view why) {
    return KeysAltered(agreement.id, why);
  };
  const auto opened = crypto::ParseEnvelope(envelope);
  if (!opened.ok()) return altered(opened.status().message());
  if (crypto::ToHex(certs::KeyBundleDigest(opened->payload)) != digest) {
    return altered(
        absl::StrCat("the key manifest lists another bundle of ", agency));
  }
  const auto party = agreement.parties.find(agency);
  if (party == agreement.parties.end()) {
    return altered(absl::StrCat(agency, " is no party"));
  }
  auto bundle = certs::VerifyKeyBundle(*opened, party->second.root);
  if (!bundle.ok()) {
    return altered(absl::StrCat("the bundle of ", agency, ": ",
                                bundle.status().message()));
  }
  if (bundle->agency != agency) {
    return altered(
        absl::StrCat("the bundle of ", agency, " is ", bundle->agency, "'s"));
  }
  if (endorsed_at == absl::InfinitePast()) return bundle;
  const auto signer = certs::VerifySignatory(*opened, 0, agency,
                                             party->second.root, endorsed_at);
  if (signer.ok()) return bundle;
  return altered(absl::StrCat(
      "the bundle of ", agency,
      " was not endorsed by a certificate that counted when the key manifest "
      "was made, ",
      absl::FormatTime(endorsed_at, absl::UTCTimeZone()), ": ",
      signer.status().message(),
      "; its signatory can publish it again: entente keys publish"));
}

}  // namespace entente::client
