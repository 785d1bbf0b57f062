#include "broker/broker.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/agreement_loader.h"
#include "broker/durable_file.h"
#include "broker/grant_steps.h"
#include "broker/ledger/ledger_check.h"
#include "broker/ledger_key.h"
#include "broker/store/agencies_table.h"
#include "broker/vital_signs.h"

namespace entente::broker {
namespace {

// Readers of the store: ledger reads and receipts.
constexpr int kReaders = 4;
constexpr int kAgenciesAtATime = 500;

absl::Status LoadAgencies(Store& store, Trust* trust) {
  return store.Read([&](Transaction& transaction) -> absl::Status {
    AgenciesTable table(transaction);
    std::string after;
    for (;;) {
      const auto agencies = table.List(after, kAgenciesAtATime);
      if (!agencies.ok()) return agencies.status();
      if (agencies->empty()) break;
      for (const AgencyRow& row : *agencies) {
        auto root = certs::Certificate::FromPem(row.root_pem);
        if (!root.ok()) return root.status();
        trust->AddAgency(row.id, *std::move(root));
      }
      after = agencies->back().id;
    }
    const auto revoked = table.Revoked();
    if (!revoked.ok()) return revoked.status();
    for (const RevokedRow& row : *revoked) {
      trust->Revoke(row.fingerprint, row.agency);
    }
    return absl::OkStatus();
  });
}

}  // namespace

absl::Status Broker::OpenKeys(const crypto::Secret& passphrase,
                              PassphraseCost cost) {
  absl::StatusOr<WrappingKey> wrapping =
      KeyFile::Open(folder_.key_file(), passphrase);
  if (absl::IsNotFound(wrapping.status())) {
    if (std::filesystem::exists(folder_.database())) {
      return absl::FailedPreconditionError(
          absl::StrCat("the data folder has a database but no key file ",
                       folder_.key_file(), "; restore it from a backup"));
    }
    wrapping = KeyFile::Create(folder_.key_file(), passphrase, cost);
  }
  if (!wrapping.ok()) return wrapping.status();
  wrapping_ = std::make_unique<WrappingKey>(*std::move(wrapping));
  masters_ = std::make_unique<MasterKeys>(wrapping_.get());
  return absl::OkStatus();
}

absl::Status Broker::OpenAnchors() {
  const bool has_database = std::filesystem::exists(folder_.database());
  absl::StatusOr<std::unique_ptr<AnchorFile>> anchors =
      AnchorFile::Open(folder_.anchors());
  if (absl::IsNotFound(anchors.status()) && !has_database) {
    anchors = AnchorFile::Create(folder_.anchors());
  }
  if (absl::IsNotFound(anchors.status())) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder_.anchors(),
        " is missing, so nobody knows what was last signed; "
        "put back the broker's own, and if the database is from a backup use "
        "entente-broker restore; if they are lost, entente-broker restore "
        "--new-ledgers goes on without them and tells every party"));
  }
  if (!anchors.ok()) return anchors.status();
  if (!has_database && !(*anchors)->all().empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder_.database(), " is missing, and ", folder_.anchors(),
        " tells of ledgers that were signed; put the database back, from a "
        "backup with entente-broker restore"));
  }
  anchors_ = *std::move(anchors);
  return absl::OkStatus();
}

// A first start that was cut off left any part of this, and no anchor.
absl::Status Broker::OpenStore() {
  absl::StatusOr<std::unique_ptr<SqliteStore>> store =
      SqliteStore::Open(folder_.database(), kReaders);
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  if (!anchors_->all().empty()) return absl::OkStatus();
  const absl::Status found = store_->Read([&](Transaction& transaction) {
    return LoadLedgerKey(transaction, *wrapping_).status();
  });
  if (!absl::IsNotFound(found)) return found;
  return store_->Write(
      [&](Transaction& transaction) {
        return CreateLedgerKey(transaction, *wrapping_);
      },
      [] { return absl::OkStatus(); });
}

// The anchors first: whoever has a database has them.
absl::Status Broker::OpenLedgers(const Config& config) {
  absl::Status opened = OpenAnchors();
  if (opened.ok()) opened = OpenStore();
  if (!opened.ok()) return opened;
  return store_->Read([&](Transaction& transaction) -> absl::Status {
    absl::StatusOr<crypto::SigningKey> key =
        LoadLedgerKey(transaction, *wrapping_);
    if (!key.ok()) return key.status();
    ledgers_ = std::make_unique<LedgerLog>(config.name, *std::move(key));
    return CheckLedgers(transaction, ledgers_.get(), anchors_.get());
  });
}

