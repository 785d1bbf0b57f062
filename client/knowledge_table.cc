#include "client/knowledge_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/encoding.h"
#include "policy/ledger_part.h"

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

absl::StatusOr<crypto::Hash> ReadRoot(const crypto::Bytes& bytes) {
  crypto::Hash root = {};
  if (bytes.size() != root.size()) {
    return absl::DataLossError("local store: a checkpoint is damaged");
  }
  std::copy(bytes.begin(), bytes.end(), root.begin());
  return root;
}

// The first row of `query`: name of the part, size, root, note.
absl::StatusOr<std::optional<KeptCheckpoint>> ReadCheckpoint(Statement& query) {
  const absl::StatusOr<bool> found = query.Step();
  if (!found.ok()) return found.status();
  if (!*found) return std::nullopt;
  const auto part = policy::ParsePartName(query.ColumnText(0));
  if (!part.ok()) return absl::DataLossError(part.status().message());
  const absl::StatusOr<crypto::Hash> root = ReadRoot(query.ColumnBlob(2));
  if (!root.ok()) return root.status();
  KeptCheckpoint kept;
  kept.size = static_cast<uint64_t>(query.ColumnInt(1));
  kept.root = *root;
  kept.note = query.ColumnText(3);
  kept.part = part->part;
  return kept;
}

}  // namespace

absl::Status KnowledgeTable::Put(absl::string_view ledger,
                                 const KeptCheckpoint& checkpoint) {
  return database_.Query("INSERT OR REPLACE INTO checkpoint VALUES (?,?,?,?)")
      .Text(policy::PartName(ledger, checkpoint.part))
      .Int(static_cast<int64_t>(checkpoint.size))
      .Blob(checkpoint.root)
      .Blob(crypto::AsBytes(checkpoint.note))
      .Run();
}

absl::Status KnowledgeTable::KeepCheckpoint(absl::string_view ledger,
                                            const KeptCheckpoint& checkpoint) {
  absl::StatusOr<Transaction> transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  const auto newest = Checkpoint(ledger);
  if (!newest.ok()) return newest.status();
  const auto kept = CheckpointOf(ledger, checkpoint.part);
  if (!kept.ok()) return kept.status();
  if (kept->has_value()) {
    if ((*kept)->size > checkpoint.size) return absl::OkStatus();
    if ((*kept)->size == checkpoint.size && (*kept)->root != checkpoint.root) {
      return absl::DataLossError(
          absl::StrCat("the ledger ", ledger, " has two roots at size ",
                       checkpoint.size, ": it was forked"));
    }
    if ((*kept)->size < checkpoint.size && (*newest)->part > checkpoint.part) {
      return absl::DataLossError(
          absl::StrCat("the ledger ", policy::PartName(ledger, checkpoint.part),
                       " was closed at size ", (*kept)->size, " and has ",
                       checkpoint.size, " entries"));
    }
  }
  if (absl::Status put = Put(ledger, checkpoint); !put.ok()) return put;
  return transaction->Commit();
}

absl::StatusOr<std::optional<KeptCheckpoint>> KnowledgeTable::Checkpoint(
    absl::string_view ledger) {
  // `/` follows `.` in ASCII: these are the ledger's parts.
  Statement query = database_.Query(
      "SELECT ledger, size, root, note FROM checkpoint WHERE ledger = ?"
      " OR (ledger > ? AND ledger < ?)"
      " ORDER BY length(ledger) DESC, ledger DESC LIMIT 1");
  return ReadCheckpoint(query.Text(ledger)
                            .Text(absl::StrCat(ledger, "."))
                            .Text(absl::StrCat(ledger, "/")));
}

absl::StatusOr<std::optional<KeptCheckpoint>> KnowledgeTable::CheckpointOf(
    absl::string_view ledger, uint32_t part) {
  Statement query = database_.Query(
      "SELECT ledger, size, root, note FROM checkpoint WHERE ledger = ?");
  return ReadCheckpoint(query.Text(policy::PartName(ledger, part)));
}

