#include "broker/ledgers_at_rest.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/key_file.h"
#include "broker/ledger/anchor_file.h"
#include "broker/ledger/ledger_check.h"
#include "broker/ledger_key.h"
#include "broker/store/ledger_table.h"

namespace entente::broker {
namespace {

// The broker's name, as its ledgers' origins begin with it.
absl::StatusOr<std::string> NameOf(Transaction& transaction) {
  const auto row = LedgerTable(transaction).Get(kBrokerLedger);
  if (!row.ok()) return row.status();
  const std::string ending = absl::StrCat("/ledgers/", kBrokerLedger);
  if (row->origin.size() <= ending.size()) {
    return absl::DataLossError("the broker's ledger has no origin");
  }
  return row->origin.substr(0, row->origin.size() - ending.size());
}

}  // namespace

absl::StatusOr<LedgersAtRest> OpenLedgersAtRest(
    const DataFolderFiles& folder, const crypto::Secret& passphrase) {
  const auto wrapping = KeyFile::Open(folder.key_file(), passphrase);
  if (!wrapping.ok()) return wrapping.status();
  auto store = SqliteStore::Open(folder.database(), 1);
  if (!store.ok()) return store.status();
  LedgersAtRest opened;
  opened.store = *std::move(store);
  const absl::Status read =
      opened.store->Read([&](Transaction& transaction) -> absl::Status {
        const auto name = NameOf(transaction);
        if (!name.ok()) return name.status();
        auto key = LoadLedgerKey(transaction, *wrapping);
        if (!key.ok()) return key.status();
        opened.log = std::make_unique<LedgerLog>(*name, *std::move(key));
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  return opened;
}

absl::StatusOr<NextPart> RollLedger(const std::string& data,
                                    const std::string& ledger,
                                    const crypto::Secret& passphrase,
                                    const Clock& clock) {
  const absl::StatusOr<DataFolder> folder = DataFolder::Open(data);
  if (!folder.ok()) return folder.status();
  if (!std::filesystem::exists(folder->database())) {
    return absl::NotFoundError(absl::StrCat(folder->database(),
                                            " is missing: ", data,
                                            " is not a broker's data folder"));
  }
  const auto anchors = AnchorFile::Open(folder->anchors());
  if (!anchors.ok()) return anchors.status();
  const auto ledgers = OpenLedgersAtRest(*folder, passphrase);
  if (!ledgers.ok()) return ledgers.status();
  LedgerLog& log = *ledgers->log;
  absl::StatusOr<NextPart> next;
  std::vector<Anchor> signed_heads;
  const absl::Status written = ledgers->store->Write(
      [&](Transaction& transaction) -> absl::Status {
        const absl::Status checked =
            CheckLedgers(transaction, &log, anchors->get());
        if (!checked.ok()) return checked;
        const auto newest = log.Newest(transaction, ledger);
        if (!newest.ok()) return newest.status();
        next =
            OpenNextPart(transaction, log, ledger,
                         policy::ContinuationReason::kRolled, {}, clock.Now());
        if (!next.ok()) return next.status();
        const auto head = log.Head(transaction, next->name);
        if (!head.ok()) return head.status();
        signed_heads = {{log.Origin(next->name), head->size, head->root}};
        return absl::OkStatus();
      },
      [&] { return (*anchors)->Record(signed_heads); });
  if (!written.ok()) return written;
  return next;
}

}  // namespace entente::broker
