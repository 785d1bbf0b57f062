#include "client/verified_document.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/signed_document.h"
#include "client/error.h"
#include "client/rpc/ledger_parts.h"
#include "client/rpc/receipts.h"
#include "crypto/dsse.h"
#include "crypto/sha.h"
#include "policy/canonical.h"

namespace entente::client {
namespace {

absl::Status NotAsClaimed(absl::string_view agreement, absl::string_view why) {
  return VerificationError(
      absl::StrCat("the agreement ", agreement, " is not what it claims to be"),
      why);
}

// The line of `agreement` that `identity` fills; null if there is none.
const policy::Signatory* LineOf(const policy::Agreement& agreement,
                                const certs::Identity& identity) {
  for (const policy::Signatory& line : agreement.signatories) {
    if (line.party == identity.agency && line.name == identity.name) {
      return &line;
    }
  }
  return nullptr;
}

// Who made the one signature of `text` on `bytes`.
absl::StatusOr<certs::Signer> SignerOf(const policy::Agreement& agreement,
                                       absl::Span<const uint8_t> bytes,
                                       absl::string_view text, absl::Time at) {
  const auto envelope = crypto::ParseEnvelope(text);
  if (!envelope.ok()) return envelope.status();
  if (envelope->payload_type != certs::kAgreementType ||
      absl::MakeConstSpan(envelope->payload) != bytes) {
    return absl::DataLossError("a signature is on another document");
  }
  if (envelope->signatures.size() != 1) {
    return absl::DataLossError("an envelope has not exactly one signature");
  }
  const auto agency = certs::ClaimedAgency(*envelope, 0);
  if (!agency.ok()) return absl::DataLossError(agency.status().message());
  const auto party = agreement.parties.find(*agency);
  if (party == agreement.parties.end()) {
    return absl::DataLossError(
        absl::StrCat(*agency, " signed and is no party"));
  }
  return certs::VerifySignatory(*envelope, 0, *agency, party->second.root, at);
}

// That the document is the one asked for, and for this broker.
absl::Status CheckIdentity(const policy::Agreement& document,
                           const Profile& profile, absl::string_view id,
                           uint32_t version) {
  if (document.id != id || (version != 0 && document.version != version)) {
    return NotAsClaimed(id, absl::StrCat("the broker sent ", document.id,
                                         " version ", document.version));
  }
  if (document.broker.name != profile.settings().broker_name ||
      crypto::AsBytes(document.broker.ledger_key) !=
          absl::MakeConstSpan(profile.settings().ledger_key)) {
    return NotAsClaimed(id,
                        "it names another broker than the profile, or another "
                        "ledger key");
  }
  return absl::OkStatus();
}

// Whoever leaves a version before it is in force takes its signatures back.
void AddLinesOfThoseWhoLeft(VerifiedDocument* document) {
  const policy::AgreementRecord record = RecordOf(*document);
  for (const policy::Signatory& line : document->agreement().signatories) {
    std::string open = absl::StrCat(line.party, ": ", line.name);
    if (record.HasWithdrawn(line.party, document->version()) &&
        std::count(document->missing.begin(), document->missing.end(), open) ==
            0) {
      document->missing.push_back(std::move(open));
    }
  }
}

}  // namespace

policy::AgreementRecord RecordOf(const VerifiedDocument& document) {
  policy::AgreementRecord record;
  record.id = document.agreement().id;
  record.versions[document.agreement().version] = {
      .agreement = document.compiled,
      .missing = document.missing,
      .activated = document.activation.has_value()};
  ApplyActs(document.acts, &record);
  return record;
}

std::string StateOf(const VerifiedDocument& document, absl::Time now) {
  if (document.state == "ended") return "ended";
  if (now >= document.compiled->until()) return "expired";
  if (!document.activation.has_value()) {
    return document.missing.empty() ? "signed" : "proposed";
  }
  if (document.state == "superseded") return "superseded";
  if (RecordOf(document).IsSuspended(document.version()) ||
      now >= document.compiled->overdue()) {
    return "suspended";
  }
  return document.state;
}

absl::StatusOr<std::vector<SignedLine>> VerifySignatures(
    const policy::Agreement& agreement, absl::Span<const uint8_t> bytes,
    absl::Span<const std::string> envelopes, absl::Time at, bool skip_lapsed) {
  std::vector<SignedLine> lines;
  std::set<const policy::Signatory*> filled;
  std::set<std::string> keys;
  for (const std::string& text : envelopes) {
    const auto signer = SignerOf(agreement, bytes, text, at);
    if (skip_lapsed && absl::IsUnauthenticated(signer.status())) continue;
    if (!signer.ok())
      return NotAsClaimed(agreement.id, signer.status().message());
    const policy::Signatory* line = LineOf(agreement, signer->identity);
    if (line == nullptr) {
      return NotAsClaimed(
          agreement.id,
          absl::StrCat(signer->identity.ToUri(), " signed and has no line"));
    }
    if (!filled.insert(line).second) {
      return NotAsClaimed(agreement.id, absl::StrCat("the line of ", line->name,
                                                     " is signed twice"));
    }
    if (!keys.insert(signer->spki).second) {
      return NotAsClaimed(agreement.id, "one key has signed two lines");
    }
    lines.push_back({line->party, line->role, line->name, signer->fingerprint});
  }
  return lines;
}

std::vector<std::string> OpenLines(const policy::Agreement& agreement,
                                   const std::vector<SignedLine>& signatures) {
  std::set<std::pair<std::string, std::string>> filled;
  for (const SignedLine& line : signatures) {
    filled.emplace(line.party, line.name);
  }
  std::vector<std::string> missing;
  for (const policy::Signatory& line : agreement.signatories) {
    if (filled.count({line.party, line.name}) == 0) {
      missing.push_back(absl::StrCat(line.party, ": ", line.name));
    }
  }
  return missing;
}

absl::StatusOr<VerifiedReceipt> HoldToLedger(BrokerLink& link,
                                             const Profile& profile,
                                             KnowledgeTable* knowledge,
                                             const std::string& agreement,
                                             const v1::Receipt& receipt,
                                             policy::EntryKind kind) {
  if (knowledge == nullptr) {
    return VerifyReceipt(profile, agreement, receipt, kind);
  }
  const auto key = LedgerKey(profile, agreement);
  if (!key.ok()) return key.status();
  LedgerView view(knowledge, agreement, *key);
  const auto known = view.Known();
  if (!known.ok()) return known.status();
  const auto proved = ProveAgain(link, *known, receipt);
  if (!proved.ok()) return proved.status();
  return AcceptReceipt(view, *known, *proved, kind);
}

absl::StatusOr<VerifiedDocument> FetchDocument(BrokerLink& link,
                                               const Profile& profile,
                                               KnowledgeTable* knowledge,
                                               const std::string& agreement,
                                               uint32_t version) {
  v1::GetAgreementRequest request;
  request.set_agreement(agreement);
  request.set_version(version);
  const auto response =
      Call(link.agreements(), &v1::Agreements::Stub::GetAgreement, request);
  if (!response.ok()) return response.status();
  if (absl::Status followed = FollowLedger(link, profile, knowledge, agreement,
                                           response->newest_part());
      !followed.ok()) {
    return followed;
  }
  auto parsed = policy::ParseCanonical(response->document());
  if (!parsed.ok()) return NotAsClaimed(agreement, parsed.status().message());
  if (absl::Status same = CheckIdentity(*parsed, profile, agreement, version);
      !same.ok()) {
    return same;
  }
  const crypto::Hash digest = crypto::Sha256(response->document());
  auto compiled = policy::CompiledAgreement::Create(*std::move(parsed), digest);
  if (!compiled.ok())
    return NotAsClaimed(agreement, compiled.status().message());
  const absl::Span<const uint8_t> bytes = crypto::AsBytes(response->document());
  VerifiedDocument document = {.compiled = *std::move(compiled),
                               .bytes = {bytes.begin(), bytes.end()},
                               .digest = crypto::ToHex(digest),
                               .signatures = {},
                               .missing = {},
                               .activation = std::nullopt,
                               .acts = {},
                               .break_glass = {response->break_glass().begin(),
                                               response->break_glass().end()},
                               .state = response->state()};
  if (response->has_activation()) {
    auto receipt = HoldToLedger(link, profile, knowledge, agreement,
                                response->activation(),
                                policy::EntryKind::kAgreementActivated);
    if (!receipt.ok()) return receipt.status();
    if (receipt->entry.agreement != agreement ||
        receipt->entry.version != document.version() ||
        receipt->entry.digest != document.digest) {
      return NotAsClaimed(agreement,
                          "its activation is that of another version");
    }
    document.activation = *std::move(receipt);
  }
  const std::vector<const v1::StandingAct*> standing(
      response->acts().pointer_begin(), response->acts().pointer_end());
  auto acts =
      VerifyActs(link, profile, knowledge, document.agreement(), standing);
  if (!acts.ok()) return acts.status();
  document.acts = *std::move(acts);
  const bool active = document.activation.has_value();
  const std::vector<std::string> envelopes(response->envelopes().begin(),
                                           response->envelopes().end());
  auto signatures = VerifySignatures(
      document.agreement(), document.bytes, envelopes,
      active ? document.activation->entry.time : link.Now(), !active);
  if (!signatures.ok()) return signatures.status();
  document.signatures = *std::move(signatures);
  // Of signatures that were passed over the notes are too.
  if (static_cast<size_t>(response->notes_size()) ==
      document.signatures.size()) {
    for (int i = 0; i < response->notes_size(); ++i) {
      SignedLine& line = document.signatures[static_cast<size_t>(i)];
      line.signed_at =
          absl::FromUnixSeconds(response->notes(i).sign_time().seconds());
      line.diff = crypto::ToHex(crypto::AsBytes(response->notes(i).diff()));
    }
  }
  document.missing = OpenLines(document.agreement(), document.signatures);
  if (!active) AddLinesOfThoseWhoLeft(&document);
  if (active && !document.missing.empty()) {
    return NotAsClaimed(agreement,
                        absl::StrCat("it is active without the signature of ",
                                     document.missing.front()));
  }
  return document;
}

}  // namespace entente::client
