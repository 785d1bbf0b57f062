#include "client/verified_bundle.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/key_manifest.h"
#include "certs/signed_document.h"
#include "client/endorsed_bundle.h"
#include "client/error.h"
#include "crypto/dsse.h"
#include "crypto/hex.h"
#include "crypto/note.h"
#include "policy/canonical.h"
#include "policy/ledger_part.h"

namespace entente::client {
namespace {

absl::Status NotHeld(absl::string_view part, absl::string_view why) {
  return VerificationError(absl::StrCat("the bundle does not hold: ", part),
                           why);
}

// `status`, of a check of `part`, told so.
absl::Status NotHeld(absl::string_view part, const absl::Status& status) {
  const Failure failure = FromStatus(status);
  return NotHeld(part, failure.why.empty() ? failure.what : failure.why);
}

absl::Status CheckDocument(const AgreementBundle& bundle,
                           BundleReport* report) {
  auto parsed = policy::ParseCanonical(bundle.document);
  if (!parsed.ok()) return NotHeld("document", parsed.status());
  report->agreement = *std::move(parsed);
  report->digest = policy::Digest(bundle.document);
  if (bundle.digest != report->digest) {
    return NotHeld("digest",
                   absl::StrCat("the document's SHA-256 is ", report->digest));
  }
  if (bundle.agreement != report->agreement.id ||
      bundle.version != report->agreement.version) {
    return NotHeld("agreement and version",
                   absl::StrCat("the document is ", report->agreement.id,
                                " version ", report->agreement.version));
  }
  report->checked.push_back(absl::StrCat(
      "the document is canonical, passes every check, and has the SHA-256 ",
      report->digest));
  return absl::OkStatus();
}

// The key of a part of the ledger, as the document names it.
absl::StatusOr<crypto::NoteKey> KeyOf(const policy::Agreement& agreement,
                                      const std::string& part) {
  const auto named = policy::ParsePartName(part);
  if (!named.ok()) return named.status();
  if (named->ledger != agreement.id) {
    return absl::InvalidArgumentError("it is of another ledger");
  }
  const auto key = crypto::Ed25519PublicKey::Parse(
      crypto::AsBytes(agreement.broker.ledger_key));
  if (!key.ok()) return key.status();
  return crypto::NoteKey::Create(
      absl::StrCat(agreement.broker.name, "/ledgers/", part),
      crypto::NoteKeyType::kEd25519, *key);
}

absl::Status CheckActivation(const AgreementBundle& bundle,
                             BundleReport* report) {
  if (!bundle.activation.has_value()) return absl::OkStatus();
  const policy::Agreement& agreement = report->agreement;
  const auto key = KeyOf(agreement, bundle.activation->part);
  if (!key.ok()) return NotHeld("activation", key.status());
  auto receipt =
      OpenReceipt(*key, bundle.activation->entry, bundle.activation->proof,
                  policy::EntryKind::kAgreementActivated);
  if (!receipt.ok()) {
    const Failure failure = FromStatus(receipt.status());
    return NotHeld("activation", absl::StrCat(failure.what, ": ", failure.why));
  }
  if (receipt->entry.agreement != agreement.id ||
      receipt->entry.version != agreement.version ||
      receipt->entry.digest != report->digest) {
    return NotHeld("activation", "the entry is that of another version");
  }
  report->checked.push_back(absl::StrCat(
      "the ledger ", bundle.activation->part, " of the broker ",
      agreement.broker.name, " says in entry ", receipt->index, ", of ",
      absl::FormatTime(receipt->entry.time, absl::UTCTimeZone()),
      ", that this version was activated: by an inclusion proof and a "
      "checkpoint of ",
      receipt->checkpoint.size,
      " entries under the ledger key that the document names"));
  report->activation = *std::move(receipt);
  return absl::OkStatus();
}

std::vector<std::string> EnvelopesOf(const AgreementBundle& bundle) {
  const absl::Span<const uint8_t> bytes = crypto::AsBytes(bundle.document);
  std::vector<std::string> envelopes;
  for (const AgreementBundle::Signature& one : bundle.signatures) {
    envelopes.push_back(
        crypto::PrintEnvelope({std::string(certs::kAgreementType),
                               {bytes.begin(), bytes.end()},
                               {{"", one.signature, one.chain}}}));
  }
  return envelopes;
}

absl::Status CheckSignatures(const AgreementBundle& bundle, absl::Time now,
                             BundleReport* report) {
  const bool active = report->activation.has_value();
  const absl::Time at = active ? report->activation->entry.time : now;
  const absl::Span<const uint8_t> bytes = crypto::AsBytes(bundle.document);
  const std::vector<std::string> envelopes = EnvelopesOf(bundle);
  auto lines =
      VerifySignatures(report->agreement, bytes, envelopes, at, !active);
  if (!lines.ok()) {
    // The one at fault, unless each alone is good.
    for (size_t i = 0; i < envelopes.size(); ++i) {
      const auto alone = VerifySignatures(report->agreement, bytes,
                                          {envelopes[i]}, at, !active);
      if (alone.ok()) continue;
      return NotHeld(absl::StrCat("signatures[", i, "]"), alone.status());
    }
    return NotHeld("signatures", lines.status());
  }
  report->signatures = *std::move(lines);
  report->missing = OpenLines(report->agreement, report->signatures);
  if (active && !report->missing.empty()) {
    return NotHeld("signatures",
                   absl::StrCat("it was activated without the signature of ",
                                report->missing.front()));
  }
  for (const SignedLine& line : report->signatures) {
    report->checked.push_back(absl::StrCat(
        line.party, ": ", line.role, " (", line.name,
        ") signed exactly this document, with the certificate ",
        line.fingerprint,
        ", whose chain leads to the root that the document names"));
  }
  return absl::OkStatus();
}

absl::Status CheckKeys(const AgreementBundle& bundle, BundleReport* report) {
  if (!report->activation.has_value()) return absl::OkStatus();
  const policy::Agreement& agreement = report->agreement;
  const absl::Span<const uint8_t> bytes = crypto::AsBytes(bundle.manifest);
  report->manifest_digest = crypto::ToHex(certs::KeyManifestDigest(bytes));
  if (report->activation->entry.manifest != report->manifest_digest) {
    return NotHeld("manifest", "the activation names another key manifest");
  }
  const auto manifest = certs::ParseKeyManifest(bytes);
  if (!manifest.ok()) return NotHeld("manifest", manifest.status());
  if (manifest->agreement != agreement.id ||
      manifest->version != agreement.version ||
      manifest->agreement_digest != report->digest) {
    return NotHeld("manifest", "it is that of another version");
  }
  const absl::Status complete =
      certs::CheckComplete(*manifest, KeysNeededBy(agreement));
  if (!complete.ok()) return NotHeld("manifest", complete);
  report->checked.push_back(
      absl::StrCat("the key manifest ", report->manifest_digest,
                   " is the one that the activation names, has every key that "
                   "the document needs, and proves each"));
  for (const auto& [agency, digest] : manifest->bundles) {
    const std::string part = absl::StrCat("key_bundles.", agency);
    const auto envelope = bundle.key_bundles.find(agency);
    if (envelope == bundle.key_bundles.end())
      return NotHeld(part, "is missing");
    const auto opened =
        OpenEndorsedBundle(agreement, agency, digest, envelope->second,
                           report->activation->entry.time);
    if (!opened.ok()) return NotHeld(part, opened.status());
    report->checked.push_back(absl::StrCat("a signatory of ", agency,
                                           " endorsed the keys of its system"));
  }
  if (bundle.key_bundles.size() != manifest->bundles.size()) {
    return NotHeld("key_bundles", "there are more than the manifest lists");
  }
  return absl::OkStatus();
}

void SayWhatIsLeft(BundleReport* report) {
  report->not_checked = {
      "whether a certificate had been revoked: ask the broker's ledger "
      "(entente audit list)",
      "whether the roots and the ledger key that the document names are those "
      "of its parties and its broker: ask them by another way",
      "what happened after the export: a suspension, a withdrawal, a newer "
      "version (entente agreement show)"};
  if (report->activation.has_value()) {
    report->not_checked.push_back(
        "whether everyone is shown this ledger: compare the checkpoint with "
        "your own mirror (entente audit verify)");
  }
}

}  // namespace

absl::StatusOr<BundleReport> VerifyBundle(const AgreementBundle& bundle,
                                          absl::Time now) {
  BundleReport report;
  absl::Status held = CheckDocument(bundle, &report);
  if (held.ok()) held = CheckActivation(bundle, &report);
  if (held.ok()) held = CheckSignatures(bundle, now, &report);
  if (held.ok()) held = CheckKeys(bundle, &report);
  if (!held.ok()) return held;
  SayWhatIsLeft(&report);
  return report;
}

}  // namespace entente::client