absl::Status Broker::OpenTrust(const Config& config) {
  const absl::StatusOr<std::string> pem =
      ReadFile(config.operator_root, 64 << 10);
  if (!pem.ok()) return pem.status();
  absl::StatusOr<certs::Certificate> root = certs::Certificate::FromPem(*pem);
  if (!root.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(config.operator_root, ": ", root.status().message()));
  }
  trust_ = std::make_unique<Trust>(config.trust_domain, *std::move(root));
  return LoadAgencies(*store_, trust_.get());
}

absl::StatusOr<std::unique_ptr<Broker>> Broker::Open(
    const Config& config, const crypto::Secret& passphrase, PassphraseCost cost,
    const Clock* clock, JsonLog* log) {
  absl::StatusOr<DataFolder> folder = DataFolder::Open(config.data);
  if (!folder.ok()) return folder.status();
  std::unique_ptr<Broker> broker(new Broker(*std::move(folder)));
  absl::Status opened = broker->OpenKeys(passphrase, cost);
  if (opened.ok()) opened = broker->OpenLedgers(config);
  if (opened.ok()) opened = broker->OpenTrust(config);
  if (!opened.ok()) return opened;
  Sequencer::Options options;
  options.max_queued = static_cast<size_t>(config.max_queued_writes);
  Broker& b = *broker;
  options.committed = [&b](size_t jobs, size_t entries, absl::Duration took,
                           bool is_durable) {
    b.metrics_.Committed(jobs, entries, took, is_durable);
  };
  b.sequencer_ = std::make_unique<Sequencer>(b.store_.get(), b.ledgers_.get(),
                                             b.anchors_.get(), options);
  b.recorder_ = std::make_unique<Recorder>(b.sequencer_.get(), clock);
  b.receipts_ = std::make_unique<Receipts>(b.store_.get(), b.ledgers_.get());
  b.context_ = {config.name,
                b.store_.get(),
                b.ledgers_.get(),
                b.sequencer_.get(),
                b.recorder_.get(),
                b.receipts_.get(),
                b.masters_.get(),
                clock,
                b.trust_.get(),
                &b.register_,
                log,
                &b.mailboxes_,
                &b.metrics_,
                &b.grants_};
  b.own_ = std::make_unique<OwnEntries>(&b.context_);
  if (absl::Status started = b.own_->Started(config, ENTENTE_VERSION);
      !started.ok()) {
    return started;
  }
  if (absl::Status loaded = LoadAgreements(b.context_); !loaded.ok()) {
    return loaded;
  }
  if (absl::Status loaded = LoadGrants(b.context_); !loaded.ok()) {
    return loaded;
  }
  b.denials_ = std::make_unique<Denials>(&b.context_);
  b.agreements_ = std::make_unique<AgreementsService>(b.context_);
  b.directory_ =
      std::make_unique<DirectoryService>(b.context_, b.agreements_.get());
  b.break_glass_ = std::make_unique<BreakGlassService>(b.context_);
  b.pseudonyms_ = std::make_unique<PseudonymsService>(&b.context_);
  b.claims_ = std::make_unique<Claims>(clock, &b.mailboxes_);
  b.exchange_ = std::make_unique<ExchangeService>(&b.context_, &b.mailboxes_,
                                                  b.claims_.get());
  b.ledger_ = std::make_unique<LedgerService>(b.context_);
  b.witness_pool_ =
      std::make_unique<WorkerPool>(kWitnessThreads, kMaxQueuedRounds);
  b.witnesses_ = std::make_unique<WitnessRounds>(
      &b.context_, &b.witness_port_, [&b](std::function<void()> round) {
        return b.witness_pool_->Submit(std::move(round));
      });
  if (absl::Status loaded = b.witnesses_->Load(); !loaded.ok()) return loaded;
  AddVitalSigns(b.context_, b.folder_.path(), &b.runway_, &b.metrics_);
  for (const auto& [ledger, why] : b.ledgers_->refused()) {
    log->Error("ledger_refused", {{"ledger", ledger}, {"reason", why}});
  }
  return broker;
}

Broker::~Broker() {
  if (witnesses_ == nullptr) return;
  witnesses_->Stop();
  witness_pool_.reset();
  denials_->Flush();
  ledger_->Flush();
  own_->Stopped().IgnoreError();
  sequencer_->Shutdown();
}

absl::Status Broker::Health() {
  return store_->Read([](Transaction&) { return absl::OkStatus(); });
}

void Broker::Tick() {
  denials_->Tick();
  ledger_->Tick();
  if (const auto bytes = AvailableBytes(folder_.path()); bytes.ok()) {
    runway_.Sample(context_.clock->Now(), *bytes);
  }
  for (const absl::Status& done :
       {agreements_->ActivateDue(), break_glass_->NoteDue(),
        exchange_->ExpireStages(), own_->Tick(), witnesses_->Tick()}) {
    if (!done.ok()) {
      context_.log->Error("tick_failed",
                          {{"reason", std::string(done.message())}});
    }
  }
}

}  // namespace entente::broker
