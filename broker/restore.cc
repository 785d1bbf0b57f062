#include "broker/restore.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/durable_file.h"
#include "broker/ledger/anchor_file.h"
#include "broker/ledger/mirror_folder.h"
#include "broker/ledgers_at_rest.h"
#include "broker/restore_ledgers.h"
#include "broker/store/data_folder.h"
#include "broker/store/quota_table.h"

namespace entente::broker {
namespace {

constexpr size_t kMaxKeyFileBytes = 64 << 10;

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

// Puts the files of the backup where they belong. `kept` is null if the folder
// has no anchors; `known` then gets those of the backup.
absl::Status PutBack(const DataFolder& folder, const DataFolderFiles& backup,
                     const AnchorFile* kept, Anchors* known) {
  if (std::filesystem::exists(folder.database())) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder.database(),
        " is there; move it away with its -wal and -shm, or leave out --from "
        "to go on from it"));
  }
  const auto then = AnchorFile::Open(backup.anchors_at_backup());
  if (!then.ok()) return then.status();
  if (kept == nullptr) {
    *known = (*then)->all();
  } else if (absl::Status later = CheckAnchorsAreLater(*kept, **then);
             !later.ok()) {
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

// The anchors of the folder; null if they are gone and are given up.
absl::StatusOr<std::unique_ptr<AnchorFile>> OpenKept(const DataFolder& folder,
                                                     bool new_ledgers) {
  auto anchors = AnchorFile::Open(folder.anchors());
  if (!absl::IsNotFound(anchors.status())) return anchors;
  if (new_ledgers) return nullptr;
  return absl::FailedPreconditionError(absl::StrCat(
      folder.anchors(),
      " is missing, so what was signed after the backup is not known. Put back "
      "the broker's own file. If it is lost, --new-ledgers goes on without it: "
      "every ledger gets a new part, and every party that has seen more than "
      "is there is told so"));
}

absl::StatusOr<std::vector<MirrorFolder>> OpenMirrors(
    const std::vector<std::string>& paths) {
  std::vector<MirrorFolder> mirrors;
  for (const std::string& path : paths) {
    auto mirror = MirrorFolder::Open(path);
    if (!mirror.ok()) return mirror.status();
    mirrors.push_back(*std::move(mirror));
  }
  return mirrors;
}

}  // namespace

absl::StatusOr<RestoreReport> Restore(const RestoreRequest& request,
                                      const crypto::Secret& passphrase,
                                      const Clock& clock) {
  const absl::StatusOr<DataFolder> folder = DataFolder::Open(request.data);
  if (!folder.ok()) return folder.status();
  const auto kept = OpenKept(*folder, request.new_ledgers);
  if (!kept.ok()) return kept.status();
  const auto mirrors = OpenMirrors(request.mirrors);
  if (!mirrors.ok()) return mirrors.status();
  Anchors known;
  if (*kept != nullptr) known = (*kept)->all();
  if (!request.backup.empty()) {
    const absl::Status put =
        PutBack(*folder, DataFolderFiles(request.backup), kept->get(), &known);
    if (!put.ok()) return put;
  } else if (!std::filesystem::exists(folder->database())) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder->database(), " is missing; name a backup with --from"));
  }
  const auto ledgers = OpenLedgersAtRest(*folder, passphrase);
  if (!ledgers.ok()) return ledgers.status();
  const LedgerLog& log = *ledgers->log;
  if (*kept == nullptr) {
    const absl::Status added = AddSignedOf(log, *mirrors, &known);
    if (!added.ok()) return added;
  }
  RestoreReport report;
  Anchors heads;
  const absl::Status written = ledgers->store->Write(
      [&](Transaction& transaction) -> absl::Status {
        absl::Status done =
            RestoreParts(transaction, log, known, *mirrors, &report);
        if (done.ok() && request.new_ledgers) {
          done =
              OpenNextParts(transaction, log, known,
                            /*of_all=*/*kept == nullptr, clock.Now(), &report);
        }
        if (!done.ok()) return done;
        auto now = HeadsOf(transaction, log);
        if (!now.ok()) return now.status();
        heads = *std::move(now);
        return QuotaTable(transaction).Exhaust(clock.Now());
      },
      [&]() -> absl::Status {
        // What was given up is no longer waited for; without new ledgers the
        // anchors said all this before.
        if (!request.new_ledgers) return absl::OkStatus();
        return AnchorFile::Write(folder->anchors(), heads).status();
      });
  if (!written.ok()) return written;
  return report;
}

}  // namespace entente::broker
