#include "client/ledger_at_broker.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "client/ledger_view.h"

namespace entente::client {

std::string LedgerIdOf(absl::string_view agreement) {
  return agreement.empty() ? "broker" : std::string(agreement);
}

LedgerAtBroker::LedgerAtBroker(std::string id, crypto::NoteKey key,
                               std::unique_ptr<BrokerLink> link,
                               std::unique_ptr<LocalStore> store,
                               KeptCheckpoint known)
    : id_(std::move(id)),
      key_(std::move(key)),
      link_(std::move(link)),
      store_(std::move(store)),
      source_(&link_->ledger(), id_),
      reader_(&source_, key_, std::move(known)) {}

absl::StatusOr<std::unique_ptr<LedgerAtBroker>> LedgerAtBroker::Open(
    const Profile& profile, const std::string& ledger) {
  absl::StatusOr<crypto::NoteKey> key = LedgerKey(profile, ledger);
  if (!key.ok()) return key.status();
  absl::StatusOr<std::unique_ptr<BrokerLink>> link = BrokerLink::Open(profile);
  if (!link.ok()) return link.status();
  std::unique_ptr<LocalStore> store;
  KeptCheckpoint known;
  if (profile.settings().role == ProfileRole::kSystem) {
    absl::StatusOr<std::unique_ptr<LocalStore>> opened =
        LocalStore::Open(profile);
    if (!opened.ok()) return opened.status();
    store = *std::move(opened);
    absl::StatusOr<KeptCheckpoint> kept =
        LedgerView(&store->knowledge(), ledger, *key).Known();
    if (!kept.ok()) return kept.status();
    known = *std::move(kept);
  }
  return std::unique_ptr<LedgerAtBroker>(
      new LedgerAtBroker(ledger, *std::move(key), *std::move(link),
                         std::move(store), std::move(known)));
}

absl::Status LedgerAtBroker::Remember() {
  if (store_ == nullptr || reader_.seen().note.empty()) return absl::OkStatus();
  const absl::Status kept =
      store_->knowledge().KeepCheckpoint(id_, reader_.seen());
  if (!absl::IsDataLoss(kept)) return kept;
  return VerificationError(
      absl::StrCat("the ledger ", id_, " shows two histories"),
      std::string(kept.message()));
}

}  // namespace entente::client
