#include "client/verified_agreement.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/earlier_manifest.h"
#include "client/endorsed_bundle.h"
#include "client/error.h"
#include "client/key_sets.h"
#include "client/rpc/receipts.h"
#include "client/verified_document.h"
#include "policy/overarching.h"

namespace entente::client {
namespace {

// A manifest that stands in the agreement's ledger.
struct FoundManifest {
  certs::KeyManifest content;
  crypto::Bytes bytes;
  std::string digest;
  uint64_t index = 0;  // of its entry
  absl::Time made;     // when that was written
};

// One call that fetches, and all that is checked of it.
class Fetch {
 public:
  Fetch(BrokerLink* link, const Profile* profile, KnowledgeTable* knowledge,
        const VerifiedDocument* document)
      : link_(*link),
        profile_(*profile),
        knowledge_(knowledge),
        document_(*document),
        id_(document->agreement().id) {}

  // By digest; empty for the one in force.
  absl::StatusOr<FoundManifest> Manifest(absl::Span<const uint8_t> digest);
  // Whether it belongs to the version and has all its keys.
  absl::Status CheckManifest(const FoundManifest& found) const;
  absl::Status Bundles(const FoundManifest& found, VerifiedAgreement* verified);
  // The two that need a store.
  absl::Status CheckOwn(const VerifiedAgreement& verified) const;
  absl::Status Pin(const FoundManifest& found);

 private:
  absl::StatusOr<certs::KeyBundle> Bundle(const std::string& agency,
                                          const std::string& digest,
                                          absl::Time endorsed_at);
  // What the pinned manifest lists, by agency: found good before.
  absl::StatusOr<std::map<std::string, std::string>> PinnedBundles() const;

