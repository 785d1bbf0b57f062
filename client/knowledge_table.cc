#include "client/knowledge_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/encoding.h"

namespace entente::client {
namespace {

absl::StatusOr<crypto::Bytes> PepperRow(absl::string_view agreement,
                                        uint32_t generation) {
  return crypto::ByteWriter()
      .Raw("pepper")
      .Lp(agreement)
      .U32(generation)
      .Finish();
}

absl::StatusOr<std::optional<crypto::Bytes>> OneBlob(Statement query) {
  const absl::StatusOr<bool> found = query.Step();
  if (!found.ok()) return found.status();
  if (!*found) return std::nullopt;
  return query.ColumnBlob(0);
}

}  // namespace

absl::Status KnowledgeTable::KeepCheckpoint(absl::string_view ledger,
                                            const KeptCheckpoint& checkpoint) {
  absl::StatusOr<Transaction> transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  const absl::StatusOr<std::optional<KeptCheckpoint>> kept = Checkpoint(ledger);
  if (!kept.ok()) return kept.status();
  if (kept->has_value()) {
    if ((*kept)->size > checkpoint.size) return absl::OkStatus();
    if ((*kept)->size == checkpoint.size && (*kept)->root != checkpoint.root) {
      return absl::DataLossError(
          absl::StrCat("the ledger ", ledger, " has two roots at size ",
                       checkpoint.size, ": it was forked"));
    }
  }
  if (absl::Status put =
          database_.Query("INSERT OR REPLACE INTO checkpoint VALUES (?,?,?,?)")
              .Text(ledger)
              .Int(static_cast<int64_t>(checkpoint.size))
              .Blob(checkpoint.root)
              .Blob(crypto::AsBytes(checkpoint.note))
              .Run();
      !put.ok()) {
    return put;
  }
  return transaction->Commit();
}

absl::StatusOr<std::optional<KeptCheckpoint>> KnowledgeTable::Checkpoint(
    absl::string_view ledger) {
  Statement query =
      database_.Query("SELECT size, root, note FROM checkpoint WHERE ledger=?");
  const absl::StatusOr<bool> found = query.Text(ledger).Step();
  if (!found.ok()) return found.status();
  if (!*found) return std::nullopt;
  KeptCheckpoint kept;
  kept.size = static_cast<uint64_t>(query.ColumnInt(0));
  const crypto::Bytes root = query.ColumnBlob(1);
  if (root.size() != kept.root.size()) {
    return absl::DataLossError("local store: a checkpoint is damaged");
  }
  std::copy(root.begin(), root.end(), kept.root.begin());
  kept.note = query.ColumnText(2);
  return kept;
}

absl::Status KnowledgeTable::PinManifest(absl::string_view agreement,
                                         absl::Span<const uint8_t> content) {
  absl::StatusOr<Transaction> transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  if (absl::Status unpinned =
          database_.Query("UPDATE manifest SET pinned = 0 WHERE agreement = ?")
              .Text(agreement)
              .Run();
      !unpinned.ok()) {
    return unpinned;
  }
  if (absl::Status put =
          database_.Query("INSERT OR REPLACE INTO manifest VALUES (?,?,?,1)")
              .Text(agreement)
              .Blob(crypto::Sha256(content))
              .Blob(content)
              .Run();
      !put.ok()) {
    return put;
  }
  return transaction->Commit();
}

absl::StatusOr<std::optional<crypto::Bytes>> KnowledgeTable::PinnedManifest(
    absl::string_view agreement) {
  Statement query = database_.Query(
      "SELECT content FROM manifest WHERE agreement = ? AND pinned = 1");
  query.Text(agreement);
  return OneBlob(std::move(query));
}

absl::StatusOr<std::optional<crypto::Bytes>> KnowledgeTable::ManifestOf(
    absl::string_view agreement, const crypto::Hash& digest) {
  Statement query = database_.Query(
      "SELECT content FROM manifest WHERE agreement = ? AND digest = ?");
  query.Text(agreement).Blob(digest);
  return OneBlob(std::move(query));
}

absl::Status KnowledgeTable::KeepPepper(absl::string_view agreement,
                                        uint32_t generation,
                                        const crypto::Secret& pepper) {
  const absl::StatusOr<crypto::Bytes> row = PepperRow(agreement, generation);
  if (!row.ok()) return row.status();
  const absl::Status put = database_.Query("INSERT INTO pepper VALUES (?,?,?)")
                               .Text(agreement)
                               .Int(generation)
                               .Blob(sealer_.Seal(*row, pepper.Expose()))
                               .Run();
  if (!absl::IsAlreadyExists(put)) return put;
  const absl::StatusOr<crypto::Secret> kept = Pepper(agreement, generation);
  if (!kept.ok()) return kept.status();
  if (kept->size() == pepper.size() &&
      sodium_memcmp(kept->Expose().data(), pepper.Expose().data(),
                    pepper.size()) == 0) {
    return absl::OkStatus();
  }
  return absl::AlreadyExistsError(absl::StrCat(
      "another pepper is kept for ", agreement, ", generation ", generation));
}

absl::StatusOr<crypto::Secret> KnowledgeTable::Pepper(
    absl::string_view agreement, uint32_t generation) {
  const absl::StatusOr<crypto::Bytes> row = PepperRow(agreement, generation);
  if (!row.ok()) return row.status();
  Statement query = database_.Query(
      "SELECT sealed FROM pepper WHERE agreement = ? AND generation = ?");
  query.Text(agreement).Int(generation);
  const absl::StatusOr<std::optional<crypto::Bytes>> sealed =
      OneBlob(std::move(query));
  if (!sealed.ok()) return sealed.status();
  if (!sealed->has_value()) {
    return absl::NotFoundError(absl::StrCat("no pepper yet for ", agreement,
                                            ", generation ", generation));
  }
  return sealer_.OpenSecret(*row, **sealed);
}

}  // namespace entente::client
