#include "broker/restore.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/durable_file.h"
#include "broker/key_file.h"
#include "broker/ledger/anchor_file.h"
#include "broker/ledger/ledger_check.h"
#include "broker/ledger/ledger_restore.h"
#include "broker/ledger/mirror_folder.h"
#include "broker/ledger_key.h"
#include "broker/store/agencies_table.h"
#include "broker/store/data_folder.h"
#include "broker/store/ledger_table.h"
#include "broker/store/quota_table.h"
#include "broker/store/sqlite_store.h"
#include "certs/identity.h"
#include "policy/ledger_entry.h"

namespace entente::broker {
namespace {

constexpr size_t kMaxKeyFileBytes = 64 << 10;

std::string IdOf(const std::string& origin) {
  return origin.substr(origin.rfind('/') + 1);
}

absl::Status CheckAnchorsAreLater(const AnchorFile& kept,
                                  const AnchorFile& at_backup) {
  for (const auto& [origin, then] : at_backup.all()) {
    const absl::optional<Anchor> now = kept.Find(origin);
    if (!now.has_value() || now->size < then.size ||
        (now->size == then.size && now->root != then.root)) {
      return absl::DataLossError(absl::StrCat(
          "the backup knows more of ", origin,
          " than the anchors of the data folder: they are not the latest of "
          "this broker"));
    }
  }
  return absl::OkStatus();
}

// Puts the files of the backup where they belong.
absl::Status PutBack(const DataFolder& folder, const DataFolderFiles& backup,
                     const AnchorFile& kept) {
  if (std::filesystem::exists(folder.database())) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder.database(),
        " is there; move it away with its -wal and -shm, or leave out --from "
        "to go on from it"));
  }
  const auto then = AnchorFile::Open(backup.anchors_at_backup());
  if (!then.ok()) return then.status();
  if (absl::Status later = CheckAnchorsAreLater(kept, **then); !later.ok()) {
    return later;
  }
  if (!std::filesystem::exists(folder.key_file())) {
    const auto key = ReadFile(backup.key_file(), kMaxKeyFileBytes);
    if (!key.ok()) return key.status();
    if (absl::Status put = WriteDurably(folder.key_file(), *key); !put.ok()) {
      return put;
    }
  }
  const auto database =
      Database::Open(backup.database(), Database::Mode::kReadOnly);
  if (!database.ok()) return database.status();
  return (*database)->CopyTo(folder.database());
}

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

// Whether an act has left rows in the database that a restore lacks.
bool LeavesRows(policy::EntryKind kind) {
  switch (kind) {
    case policy::EntryKind::kStageExpired:
    case policy::EntryKind::kBrokerStarted:
    case policy::EntryKind::kBrokerStopped:
    case policy::EntryKind::kLedgerRead:
    case policy::EntryKind::kLedgerExported:
    case policy::EntryKind::kRefusedLogin:
    case policy::EntryKind::kRefusedCall:
      return false;
    default:
      return true;
  }
}

// Revokes again what `entry` says was revoked; counts any other act.
absl::Status Redo(Transaction& transaction, const std::string& line,
                  RestoreReport* report) {
  const auto entry = policy::ParseEntry(line);
  if (!entry.ok() || entry->outcome != policy::Outcome::kAllow) {
    return absl::OkStatus();
  }
  if (entry->kind != policy::EntryKind::kCertificateRevoked) {
    if (LeavesRows(entry->kind)) {
      ++report->lost_acts[std::string(policy::EntryKindName(entry->kind))];
    }
    return absl::OkStatus();
  }
  const auto actor = certs::Identity::Parse(entry->actor);
  if (!actor.ok()) return absl::DataLossError(actor.status().message());
  const auto reason = entry->detail.find("reason");
  return AgenciesTable(transaction)
      .Revoke({entry->subject, actor->agency,
               reason == entry->detail.end() ? "" : reason->second,
               entry->actor, entry->time})
      .status();
}

// The longest mirror of a ledger; null if there is none.
const MirrorFolder* Longest(const std::vector<MirrorFolder>& mirrors,
                            const std::string& origin) {
  const MirrorFolder* found = nullptr;
  for (const MirrorFolder& mirror : mirrors) {
    if (mirror.origin() != origin) continue;
    if (found == nullptr || found->size() < mirror.size()) found = &mirror;
  }
  return found;
}