absl::Status KnowledgeTable::CheckStill(absl::string_view ledger,
                                        const KeptCheckpoint& seen) {
  const auto now = Checkpoint(ledger);
  if (!now.ok()) return now.status();
  const bool same = now->has_value() ? (*now)->part == seen.part &&
                                           (*now)->size == seen.size &&
                                           (*now)->root == seen.root
                                     : seen.part == 0 && seen.size == 0;
  if (same) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("another process of this profile has seen more of the "
                   "ledger ",
                   ledger, "; try again"));
}

absl::Status KnowledgeTable::KeepContinuation(
    absl::string_view ledger, const KeptCheckpoint& seen,
    absl::Span<const KeptCheckpoint> parts) {
  absl::StatusOr<Transaction> transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  if (absl::Status still = CheckStill(ledger, seen); !still.ok()) return still;
  for (const KeptCheckpoint& part : parts) {
    if (absl::Status put = Put(ledger, part); !put.ok()) return put;
  }
  return transaction->Commit();
}

absl::Status KnowledgeTable::PutLost(absl::string_view ledger,
                                     const KeptCheckpoint& from,
                                     absl::string_view first_entry,
                                     absl::Time now) {
  for (uint32_t part = from.part;; ++part) {
    const auto newest = Checkpoint(ledger);
    if (!newest.ok()) return newest.status();
    if (!newest->has_value() || (*newest)->part < part) return absl::OkStatus();
    const auto kept = CheckpointOf(ledger, part);
    if (!kept.ok()) return kept.status();
    if (!kept->has_value()) continue;
    // It is vouched for as it was seen.
    if (part == from.part && (*kept)->size == from.size &&
        (*kept)->root == from.root) {
      continue;
    }
    const std::string name = policy::PartName(ledger, part);
    absl::Status put =
        database_.Query("INSERT INTO lost_view VALUES (NULL,?,?,?,?,?,?,?)")
            .Text(ledger)
            .Int(part)
            .Int(static_cast<int64_t>((*kept)->size))
            .Blob((*kept)->root)
            .Blob(crypto::AsBytes((*kept)->note))
            .Blob(crypto::AsBytes(first_entry))
            .Int(absl::ToUnixMillis(now))
            .Run();
    if (put.ok()) {
      put = database_.Query("DELETE FROM checkpoint WHERE ledger = ?")
                .Text(name)
                .Run();
    }
    if (!put.ok()) return put;
  }
}

absl::Status KnowledgeTable::AcceptContinuation(
    absl::string_view ledger, const KeptCheckpoint& seen,
    absl::Span<const KeptCheckpoint> parts, absl::string_view first_entry,
    absl::Time now) {
  if (parts.empty()) return absl::InvalidArgumentError("no part to go on in");
  absl::StatusOr<Transaction> transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  if (absl::Status still = CheckStill(ledger, seen); !still.ok()) return still;
  if (absl::Status lost = PutLost(ledger, parts.front(), first_entry, now);
      !lost.ok()) {
    return lost;
  }
  for (const KeptCheckpoint& part : parts) {
    if (absl::Status put = Put(ledger, part); !put.ok()) return put;
  }
  return transaction->Commit();
}

absl::StatusOr<std::vector<LostView>> KnowledgeTable::LostViews(
    absl::string_view ledger) {
  Statement query = database_.Query(
      "SELECT size, root, note, part, first_entry, accepted_ms FROM lost_view"
      " WHERE ledger = ? ORDER BY id");
  query.Text(ledger);
  std::vector<LostView> views;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return views;
    LostView view;
    view.seen.size = static_cast<uint64_t>(query.ColumnInt(0));
    const absl::StatusOr<crypto::Hash> root = ReadRoot(query.ColumnBlob(1));
    if (!root.ok()) return root.status();
    view.seen.root = *root;
    view.seen.note = query.ColumnText(2);
    view.seen.part = static_cast<uint32_t>(query.ColumnInt(3));
    view.first_entry = query.ColumnText(4);
    view.accepted = absl::FromUnixMillis(query.ColumnInt(5));
    views.push_back(std::move(view));
  }
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
