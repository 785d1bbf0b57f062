// The part of AgreementsService that takes proposals.
#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/agreement_loader.h"
#include "broker/agreements_service.h"
#include "broker/rpc/refusal.h"
#include "broker/store/agencies_table.h"
#include "broker/store/agreements_table.h"
#include "broker/transition.h"
#include "crypto/sha.h"
#include "policy/canonical.h"
#include "policy/check.h"

namespace entente::broker {
namespace {

using policy::EntryKind;
using policy::Reason;

// Roots that the document names for agencies that are registered with another.
absl::Status CheckRoots(Transaction& transaction,
                        const policy::Agreement& document) {
  std::vector<std::pair<std::string, std::string>> named;
  for (const auto& [agency, party] : document.parties) {
    named.emplace_back(absl::StrCat("parties.", agency), party.root);
  }
  for (const auto& [agency, overseer] : document.overseers) {
    named.emplace_back(absl::StrCat("overseers.", agency), overseer.root);
  }
  for (const auto& [path, root] : named) {
    const auto row =
        AgenciesTable(transaction).Get(path.substr(path.find('.') + 1));
    if (absl::IsNotFound(row.status())) continue;
    if (!row.ok()) return row.status();
    if (row->root_digest != root) {
      return Refuse(Reason::kDocumentRefused,
                    "the agency is registered with another root",
                    absl::StrCat(path, ".root"));
    }
  }
  return absl::OkStatus();
}

// Whether the version before `document` is there with the digest it names.
absl::Status CheckPrevious(Transaction& transaction,
                           const policy::Agreement& document) {
  if (document.version == 1) return absl::OkStatus();
  const auto previous =
      AgreementsTable(transaction)
          .Get(document.id, static_cast<uint32_t>(document.version - 1));
  if (!previous.ok() && !absl::IsNotFound(previous.status())) {
    return previous.status();
  }
  if (!previous.ok() || crypto::ToHex(previous->digest) != document.previous) {
    return Refuse(Reason::kPreviousMismatch, "", "previous");
  }
  return absl::OkStatus();
}

absl::Status CheckNotEnded(Transaction& transaction, const std::string& id,
                           const policy::AgreementRecord* known,
                           const std::string& agency, absl::Time now) {
  const auto record = ReadAgreementRecord(transaction, id, known);
  if (absl::IsNotFound(record.status())) return absl::OkStatus();
  if (!record.ok()) return record.status();
  return record->terminated
             ? Refuse(Reason::kTerminated,
                      StateAndLegalActs(*record, agency, now), "id")
             : absl::OkStatus();
}

}  // namespace

absl::Status AgreementsService::CheckProposal(
    const Caller& caller, const policy::Agreement& document) const {
  if (document.parties.count(caller.agency()) == 0) {
    return Refuse(Reason::kNotAParty, "", "parties");
  }
  if (document.version > std::numeric_limits<uint32_t>::max()) {
    return Refuse(Reason::kDocumentRefused, "the number is too large",
                  "version");
  }
  if (document.broker.name != context_.broker_name) {
    return Refuse(Reason::kWrongBroker, "", "broker.name");
  }
  if (crypto::AsBytes(document.broker.ledger_key) !=
      context_.ledgers->public_key()) {
    return Refuse(Reason::kWrongBroker, "", "broker.ledger_key");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PendingEntry>> AgreementsService::WriteProposal(
    Transaction& transaction, const Caller& caller,
    const policy::Agreement& document, absl::string_view bytes,
    const policy::LedgerEntry& entry) const {
  if (absl::Status held =
          CheckNotRevoked(transaction, caller, caller.fingerprint);
      !held.ok()) {
    return held;
  }
  const uint32_t version = static_cast<uint32_t>(document.version);
  AgreementsTable table(transaction);
  const crypto::Hash digest = crypto::Sha256(bytes);
  policy::LedgerEntry line = entry;
  const auto known = table.Get(document.id, version);
  if (known.ok() &&
      known->digest == std::vector<uint8_t>(digest.begin(), digest.end())) {
    line.detail["repeated"] = "true";
  } else if (known.ok()) {
    return Refuse(Reason::kVersionExists, "", "version");
  } else if (!absl::IsNotFound(known.status())) {
    return known.status();
  } else {
    absl::Status made = CheckPrevious(transaction, document);
    // Only those whom the agreement concerns may add to it.
    const auto snapshot = context_.agreements->Get();
    const policy::AgreementRecord* record = snapshot->Find(document.id);
    if (made.ok() && version > 1 &&
        (record == nullptr || !record->IsParty(caller.agency()))) {
      made = Refuse(Reason::kPreviousMismatch, "", "previous");
    }
    if (made.ok()) {
      made = CheckNotEnded(transaction, document.id, record, caller.agency(),
                           entry.time);
    }
    if (made.ok()) made = CheckRoots(transaction, document);
    if (made.ok() && version == 1) {
      made = context_.ledgers->Create(transaction, document.id);
      // A restore brings back ledgers, not the agreements that they tell of;
      // nobody else may take one over.
      if (absl::IsAlreadyExists(made)) {
        made = Refuse(Reason::kVersionExists,
                      "a ledger has this id already; choose another", "id");
      }
    }
    std::vector<std::string> readers;
    for (const auto& [agency, party] : document.parties) {
      readers.push_back(agency);
    }
    for (const auto& [agency, overseer] : document.overseers) {
      readers.push_back(agency);
    }
    const absl::Span<const uint8_t> content = crypto::AsBytes(bytes);
    if (made.ok()) {
      made = table.Insert({document.id,
                           version,
                           {content.begin(), content.end()},
                           {digest.begin(), digest.end()},
                           AgreementState::kProposed,
                           caller.uri,
                           entry.time,
                           absl::nullopt,
                           absl::nullopt},
                          readers);
    }
    if (!made.ok()) return made;
  }
  auto pending = Recorder::Pending(document.id, std::move(line));
  if (!pending.ok()) return pending.status();
  return std::vector<PendingEntry>{*std::move(pending)};
}

absl::Status AgreementsService::Propose(
    const Caller& caller, const v1::ProposeAgreementRequest& request,
    v1::ProposeAgreementResponse* response) {
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kAgreementProposed, caller);
  if (request.document().size() > kMaxDocumentBytes) {
    return Refused(caller, std::move(entry),
                   Refuse(Reason::kDocumentRefused,
                          "the document is larger than 256 KiB"));
  }
  const auto document = policy::ParseCanonical(request.document());
  if (!document.ok()) {
    return Refused(
        caller, std::move(entry),
        Refuse(Reason::kDocumentRefused, document.status().message()));
  }
  const crypto::Hash digest = crypto::Sha256(request.document());
  entry.agreement = document->id;
  entry.version = static_cast<uint32_t>(std::min<int64_t>(
      document->version, std::numeric_limits<uint32_t>::max()));
  entry.digest = crypto::ToHex(digest);
  if (absl::Status checked = CheckProposal(caller, *document); !checked.ok()) {
    return Refused(caller, std::move(entry), checked);
  }
  const auto written = context_.recorder->Run([&](Transaction& transaction) {
    return WriteProposal(transaction, caller, *document, request.document(),
                         entry);
  });
  if (!written.ok()) {
    return Refused(caller, std::move(entry), written.status());
  }
  if (absl::Status loaded = ReloadAgreement(context_, document->id);
      !loaded.ok()) {
    return loaded;
  }
  response->set_agreement(document->id);
  response->set_version(static_cast<uint32_t>(document->version));
  response->set_digest(digest.data(), digest.size());
  return context_.receipts->Fill(written->front(), v1::KnownView(),
                                 response->mutable_receipt());
}

}  // namespace entente::broker