absl::Status RestoreLedger(Transaction& transaction, const LedgerLog& ledgers,
                           const Anchor& anchor,
                           const std::vector<MirrorFolder>& mirrors,
                           RestoreReport* report) {
  const std::string id = IdOf(anchor.origin);
  const auto head = ledgers.Head(transaction, id);
  if (!head.ok() && !absl::IsNotFound(head.status())) return head.status();
  const uint64_t size = head.ok() ? head->size : 0;
  if (size >= anchor.size) return absl::OkStatus();
  const MirrorFolder* mirror = Longest(mirrors, anchor.origin);
  if (mirror == nullptr || mirror->size() < anchor.size) {
    report->missing[id] = absl::StrCat(
        "entries ", size, " to ", anchor.size - 1, ": ",
        mirror == nullptr
            ? std::string("no mirror of it was given")
            : absl::StrCat(mirror->path(), " ends at ", mirror->size()));
    return absl::OkStatus();
  }
  const auto entries = mirror->Entries(size, anchor.size);
  if (!entries.ok()) return entries.status();
  if (absl::Status put =
          RestoreEntries(transaction, ledgers, id, anchor, *entries);
      !put.ok()) {
    return absl::Status(put.code(),
                        absl::StrCat(mirror->path(), ": ", put.message()));
  }
  for (const std::string& line : *entries) {
    if (absl::Status redone = Redo(transaction, line, report); !redone.ok()) {
      return redone;
    }
  }
  report->restored[id] = entries->size();
  return absl::OkStatus();
}

// The log under the broker's own key and name.
absl::StatusOr<std::unique_ptr<LedgerLog>> OpenLog(
    SqliteStore& store, const WrappingKey& wrapping) {
  std::unique_ptr<LedgerLog> log;
  const absl::Status read =
      store.Read([&](Transaction& transaction) -> absl::Status {
        const auto name = NameOf(transaction);
        if (!name.ok()) return name.status();
        auto key = LoadLedgerKey(transaction, wrapping);
        if (!key.ok()) return key.status();
        log = std::make_unique<LedgerLog>(*name, *std::move(key));
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  return log;
}

}  // namespace

absl::StatusOr<RestoreReport> Restore(const RestoreRequest& request,
                                      const crypto::Secret& passphrase,
                                      const Clock& clock) {
  const absl::StatusOr<DataFolder> folder = DataFolder::Open(request.data);
  if (!folder.ok()) return folder.status();
  const auto anchors = AnchorFile::Open(folder->anchors());
  if (absl::IsNotFound(anchors.status())) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder->anchors(),
        " is missing, so what was signed after the backup is not known. Put "
        "back the broker's own file. Going on without it needs a new ledger "
        "<id>.<n+1> that names the last known checkpoint of each, which this "
        "version does not build"));
  }
  if (!anchors.ok()) return anchors.status();
  std::vector<MirrorFolder> mirrors;
  for (const std::string& path : request.mirrors) {
    auto mirror = MirrorFolder::Open(path);
    if (!mirror.ok()) return mirror.status();
    mirrors.push_back(*std::move(mirror));
  }
  if (!request.backup.empty()) {
    const absl::Status put =
        PutBack(*folder, DataFolderFiles(request.backup), **anchors);
    if (!put.ok()) return put;
  } else if (!std::filesystem::exists(folder->database())) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder->database(), " is missing; name a backup with --from"));
  }
  const auto wrapping = KeyFile::Open(folder->key_file(), passphrase);
  if (!wrapping.ok()) return wrapping.status();
  auto store = SqliteStore::Open(folder->database(), 1);
  if (!store.ok()) return store.status();
  const auto ledgers = OpenLog(**store, *wrapping);
  if (!ledgers.ok()) return ledgers.status();
  RestoreReport report;
  const absl::Status written = (*store)->Write(
      [&](Transaction& transaction) -> absl::Status {
        for (const auto& [origin, anchor] : (*anchors)->all()) {
          const absl::Status done =
              RestoreLedger(transaction, **ledgers, anchor, mirrors, &report);
          if (!done.ok()) return done;
        }
        return QuotaTable(transaction).Exhaust(clock.Now());
      },
      // The anchors said all this before.
      [] { return absl::OkStatus(); });
  if (!written.ok()) return written;
  return report;
}

}  // namespace entente::broker
