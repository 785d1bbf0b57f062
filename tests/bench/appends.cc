#include <benchmark/benchmark.h>
#include <sodium.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/ledger/anchor_file.h"
#include "broker/ledger/ledger_check.h"
#include "broker/ledger/ledger_log.h"
#include "broker/sequencer.h"
#include "broker/store/sqlite_store.h"
#include "tests/bench/parts.h"

namespace entente::bench {
namespace {

constexpr int kWaiting = 64;
constexpr size_t kProofs = 1000;  // in one go

using Steady = std::chrono::steady_clock;

double Since(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

// A store with its ledgers, as a broker opens it.
struct OpenLedgers {
  std::unique_ptr<broker::SqliteStore> store;
  std::unique_ptr<broker::AnchorFile> anchors;
  std::unique_ptr<broker::LedgerLog> ledgers;

  absl::Status Check() const {
    return store->Read([&](broker::Transaction& read) {
      return broker::CheckLedgers(read, ledgers.get(), anchors.get());
    });
  }
};

absl::StatusOr<OpenLedgers> Open(const std::filesystem::path& folder) {
  auto store = broker::SqliteStore::Open(folder / "entente.db", 2);
  if (!store.ok()) return store.status();
  const std::string path = folder / "anchors";
  auto anchors = std::filesystem::exists(path)
                     ? broker::AnchorFile::Open(path)
                     : broker::AnchorFile::Create(path);
  if (!anchors.ok()) return anchors.status();
  std::vector<uint8_t> seed(32, 7);
  auto key = crypto::SigningKey::TakeSeed(absl::MakeSpan(seed));
  if (!key.ok()) return key.status();
  return OpenLedgers{
      *std::move(store), *std::move(anchors),
      std::make_unique<broker::LedgerLog>("broker.bench", *std::move(key))};
}

absl::StatusOr<double> AppendsPerSecond(const std::filesystem::path& folder,
                                        double seconds) {
  const auto open = Open(folder);
  if (!open.ok()) return open.status();
  if (absl::Status checked = open->Check(); !checked.ok()) return checked;
  broker::LedgerLog& ledgers = *open->ledgers;
  broker::Sequencer sequencer(open->store.get(), &ledgers, open->anchors.get(),
                              {});
  const auto made =
      sequencer.Run([&](broker::Transaction& transaction)
                        -> absl::StatusOr<std::vector<broker::PendingEntry>> {
        const absl::Status created = ledgers.Create(transaction, "bench");
        if (!created.ok()) return created;
        return std::vector<broker::PendingEntry>();
      });
  if (!made.ok()) return made.status();
  std::atomic<int64_t> done = 0;
  std::atomic<bool> failed = false;
  const auto begin = Steady::now();
  std::vector<std::thread> callers;
  for (int i = 0; i < kWaiting; ++i) {
    callers.emplace_back([&] {
      while (Since(begin) < seconds && !failed) {
        const auto receipts = sequencer.Run(
            [](broker::Transaction&)
                -> absl::StatusOr<std::vector<broker::PendingEntry>> {
              return std::vector<broker::PendingEntry>{
                  {"bench", LedgerLine(), nullptr}};
            });
        if (receipts.ok() && receipts->size() == 1) {
          ++done;
        } else {
          failed = true;
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  if (failed) return absl::InternalError("an entry was not appended");
  return double(done) / Since(begin);
}

// The checks of a start, over what was appended.
absl::StatusOr<double> ChecksPerSecond(const std::filesystem::path& folder) {
  const auto open = Open(folder);
  if (!open.ok()) return open.status();
  const auto begin = Steady::now();
  if (absl::Status checked = open->Check(); !checked.ok()) return checked;
  const double seconds = Since(begin);
  uint64_t entries = 0;
  const absl::Status read =
      open->store->Read([&](broker::Transaction& transaction) {
        const auto size = open->ledgers->Size(transaction, "bench");
        if (size.ok()) entries = *size;
        return size.status();
      });
  if (!read.ok()) return read;
  return double(entries) / seconds;
}

// Proofs of entries at random, as receipts and tile-less readers get them.
absl::StatusOr<double> ProofsPerSecond(const std::filesystem::path& folder,
                                       size_t* levels) {
  const auto open = Open(folder);
  if (!open.ok()) return open.status();
  if (absl::Status checked = open->Check(); !checked.ok()) return checked;
  double took = 0;
  const absl::Status read =
      open->store->Read([&](broker::Transaction& transaction) {
        const auto size = open->ledgers->Size(transaction, "bench");
        if (!size.ok()) return size.status();
        while ((uint64_t{1} << *levels) < *size) ++*levels;
        std::vector<uint64_t> indices(kProofs);
        for (uint64_t& index : indices) {
          index = randombytes_uniform(static_cast<uint32_t>(*size));
        }
        const auto begin = Steady::now();
        const auto proofs =
            open->ledgers->Proofs(transaction, "bench", indices);
        took = Since(begin);
        return proofs.status();
      });
  if (!read.ok()) return read;
  return double(kProofs) / took;
}

bool Run(sqlite3* database, const char* sql) {
  return sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

// Rows and nothing else.
absl::StatusOr<double> RowsPerSecond(const std::filesystem::path& folder,
                                     double seconds) {
  sqlite3* database = nullptr;
  sqlite3_stmt* insert = nullptr;
  bool fine =
      sqlite3_open((folder / "rows.db").c_str(), &database) == SQLITE_OK &&
      Run(database,
          "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
          "CREATE TABLE rows (id INTEGER PRIMARY KEY, entry TEXT)") &&
      sqlite3_prepare_v2(database, "INSERT INTO rows (entry) VALUES (?)", -1,
                         &insert, nullptr) == SQLITE_OK;
  const std::string entry = LedgerLine();
  int64_t done = 0;
  const auto begin = Steady::now();
  while (fine && Since(begin) < seconds) {
    fine = Run(database, "BEGIN IMMEDIATE");
    for (int i = 0; fine && i < kWaiting; ++i, ++done) {
      fine = sqlite3_bind_text(insert, 1, entry.data(), int(entry.size()),
                               SQLITE_STATIC) == SQLITE_OK &&
             sqlite3_step(insert) == SQLITE_DONE &&
             sqlite3_reset(insert) == SQLITE_OK;
    }
    fine = fine && Run(database, "COMMIT");
  }
  const double rate = double(done) / Since(begin);
  sqlite3_finalize(insert);
  sqlite3_close(database);
  if (!fine) return absl::InternalError("SQLite failed");
  return rate;
}

}  // namespace

absl::Status MeasureAppends(const std::string& folder, double seconds,
                            std::vector<Line>* lines) {
  const auto appends = AppendsPerSecond(folder, seconds);
  if (!appends.ok()) return appends.status();
  const auto rows = RowsPerSecond(folder, seconds);
  if (!rows.ok()) return rows.status();
  lines->push_back({"appends", "entries with receipts, 64 waiting", *appends,
                    "per s", *rows,
                    "rows of 300 bytes in SQLite, 64 a commit"});
  const auto checks = ChecksPerSecond(folder);
  if (!checks.ok()) return checks.status();
  const double hashes = HashesPerSecond(seconds / 10);
  lines->push_back({"checks_at_start", "entries checked when a broker starts",
                    *checks, "per s", hashes,
                    "two SHA-256 of libsodium an entry"});
  size_t levels = 0;
  const auto proofs = ProofsPerSecond(folder, &levels);
  if (!proofs.ok()) return proofs.status();
  lines->push_back({"proofs", "proofs of entries at random", *proofs, "per s",
                    hashes / double(std::max<size_t>(levels, 1)),
                    "two SHA-256 of libsodium for each level"});
  return absl::OkStatus();
}

}  // namespace entente::bench
