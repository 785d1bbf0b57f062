// An agreement in force, of which nothing rests on the broker's word.
#ifndef ENTENTE_CLIENT_VERIFIED_AGREEMENT_H_
#define ENTENTE_CLIENT_VERIFIED_AGREEMENT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/key_bundle.h"
#include "certs/key_manifest.h"
#include "client/knowledge_table.h"
#include "client/profile.h"
#include "client/rpc/broker_link.h"
#include "client/verified_document.h"
#include "crypto/domain.h"
#include "crypto/hex.h"
#include "policy/agreement.h"
#include "policy/register.h"

namespace entente::client {

// Immutable after FetchVerified; cheap to copy but for the maps.
struct VerifiedAgreement {
  std::shared_ptr<const policy::Agreement> agreement;
  crypto::Bytes document;  // canonical, as signed
  std::string digest;      // SHA-256 of `document`, hex
  uint32_t version = 0;
  certs::KeyManifest manifest;
  std::string manifest_digest;  // hex
  // Of every agency in the manifest, and their digests in hex.
  std::map<std::string, certs::KeyBundle> bundles;
  std::map<std::string, std::string> bundle_digests;
  // This version, activated, and the agreement it stands under: for Decide.
  std::shared_ptr<const policy::Register> reg;

  const std::string& id() const { return agreement->id; }
  // Null if there is none of this name.
  const certs::KeyBundle* FindBundle(absl::string_view agency) const;
  const policy::Flow* FindFlow(absl::string_view flow) const;
  // The bundle of `agency`, to seal to it or to send under it. The codes
  // KEY_UNKNOWN (exit 3) if it has none, BUNDLE_EXPIRED (exit 3) if that ended
  // by `now`: what was sealed to it before can still be received.
  absl::StatusOr<const certs::KeyBundle*> BundleInDate(absl::string_view agency,
                                                       absl::Time now) const;
  // Agencies with a MATCHING domain: those that hold the pepper. In order.
  std::vector<std::string> MatchingAgencies() const;
  // Names of keys in the manifest's epoch.
  crypto::Domain DomainOf(absl::string_view agency, crypto::Role role) const;
  crypto::Edge EdgeOf(absl::string_view sender,
                      absl::string_view recipient) const;
};

// Fetches `version` of an agreement (0: the one in force) and checks all of it:
//   - the document is canonical and names the profile's broker and ledger key;
//   - every line is signed once, by a certificate of its party's own root;
//   - the activation stands in the agreement's ledger, under the pinned key;
//   - the key manifest stands there too, is complete, and proves every key;
//   - every bundle in it is endorsed by a signatory of its agency, whose
//     certificate counted when the manifest was made: the day that a bundle
//     says it begins is only its maker's word. One that a pinned manifest lists
//     was found good then, and outlives the certificate.
// A bundle whose time is over passes; BundleInDate is asked before one is used.
// With `knowledge` (a system's; else null) also: the ledger continues what was
// seen before, the manifest is no older than the one pinned, and the profile's
// own keys are those listed; then checkpoint and manifest are pinned. The
// profile's agency need not be a party.
//
// DataLoss (exit 6) if any of this shows that somebody altered something; the
// code NOT_IN_FORCE if it was never activated; otherwise as the broker refuses.
// Some five calls and two more for each agency. Blocks.
absl::StatusOr<VerifiedAgreement> FetchVerified(BrokerLink& link,
                                                const Profile& profile,
                                                KnowledgeTable* knowledge,
                                                const std::string& agreement,
                                                uint32_t version);

// `document`, in the state that was verified, and the versions in force of what
// it stands under, for Decide. An overarching agreement that this agency may
// not see, or that is not in force, is left out: Decide then refuses because of
// it. DataLoss and Unavailable as FetchDocument, which is called once a tier.
absl::StatusOr<std::shared_ptr<const policy::Register>> FetchRegister(
    BrokerLink& link, const Profile& profile, KnowledgeTable* knowledge,
    const VerifiedDocument& document);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_VERIFIED_AGREEMENT_H_
