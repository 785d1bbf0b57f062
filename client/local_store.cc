#include "client/local_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/store_schema.h"

namespace entente::client {
namespace {

constexpr absl::string_view kProbe = "entente local store";

}  // namespace

LocalStore::LocalStore(std::unique_ptr<Database> database, RowSealer sealer)
    : database_(std::move(database)),
      sealer_(std::move(sealer)),
      pseudonyms_(database_.get(), &sealer_),
      knowledge_(database_.get(), &sealer_),
      exchange_(database_.get()) {}

absl::StatusOr<std::unique_ptr<LocalStore>> LocalStore::Open(
    const Profile& profile) {
  const absl::StatusOr<crypto::Secret> key = profile.TableKey();
  if (!key.ok()) return key.status();
  return Open(profile.Path("store.db"), *key);
}

absl::StatusOr<std::unique_ptr<LocalStore>> LocalStore::Open(
    const std::string& path, const crypto::Secret& table_key) {
  absl::StatusOr<RowSealer> sealer = RowSealer::Create(table_key);
  if (!sealer.ok()) return sealer.status();
  absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(path);
  if (!database.ok()) return database.status();
  std::unique_ptr<LocalStore> store(
      new LocalStore(*std::move(database), *std::move(sealer)));
  if (absl::Status prepared = store->Prepare(); !prepared.ok()) return prepared;
  return store;
}

absl::Status LocalStore::Prepare() {
  absl::StatusOr<Transaction> transaction = Transaction::Begin(database_.get());
  if (!transaction.ok()) return transaction.status();
  Statement version = database_->Query("PRAGMA user_version");
  const absl::StatusOr<bool> found = version.Step();
  if (!found.ok()) return found.status();
  if (const int64_t had = version.ColumnInt(0); had == 0) {
    absl::Status made = database_->Execute(kStoreSchema);
    if (made.ok()) made = database_->Execute(kStoreFrom2);
    if (!made.ok()) return made;
    if (absl::Status put = database_->Query("INSERT INTO probe VALUES (1, ?)")
                               .Blob(sealer_.Seal(crypto::AsBytes(kProbe), {}))
                               .Run();
        !put.ok()) {
      return put;
    }
  } else if (had == 2) {
    if (absl::Status made = database_->Execute(kStoreFrom2); !made.ok()) {
      return made;
    }
  } else if (had != kStoreVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the local store has version ", had, " and this program reads ",
        kStoreVersion, "; use the program that wrote it"));
  }
  {
    Statement probe = database_->Query("SELECT sealed FROM probe");
    const absl::StatusOr<bool> row = probe.Step();
    if (!row.ok()) return row.status();
    const absl::StatusOr<crypto::Bytes> opened =
        sealer_.Open(crypto::AsBytes(kProbe), probe.ColumnBlob(0));
    if (!opened.ok()) return opened.status();
  }
  return transaction->Commit();
}

}  // namespace entente::client
