#include "broker/taken_back.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/store/agreements_table.h"
#include "certs/certificate.h"
#include "crypto/dsse.h"
#include "crypto/hex.h"

namespace entente::broker {
namespace {

// Whether the certificate `fingerprint`, in either form of its own signature,
// made the one of `line`.
absl::StatusOr<bool> MadeBy(const SignatureRow& line,
                            const std::string& fingerprint) {
  const auto envelope = crypto::ParseEnvelope(crypto::AsText(line.envelope));
  if (!envelope.ok()) return absl::DataLossError(envelope.status().message());
  const auto chain =
      certs::Certificate::ChainFromPem(envelope->signatures.at(0).chain);
  if (!chain.ok()) return absl::DataLossError(chain.status().message());
  const certs::Certificate& signer = chain->front();
  return signer.Fingerprint() == fingerprint ||
         signer.TwinFingerprint() == fingerprint;
}

policy::LedgerEntry TakenBackEntry(const policy::LedgerEntry& revocation,
                                   const AgreementRow& row,
                                   const SignatureRow& line) {
  policy::LedgerEntry entry = revocation;
  entry.agreement = row.id;
  entry.version = row.version;
  entry.digest = crypto::ToHex(row.digest);
  entry.detail["line"] = absl::StrCat(line.party, ": ", line.name);
  entry.detail["signature"] = "taken back";
  return entry;
}

}  // namespace

absl::StatusOr<std::vector<PendingEntry>> TakeBackSignatures(
    const Context& context, Transaction& transaction,
    const policy::LedgerEntry& revocation, const std::string& agency,
    std::set<std::string>* touched) {
  AgreementsTable table(transaction);
  std::vector<PendingEntry> entries;
  for (const AgreementState state :
       {AgreementState::kProposed, AgreementState::kSigned}) {
    const auto rows = table.ListIn(state);
    if (!rows.ok()) return rows.status();
    for (const AgreementRow& row : *rows) {
      const auto lines = table.Signatures(row.id, row.version);
      if (!lines.ok()) return lines.status();
      for (const SignatureRow& line : *lines) {
        if (!agency.empty() && line.party != agency) continue;
        const auto own = MadeBy(line, revocation.subject);
        if (!own.ok()) return own.status();
        if (!*own) continue;
        absl::Status done = table.RemoveSignature(row.id, row.version, line);
        if (done.ok()) {
          done = table.SetState(row.id, row.version, AgreementState::kProposed);
        }
        if (!done.ok()) return done;
        touched->insert(row.id);
        if (context.ledgers->refused().count(row.id) != 0) continue;
        auto pending =
            Recorder::Pending(row.id, TakenBackEntry(revocation, row, line));
        if (!pending.ok()) return pending.status();
        entries.push_back(*std::move(pending));
      }
    }
  }
  return entries;
}

}  // namespace entente::broker
