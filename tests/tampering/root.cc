#include "tests/tampering/root.h"

#include <filesystem>
#include <map>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/ledger/anchor_file.h"
#include "broker/ledgers_at_rest.h"
#include "broker/passphrase.h"
#include "broker/store/ledger_table.h"
#include "broker/store/sqlite.h"

namespace entente::tampering {
namespace {

namespace fs = std::filesystem;

absl::Status Copy(const std::string& from, const std::string& to,
                  const std::vector<std::string>& names) {
  std::error_code failed;
  fs::create_directories(to, failed);
  for (const std::string& name : names) {
    fs::remove(fs::path(to) / name, failed);
    if (!fs::exists(fs::path(from) / name)) continue;
    fs::copy_file(fs::path(from) / name, fs::path(to) / name, failed);
    if (failed) {
      return absl::UnavailableError(absl::StrCat(name, ": ", failed.message()));
    }
  }
  return absl::OkStatus();
}

const std::vector<std::string>& DatabaseFiles() {
  static const auto* const names = new std::vector<std::string>{
      "entente.db", "entente.db-wal", "entente.db-shm"};
  return *names;
}

std::vector<std::string> AllFiles() {
  std::vector<std::string> names = DatabaseFiles();
  names.emplace_back("anchors");
  return names;
}

}  // namespace

absl::Status Root::Save(const std::string& to) const {
  return Copy(files_.path(), to, AllFiles());
}

absl::Status Root::PutBack(const std::string& from) const {
  return Copy(from, files_.path(), AllFiles());
}

absl::Status Root::PutBackDatabase(const std::string& from) const {
  return Copy(from, files_.path(), DatabaseFiles());
}

absl::Status Root::Sql(const std::string& statements) const {
  const auto database = broker::Database::Open(
      files_.database(), broker::Database::Mode::kReadWrite);
  if (!database.ok()) return database.status();
  std::string triggers;
  {
    broker::Statement query = (*database)->Query(
        "SELECT sql FROM sqlite_schema WHERE type = 'trigger'");
    for (auto row = query.Step(); row.ok() && *row; row = query.Step()) {
      absl::StrAppend(&triggers, query.ColumnText(0), ";");
    }
  }
  absl::Status done = (*database)->Execute(
      "PRAGMA foreign_keys = OFF; DROP TRIGGER entries_stay;"
      "DROP TRIGGER entries_remain;");
  if (done.ok()) done = (*database)->Execute(statements);
  if (done.ok()) {
    // Only the two that were dropped are missing; the others are refused.
    for (const char* name : {"entries_stay", "entries_remain"}) {
      const size_t begin = triggers.find(absl::StrCat("CREATE TRIGGER ", name));
      if (begin == std::string::npos) return absl::InternalError(name);
      const size_t end = triggers.find("END;", begin);
      done.Update(
          (*database)->Execute(triggers.substr(begin, end + 4 - begin)));
    }
  }
  return done;
}

absl::StatusOr<std::vector<std::string>> Root::Lines(
    const std::string& ledger) const {
  const auto passphrase = broker::ReadPassphraseFile(passphrase_file_);
  if (!passphrase.ok()) return passphrase.status();
  const auto at_rest = broker::OpenLedgersAtRest(files_, *passphrase);
  if (!at_rest.ok()) return at_rest.status();
  std::vector<std::string> lines;
  const absl::Status read =
      at_rest->store->Read([&](broker::Transaction& transaction) {
        broker::LedgerTable table(transaction);
        const auto size = table.CountEntries(ledger);
        if (!size.ok()) return size.status();
        auto entries = table.GetEntries(ledger, 0, *size);
        if (!entries.ok()) return entries.status();
        lines = *std::move(entries);
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  return lines;
}

absl::Status Root::Forge(const std::string& ledger,
                         const std::vector<std::string>& lines) const {
  const absl::Status cleared =
      Sql(absl::StrCat("DELETE FROM tiles WHERE ledger = '", ledger,
                       "'; DELETE FROM entries WHERE ledger = '", ledger,
                       "'; DELETE FROM ledgers WHERE id = '", ledger, "';"));
  if (!cleared.ok()) return cleared;
  const auto passphrase = broker::ReadPassphraseFile(passphrase_file_);
  if (!passphrase.ok()) return passphrase.status();
  const auto at_rest = broker::OpenLedgersAtRest(files_, *passphrase);
  if (!at_rest.ok()) return at_rest.status();
  const broker::LedgerLog& log = *at_rest->log;
  broker::Anchor anchor;
  const absl::Status written = at_rest->store->Write(
      [&](broker::Transaction& transaction) -> absl::Status {
        absl::Status done = log.Create(transaction, ledger);
        if (!done.ok()) return done;
        for (const std::string& line : lines) {
          const auto index = log.Append(transaction, ledger, line);
          if (!index.ok()) return index.status();
        }
        const auto head = log.Sign(transaction, ledger);
        if (!head.ok()) return head.status();
        anchor = {log.Origin(ledger), head->size, head->root};
        return absl::OkStatus();
      },
      [] { return absl::OkStatus(); });
  if (!written.ok()) return written;
  std::map<std::string, broker::Anchor> anchors;
  {
    const auto known = broker::AnchorFile::Open(files_.anchors());
    if (!known.ok()) return known.status();
    anchors = (*known)->all();
  }
  anchors[anchor.origin] = anchor;
  return broker::AnchorFile::Write(files_.anchors(), std::move(anchors))
      .status();
}

}  // namespace entente::tampering
