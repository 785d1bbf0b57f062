#include "broker/agreement_loader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/store/acts_table.h"
#include "crypto/sha.h"
#include "policy/canonical.h"

namespace entente::broker {
namespace {

using CompiledPointer = std::shared_ptr<const policy::CompiledAgreement>;

absl::StatusOr<CompiledPointer> Compile(const AgreementRow& row,
                                        const policy::AgreementRecord* known) {
  const crypto::Hash digest = crypto::Sha256(row.document);
  if (!std::equal(digest.begin(), digest.end(), row.digest.begin(),
                  row.digest.end())) {
    return absl::DataLossError(absl::StrCat("the document of ", row.id,
                                            " is not what its digest says"));
  }
  if (known != nullptr) {
    const auto version = known->versions.find(row.version);
    if (version != known->versions.end() &&
        version->second.agreement->digest() == digest) {
      return version->second.agreement;
    }
  }
  absl::StatusOr<policy::Agreement> document =
      policy::ParseCanonical(crypto::AsText(row.document));
  if (!document.ok()) return absl::DataLossError(document.status().message());
  return policy::CompiledAgreement::Create(*std::move(document), digest);
}

}  // namespace

std::vector<std::string> MissingLines(
    const policy::Agreement& document,
    const std::vector<SignatureRow>& signatures) {
  std::vector<std::string> missing;
  for (const policy::Signatory& line : document.signatories) {
    const bool filled = std::any_of(
        signatures.begin(), signatures.end(), [&](const SignatureRow& row) {
          return row.party == line.party && row.role == line.role &&
                 row.name == line.name;
        });
    if (!filled) missing.push_back(absl::StrCat(line.party, ": ", line.name));
  }
  return missing;
}

absl::StatusOr<policy::AgreementRecord> ReadAgreementRecord(
    Transaction& transaction, absl::string_view id,
    const policy::AgreementRecord* known) {
  AgreementsTable table(transaction);
  const absl::StatusOr<AgreementRow> highest = table.GetHighest(id);
  if (!highest.ok()) return highest.status();
  policy::AgreementRecord record;
  record.id = std::string(id);
  for (uint32_t version = 1; version <= highest->version; ++version) {
    const absl::StatusOr<AgreementRow> row = table.Get(id, version);
    if (!row.ok()) return row.status();
    absl::StatusOr<CompiledPointer> compiled = Compile(*row, known);
    if (!compiled.ok()) return compiled.status();
    const auto signatures = table.Signatures(id, version);
    if (!signatures.ok()) return signatures.status();
    policy::VersionRecord& read = record.versions[version];
    read.missing = MissingLines((*compiled)->document(), *signatures);
    read.activated = row->activation_entry.has_value();
    read.agreement = *std::move(compiled);
    record.terminated |= row->state == AgreementState::kTerminated;
  }
  const auto acts = ActsTable(transaction).Standing(id);
  if (!acts.ok()) return acts.status();
  for (const ActRow& act : *acts) {
    switch (act.kind) {
      case certs::ActKind::kSuspend:
        record.suspended_by.insert(act.agency);
        break;
      case certs::ActKind::kSuspendSending:
        record.sending_suspended_by.insert(act.agency);
        break;
      case certs::ActKind::kWithdraw:
        record.withdrawn[act.agency] = act.through;
        break;
      case certs::ActKind::kResume:
        break;
    }
  }
  return record;
}

absl::Status ReloadAgreement(const Context& context, absl::string_view id) {
  while (true) {
    const std::shared_ptr<const policy::Register> before =
        context.agreements->Get();
    absl::StatusOr<policy::AgreementRecord> record = policy::AgreementRecord();
    const absl::Status read =
        context.store->Read([&](Transaction& transaction) {
          record = ReadAgreementRecord(transaction, id, before->Find(id));
          return record.status();
        });
    if (!read.ok()) return read;
    // Somebody who changed the register meanwhile may have read a later state.
    if (context.agreements->PutOnto(before, *std::move(record))) {
      if (context.mailboxes != nullptr) context.mailboxes->NotifyAll(id);
      return absl::OkStatus();
    }
  }
}

absl::Status LoadAgreements(const Context& context) {
  std::set<std::string> ids;
  const absl::Status listed =
      context.store->Read([&](Transaction& transaction) -> absl::Status {
        AgreementsTable table(transaction);
        for (const AgreementState state :
             {AgreementState::kProposed, AgreementState::kSigned,
              AgreementState::kActive, AgreementState::kSuperseded,
              AgreementState::kTerminated}) {
          const auto rows = table.ListIn(state);
          if (!rows.ok()) return rows.status();
          for (const AgreementRow& row : *rows) ids.insert(row.id);
        }
        return absl::OkStatus();
      });
  if (!listed.ok()) return listed;
  for (const std::string& id : ids) {
    if (absl::Status loaded = ReloadAgreement(context, id); !loaded.ok()) {
      return loaded;
    }
  }
  return absl::OkStatus();
}

}  // namespace entente::broker
