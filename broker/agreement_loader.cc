#include "broker/agreement_loader.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "broker/store/acts_table.h"
#include "crypto/sha.h"
#include "policy/canonical.h"
#include "policy/overarching.h"

namespace entente::broker {
namespace {

using CompiledPointer = std::shared_ptr<const policy::CompiledAgreement>;

// More would wait for each other at the store.
constexpr unsigned kMaxLoaders = 8;

// All that the store has of one agreement.
struct StoredAgreement {
  std::string id;
  std::vector<AgreementRow> versions;                   // from 1, without gaps
  std::vector<std::vector<SignatureRow>> signed_lines;  // of each version
  std::vector<ActRow> acts;                             // that stand
};

absl::StatusOr<StoredAgreement> ReadStored(Transaction& transaction,
                                           absl::string_view id) {
  AgreementsTable table(transaction);
  StoredAgreement stored;
  stored.id = std::string(id);
  auto versions = table.Versions(id);
  if (!versions.ok()) return versions.status();
  if (versions->empty()) {
    return absl::NotFoundError(absl::StrCat("no agreement ", id));
  }
  stored.versions = *std::move(versions);
  for (const AgreementRow& row : stored.versions) {
    const size_t number = stored.signed_lines.size() + 1;
    if (row.version != number) {
      return absl::DataLossError(
          absl::StrCat("version ", number, " of ", id, " is missing"));
    }
    auto lines = table.SignedLines(id, row.version);
    if (!lines.ok()) return lines.status();
    stored.signed_lines.push_back(*std::move(lines));
  }
  auto acts = ActsTable(transaction).Standing(id);
  if (!acts.ok()) return acts.status();
  stored.acts = *std::move(acts);
  return stored;
}

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
  if (!document.ok()) {
    return absl::DataLossError(absl::StrCat("the document of ", row.id, ": ",
                                            document.status().message()));
  }
  return policy::CompiledAgreement::Create(*std::move(document), digest);
}

// Whoever leaves a version before it is in force takes its signatures back.
void ReopenLines(policy::AgreementRecord* record) {
  for (auto& [number, version] : record->versions) {
    if (version.activated) continue;
    for (const policy::Signatory& line :
         version.agreement->document().signatories) {
      std::string open = absl::StrCat(line.party, ": ", line.name);
      if (record->HasWithdrawn(line.party, number) &&
          std::count(version.missing.begin(), version.missing.end(), open) ==
              0) {
        version.missing.push_back(std::move(open));
      }
    }
  }
}

absl::StatusOr<policy::AgreementRecord> RecordOf(
    const StoredAgreement& stored, const policy::AgreementRecord* known) {
  policy::AgreementRecord record;
  record.id = stored.id;
  for (size_t i = 0; i < stored.versions.size(); ++i) {
    const AgreementRow& row = stored.versions[i];
    absl::StatusOr<CompiledPointer> compiled = Compile(row, known);
    if (!compiled.ok()) return compiled.status();
    policy::VersionRecord& read = record.versions[row.version];
    read.missing =
        MissingLines((*compiled)->document(), stored.signed_lines[i]);
    read.activated = row.activation_entry.has_value();
    read.agreement = *std::move(compiled);
    record.terminated |= row.state == AgreementState::kTerminated;
  }
  for (const ActRow& act : stored.acts) {
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
  ReopenLines(&record);
  return record;
}

// Reads all agreements of one transaction, one after another, and compiles them
// on as many threads as call Work.
class Loading {
 public:
  Loading(Transaction* transaction, std::vector<std::string> ids)
      : transaction_(*transaction),
        ids_(std::move(ids)),
        records_(ids_.size()) {}

  // Returns when nothing is left to be read, or something failed.
  void Work() {
    StoredAgreement stored;
    for (size_t at = 0; Next(&at, &stored);) {
      absl::StatusOr<policy::AgreementRecord> record =
          RecordOf(stored, nullptr);
      if (!record.ok()) {
        const absl::MutexLock lock(&mu_);
        Fail(at, record.status());
        return;
      }
      records_[at] = *std::move(record);
    }
  }

  // After every Work has returned: all of them, or the failure of the first
  // agreement, by id, that has one.
  absl::StatusOr<std::vector<policy::AgreementRecord>> Take() {
    const absl::MutexLock lock(&mu_);
    if (!failure_.ok()) return failure_;
    return std::move(records_);
  }

 private:
  // Whoever is handed an agreement also finishes it, so what comes before one
  // that failed is seen too.
  bool Next(size_t* at, StoredAgreement* stored) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    if (!failure_.ok() || next_ == ids_.size()) return false;
    *at = next_++;
    absl::StatusOr<StoredAgreement> read = ReadStored(transaction_, ids_[*at]);
    if (!read.ok()) {
      Fail(*at, read.status());
      return false;
    }
    *stored = *std::move(read);
    return true;
  }

  void Fail(size_t at, const absl::Status& failure)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (at >= failed_) return;
    failed_ = at;
    failure_ = failure;
  }

  absl::Mutex mu_;
  Transaction& transaction_ ABSL_GUARDED_BY(mu_);
  const std::vector<std::string> ids_;
  size_t next_ ABSL_GUARDED_BY(mu_) = 0;
  size_t failed_ ABSL_GUARDED_BY(mu_) = std::numeric_limits<size_t>::max();
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
  // Each is written by the one thread that was handed it.
  std::vector<policy::AgreementRecord> records_;
};

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
  const absl::StatusOr<StoredAgreement> stored = ReadStored(transaction, id);
  if (!stored.ok()) return stored.status();
  return RecordOf(*stored, known);
}

void WakeReceivers(const Context& context, absl::string_view id) {
  if (context.mailboxes == nullptr) return;
  const auto known = context.agreements->Get();
  context.mailboxes->NotifyAll([&](absl::string_view agreement) {
    return agreement == id || policy::StandsUnder(*known, agreement, id);
  });
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
      WakeReceivers(context, id);
      return absl::OkStatus();
    }
  }
}

absl::Status LoadAgreements(const Context& context) {
  return context.store->Read([&](Transaction& transaction) -> absl::Status {
    absl::StatusOr<std::vector<std::string>> ids =
        AgreementsTable(transaction).Ids();
    if (!ids.ok()) return ids.status();
    Loading loading(&transaction, *std::move(ids));
    {
      std::vector<std::jthread> others;
      const unsigned cores = std::thread::hardware_concurrency();
      for (unsigned i = 1; i < std::min(cores, kMaxLoaders); ++i) {
        others.emplace_back([&loading] { loading.Work(); });
      }
      loading.Work();
    }
    auto records = loading.Take();
    if (!records.ok()) return records.status();
    context.agreements->Fill(policy::Register::Create(*std::move(records)));
    return absl::OkStatus();
  });
}

}  // namespace entente::broker
