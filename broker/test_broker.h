// Store, ledgers, anchors and sequencer in a folder, as a test needs them.
#ifndef ENTENTE_BROKER_TEST_BROKER_H_
#define ENTENTE_BROKER_TEST_BROKER_H_

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "broker/ledger/anchor_file.h"
#include "broker/ledger/ledger_check.h"
#include "broker/ledger/ledger_log.h"
#include "broker/ledger/next_part.h"
#include "broker/sequencer.h"
#include "broker/store/sqlite_store.h"
#include "broker/test_folder.h"

namespace entente::broker {

// The parts of a broker named `broker.test`, whose ledger key is fixed. Start
// does what the program does: it checks every ledger.
class TestBroker {
 public:
  explicit TestBroker(int log_pages = kLogPages) : log_pages_(log_pages) {
    Start().IgnoreError();
  }

  absl::Status Start() {
    const bool is_new = !std::filesystem::exists(folder / "anchors");
    absl::StatusOr<std::unique_ptr<SqliteStore>> opened =
        SqliteStore::Open(folder / "entente.db", 2, log_pages_);
    if (!opened.ok()) return opened.status();
    absl::StatusOr<std::unique_ptr<AnchorFile>> read =
        is_new ? AnchorFile::Create(folder / "anchors")
               : AnchorFile::Open(folder / "anchors");
    if (!read.ok()) return read.status();
    std::vector<uint8_t> seed(32, 7);
    absl::StatusOr<crypto::SigningKey> key =
        crypto::SigningKey::TakeSeed(absl::MakeSpan(seed));
    if (!key.ok()) return key.status();
    store = *std::move(opened);
    anchors = *std::move(read);
    ledgers = std::make_unique<LedgerLog>("broker.test", *std::move(key));
    const absl::Status checked = store->Read([&](Transaction& transaction) {
      return CheckLedgers(transaction, ledgers.get(), anchors.get());
    });
    if (!checked.ok()) return checked;
    sequencer = std::make_unique<Sequencer>(store.get(), ledgers.get(),
                                            anchors.get(), options);
    return absl::OkStatus();
  }

  void Stop() {
    sequencer.reset();
    ledgers.reset();
    anchors.reset();
    store.reset();
  }

  absl::Status Restart() {
    Stop();
    return Start();
  }

  absl::Status OpenLedger(const std::string& id) {
    return sequencer
        ->Run([&](Transaction& transaction)
                  -> absl::StatusOr<std::vector<PendingEntry>> {
          const absl::Status made = ledgers->Create(transaction, id);
          if (!made.ok()) return made;
          return std::vector<PendingEntry>();
        })
        .status();
  }

  absl::StatusOr<std::vector<Receipt>> Append(const std::string& id,
                                              int count) {
    return sequencer->Run(
        [=](Transaction&) -> absl::StatusOr<std::vector<PendingEntry>> {
          std::vector<PendingEntry> entries;
          for (int i = 0; i < count; ++i) {
            entries.push_back({id, absl::StrCat("{\"n\":", i, "}"), nullptr});
          }
          return entries;
        });
  }

  // Opens the next part of a ledger, as if the broker had been stopped for it.
  absl::StatusOr<NextPart> Continue(const std::string& ledger,
                                    const PartsSigned& known = {},
                                    policy::ContinuationReason reason =
                                        policy::ContinuationReason::kRestored) {
    absl::StatusOr<NextPart> next;
    std::vector<Anchor> heads;
    const absl::Status opened =
        sequencer
            ->Run([&](Transaction& transaction)
                      -> absl::StatusOr<std::vector<PendingEntry>> {
              next = OpenNextPart(transaction, *ledgers, ledger, reason, known,
                                  absl::FromUnixSeconds(1800000000));
              if (!next.ok()) return next.status();
              const auto head = ledgers->Head(transaction, next->name);
              if (!head.ok()) return head.status();
              heads = {{ledgers->Origin(next->name), head->size, head->root}};
              return std::vector<PendingEntry>();
            })
            .status();
    if (!opened.ok()) return opened;
    // Nothing else is written meanwhile.
    if (absl::Status put = anchors->Record(heads); !put.ok()) return put;
    return next;
  }

  // SQL past every guard, as somebody with the file would do it.
  absl::Status Tamper(const std::string& sql) {
    absl::StatusOr<std::unique_ptr<Database>> database =
        Database::Open(folder / "entente.db", Database::Mode::kReadWrite);
    if (!database.ok()) return database.status();
    return (*database)->Execute(
        "DROP TRIGGER IF EXISTS entries_stay;"
        "DROP TRIGGER IF EXISTS entries_remain;" +
        sql);
  }

  TestFolder folder;
  Sequencer::Options options;
  std::unique_ptr<SqliteStore> store;
  std::unique_ptr<AnchorFile> anchors;
  std::unique_ptr<LedgerLog> ledgers;
  std::unique_ptr<Sequencer> sequencer;

 private:
  const int log_pages_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_BROKER_H_