  BrokerLink& link_;
  const Profile& profile_;
  KnowledgeTable* const knowledge_;
  const VerifiedDocument& document_;
  const std::string id_;
};

absl::StatusOr<FoundManifest> Fetch::Manifest(
    absl::Span<const uint8_t> digest) {
  v1::GetManifestRequest request;
  request.set_agreement(id_);
  request.set_manifest_digest(digest.data(), digest.size());
  const auto response =
      Call(link_.agreements(), &v1::Agreements::Stub::GetManifest, request);
  if (!response.ok()) return response.status();
  const absl::Span<const uint8_t> bytes = crypto::AsBytes(response->manifest());
  FoundManifest found;
  found.bytes = {bytes.begin(), bytes.end()};
  found.digest = crypto::ToHex(certs::KeyManifestDigest(bytes));
  const auto claimed = policy::ParseEntry(response->receipt().entry());
  if (!claimed.ok()) return KeysAltered(id_, claimed.status().message());
  const policy::EntryKind kind =
      claimed->kind == policy::EntryKind::kKeyManifest
          ? policy::EntryKind::kKeyManifest
          : policy::EntryKind::kAgreementActivated;
  const auto receipt =
      HoldToLedger(link_, profile_, knowledge_, id_, response->receipt(), kind);
  if (!receipt.ok()) return receipt.status();
  found.index = receipt->index;
  found.made = receipt->entry.time;
  if (receipt->entry.agreement != id_ ||
      receipt->entry.manifest != found.digest) {
    return KeysAltered(id_, "the ledger names another key manifest");
  }
  auto content = certs::ParseKeyManifest(bytes);
  if (!content.ok()) return KeysAltered(id_, content.status().message());
  found.content = *std::move(content);
  if (found.content.agreement != id_ ||
      found.content.version != receipt->entry.version ||
      found.content.agreement_digest != receipt->entry.digest) {
    return KeysAltered(id_, "the key manifest is that of another version");
  }
  return found;
}

absl::Status Fetch::CheckManifest(const FoundManifest& found) const {
  if (found.content.version != document_.version() ||
      found.content.agreement_digest != document_.digest) {
    return KeysAltered(id_, "the key manifest is that of another version");
  }
  const absl::Status complete =
      certs::CheckComplete(found.content, KeysNeededBy(document_.agreement()));
  return complete.ok() ? complete : KeysAltered(id_, complete.message());
}

absl::StatusOr<certs::KeyBundle> Fetch::Bundle(const std::string& agency,
                                               const std::string& digest,
                                               absl::Time endorsed_at) {
  const auto wanted = crypto::FromHex(digest);
  if (!wanted.ok()) return KeysAltered(id_, wanted.status().message());
  v1::GetKeyBundleRequest request;
  request.set_agency(agency);
  request.set_bundle_digest(wanted->data(), wanted->size());
  const auto response =
      Call(link_.directory(), &v1::Directory::Stub::GetKeyBundle, request);
  if (!response.ok()) return response.status();
  return OpenEndorsedBundle(document_.agreement(), agency, digest,
                            response->envelope(), endorsed_at);
}

absl::StatusOr<std::map<std::string, std::string>> Fetch::PinnedBundles()
    const {
  std::map<std::string, std::string> none;
  if (knowledge_ == nullptr) return none;
  const auto pinned = knowledge_->PinnedManifest(id_);
  if (!pinned.ok()) return pinned.status();
  if (!pinned->has_value()) return none;
  auto manifest = certs::ParseKeyManifest(**pinned);
  if (!manifest.ok()) return manifest.status();
  return std::move(manifest->bundles);
}

absl::Status Fetch::Bundles(const FoundManifest& found,
                            VerifiedAgreement* verified) {
  const auto pinned = PinnedBundles();
  if (!pinned.ok()) return pinned.status();
  for (const auto& [agency, digest] : verified->manifest.bundles) {
    const auto known = pinned->find(agency);
    const bool before = known != pinned->end() && known->second == digest;
    auto bundle =
        Bundle(agency, digest, before ? absl::InfinitePast() : found.made);
    if (!bundle.ok()) return bundle.status();
    verified->bundles.emplace(agency, *std::move(bundle));
    verified->bundle_digests[agency] = digest;
  }
  return absl::OkStatus();
}

absl::Status Fetch::CheckOwn(const VerifiedAgreement& verified) const {
  const certs::KeyBundle* own = verified.FindBundle(profile_.settings().agency);
  if (own == nullptr) return absl::OkStatus();
  const absl::Status held = KeysOf(profile_, own).status();
  if (!absl::IsNotFound(held) || !profile_.BatchKey().ok()) return held;
  return KeysAltered(id_,
                     absl::StrCat("the bundle listed for ", own->agency,
                                  " does not hold this profile's keys: ask "
                                  "your signatory who published it"));
}

absl::Status Fetch::Pin(const FoundManifest& found) {
  const auto pinned = knowledge_->PinnedManifest(id_);
  if (!pinned.ok()) return pinned.status();
  if (pinned->has_value() && **pinned == found.bytes) return absl::OkStatus();
  if (pinned->has_value()) {
    const auto before = Manifest(certs::KeyManifestDigest(**pinned));
    if (!before.ok()) return before.status();
    if (before->index >= found.index) {
      return KeysAltered(id_, "the broker went back to an older key manifest");
    }
  }
  return knowledge_->PinManifest(id_, found.bytes);
}

}  // namespace

const certs::KeyBundle* VerifiedAgreement::FindBundle(
    absl::string_view agency) const {
  const auto found = bundles.find(std::string(agency));
  return found == bundles.end() ? nullptr : &found->second;
}

absl::StatusOr<const certs::KeyBundle*> VerifiedAgreement::BundleInDate(
    absl::string_view agency, absl::Time now) const {
  const certs::KeyBundle* bundle = FindBundle(agency);
  if (bundle == nullptr) {
    return ToStatus({.what = absl::StrCat(agency, " has no key bundle"),
                     .why = "the key manifest of the agreement lists none",
                     .next = absl::StrCat("entente agreement show ", id()),
                     .code = "KEY_UNKNOWN",
                     .exit = ExitCode::kRefused});
  }
  if (now < bundle->not_after) return bundle;
  return ToStatus(
      {.what = absl::StrCat("the key bundle of ", agency, " is over"),
       .why = absl::StrCat(
           "it was valid until ",
           absl::FormatTime(bundle->not_after, absl::UTCTimeZone())),
       .next = absl::StrCat(agency,
                            " makes a new one with `entente keys request`, and "
                            "its signatory endorses it with `entente keys "
                            "publish`; then try again"),
       .code = "BUNDLE_EXPIRED",
       .exit = ExitCode::kRefused});
}

const policy::Flow* VerifiedAgreement::FindFlow(absl::string_view flow) const {
  for (const policy::Flow& one : agreement->flows) {
    if (one.id == flow) return &one;
  }
  return nullptr;
}

std::vector<std::string> VerifiedAgreement::MatchingAgencies() const {
  std::vector<std::string> agencies;
  for (const certs::DomainKey& domain : manifest.domains) {
    if (domain.role == crypto::Role::kMatching) {
      agencies.push_back(domain.agency);
    }
  }
  return agencies;
}

crypto::Domain VerifiedAgreement::DomainOf(absl::string_view agency,
                                           crypto::Role role) const {
  return {id(), std::string(agency), role, manifest.epoch};
}

crypto::Edge VerifiedAgreement::EdgeOf(absl::string_view sender,
                                       absl::string_view recipient) const {
  return {id(), std::string(sender), std::string(recipient), manifest.epoch};
}

absl::StatusOr<std::shared_ptr<const policy::Register>> FetchRegister(
    BrokerLink& link, const Profile& profile, KnowledgeTable* knowledge,
    const VerifiedDocument& document) {
  std::vector<policy::AgreementRecord> records = {RecordOf(document)};
  std::string under = document.agreement().under;
  for (int tier = 0; !under.empty() && tier < policy::kMaxTiers; ++tier) {
    const auto parent = FetchDocument(link, profile, knowledge, under, 0);
    if (!parent.ok() && (absl::IsDataLoss(parent.status()) ||
                         absl::IsUnavailable(parent.status()))) {
      return parent.status();
    }
    if (!parent.ok() || !parent->activation.has_value()) break;
    records.push_back(RecordOf(*parent));
    under = parent->agreement().under;
  }
  return policy::Register::Create(std::move(records));
}

absl::StatusOr<VerifiedAgreement> FetchVerified(BrokerLink& link,
                                                const Profile& profile,
                                                KnowledgeTable* knowledge,
                                                const std::string& agreement,
                                                uint32_t version) {
  const auto document =
      FetchDocument(link, profile, knowledge, agreement, version);
  if (!document.ok()) return document.status();
  if (!document->activation.has_value()) {
    return ToStatus(
        {.what = absl::StrCat("the agreement ", agreement, " version ",
                              document->version(), " is not in force"),
         .why = link.Now() >= document->agreement().valid.UntilInstant()
                    ? "it has expired"
                : document->missing.empty()
                    ? "it was not activated yet"
                    : absl::StrCat(document->missing.size(),
                                   " signatures are missing"),
         .next = absl::StrCat("entente agreement show ", agreement),
         .code = "NOT_IN_FORCE",
         .exit = ExitCode::kRefused});
  }
  Fetch fetch(&link, &profile, knowledge, &*document);
  auto found = fetch.Manifest({});
  if (!found.ok()) return found.status();
  const bool in_force = found->content.version == document->version();
  if (!in_force && version == 0) {
    return absl::UnavailableError(absl::StrCat(
        "the agreement ", agreement, " changes at this moment; try again"));
  }
  if (!in_force) {
    const auto digest = crypto::FromHex(document->activation->entry.manifest);
    if (!digest.ok()) return KeysAltered(agreement, digest.status().message());
    found = fetch.Manifest(*digest);
    if (!found.ok()) return found.status();
  }
  if (absl::Status checked = fetch.CheckManifest(*found); !checked.ok()) {
    return checked;
  }
  VerifiedAgreement verified;
  verified.agreement = std::shared_ptr<const policy::Agreement>(
      document->compiled, &document->agreement());
  verified.document = document->bytes;
  verified.digest = document->digest;
  verified.version = document->version();
  verified.manifest = found->content;
  verified.manifest_digest = found->digest;
  const absl::Status got = fetch.Bundles(*found, &verified);
  if (!got.ok()) return got;
  if (knowledge != nullptr && in_force) {
    if (absl::Status own = fetch.CheckOwn(verified); !own.ok()) return own;
    if (absl::Status pinned = fetch.Pin(*found); !pinned.ok()) return pinned;
  }
  auto reg = FetchRegister(link, profile, knowledge, *document);
  if (!reg.ok()) return reg.status();
  verified.reg = *std::move(reg);
  return verified;
}

absl::StatusOr<EarlierManifest> FetchEarlierManifest(
    BrokerLink& link, const Profile& profile, const std::string& agreement,
    uint32_t version, const crypto::Hash& digest) {
  const auto document =
      FetchDocument(link, profile, /*knowledge=*/nullptr, agreement, version);
  if (!document.ok()) return document.status();
  Fetch fetch(&link, &profile, /*knowledge=*/nullptr, &*document);
  auto found = fetch.Manifest(digest);
  if (!found.ok()) return found.status();
  if (found->digest != crypto::ToHex(digest)) {
    return KeysAltered(agreement, "the broker serves another key manifest");
  }
  if (absl::Status checked = fetch.CheckManifest(*found); !checked.ok()) {
    return checked;
  }
  VerifiedAgreement verified;
  verified.manifest = found->content;
  if (absl::Status got = fetch.Bundles(*found, &verified); !got.ok()) {
    return got;
  }
  return EarlierManifest{std::move(verified.manifest),
                         std::move(verified.bundles)};
}

}  // namespace entente::client
