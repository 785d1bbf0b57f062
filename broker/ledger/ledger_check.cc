#include "broker/ledger/ledger_check.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/ledger/stored_tiles.h"
#include "broker/store/ledger_table.h"
#include "crypto/merkle.h"
#include "crypto/tile.h"
#include "crypto/tile_tree.h"

namespace entente::broker {
namespace {

using crypto::Hash;

constexpr uint64_t kEntriesAtOnce = 1024;

// The ledger of a part.
std::string LedgerOf(absl::string_view id) {
  return std::string(id.substr(0, id.find('.')));
}

// Builds the tiles anew from the entries [begin, end), and compares each with
// the beginning of the stored one.
absl::Status CheckTilesOf(LedgerTable& table, absl::string_view id,
                          uint64_t begin, uint64_t end) {
  const absl::StatusOr<std::vector<std::string>> entries =
      table.GetEntries(id, begin, end);
  if (!entries.ok()) return entries.status();
  std::vector<Hash> leaves;
  for (const std::string& entry : *entries) {
    leaves.push_back(crypto::LeafHash(absl::string_view(entry)));
  }
  const crypto::TileReader stored = StoredTiles(&table, id);
  const absl::StatusOr<std::vector<crypto::Tile>> tiles =
      crypto::AppendToTiles(begin, leaves, stored);
  if (!tiles.ok()) return tiles.status();
  for (const crypto::Tile& tile : *tiles) {
    const absl::StatusOr<crypto::Bytes> found = stored(tile.id);
    if (!found.ok()) return found.status();
    if (*found != tile.hashes) {
      return absl::DataLossError(absl::StrCat(crypto::TilePath(tile.id),
                                              " does not match the entries"));
    }
  }
  return absl::OkStatus();
}

// All tiles, each whole, and no others.
absl::Status CheckTiles(LedgerTable& table, const LedgerRow& row) {
  for (uint64_t at = 0; at < row.size; at += kEntriesAtOnce) {
    const absl::Status same = CheckTilesOf(
        table, row.id, at, std::min(at + kEntriesAtOnce, row.size));
    if (!same.ok()) return same;
  }
  uint64_t hashes = 0;
  for (uint32_t level = 0; level < crypto::kTileLevels; ++level) {
    hashes += crypto::TileHashes(level, row.size);
  }
  const absl::StatusOr<uint64_t> stored = table.CountHashBytes(row.id);
  if (!stored.ok()) return stored.status();
  if (*stored != hashes * sizeof(Hash)) {
    return absl::DataLossError(absl::StrCat(
        "its tiles have ", *stored, " bytes and not ", hashes * sizeof(Hash)));
  }
  return absl::OkStatus();
}

// Against what the database itself says that we signed.
absl::StatusOr<SignedHead> CheckHead(Transaction& transaction,
                                     LedgerTable& table, const LedgerRow& row,
                                     const LedgerLog& ledgers) {
  if (row.origin != ledgers.Origin(row.id)) {
    return absl::DataLossError(
        absl::StrCat("it was opened as ", row.origin,
                     ": give the broker the name that begins it"));
  }
  if (row.signed_size != row.size) {
    return absl::DataLossError(absl::StrCat(
        "it has ", row.size, " entries and ", row.signed_size, " are signed"));
  }
  const absl::StatusOr<uint64_t> entries = table.CountEntries(row.id);
  if (!entries.ok()) return entries.status();
  if (*entries != row.size) {
    return absl::DataLossError(absl::StrCat(
        *entries, " entries are stored and ", row.size, " signed"));
  }
  const absl::StatusOr<SignedHead> head = ledgers.Head(transaction, row.id);
  if (!head.ok()) return head.status();
  const absl::StatusOr<Hash> root = StoredRoot(&table, row.id, row.size);
  if (!root.ok()) return root.status();
  if (*root != head->root) {
    return absl::DataLossError("its entries do not lead to the signed root");
  }
  if (absl::Status ours = ledgers.VerifyCheckpoint(row.id, *head); !ours.ok()) {
    return ours;
  }
  return head;
}

// Against what is known outside the database.
absl::Status CheckAnchor(LedgerTable& table, const LedgerRow& row,
                         const SignedHead& head, const Anchor& anchor) {
  if (anchor.size > head.size) {
    return absl::DataLossError(absl::StrCat("the database holds ", head.size,
                                            " entries and ", anchor.size,
                                            " were signed: it is an old copy"));
  }
  const absl::StatusOr<Hash> root = StoredRoot(&table, row.id, anchor.size);
  if (!root.ok()) return root.status();
  if (*root != anchor.root) {
    return absl::DataLossError(absl::StrCat(
        "its first ", anchor.size, " entries are not those that were signed"));
  }
  return absl::OkStatus();
}

std::string Refusal(absl::string_view id, absl::string_view found) {
  return absl::StrCat(
      "ledger ", id, " is not served: ", found,
      "; put back the latest database and anchors of this broker, or fetch the "
      "missing entries back from a party's mirror: entente-broker restore "
      "--data DIR --mirror MIRROR. If no mirror has them, entente-broker "
      "restore --data DIR --new-ledgers gives them up and goes on in a new "
      "part of the ledger, which every party is told");
}

// All of one row.
absl::Status CheckRow(Transaction& transaction, LedgerTable& table,
                      const LedgerRow& row, const LedgerLog& ledgers,
                      const absl::optional<Anchor>& anchor,
                      std::vector<Anchor>* forward) {
  if (absl::Status tiles = CheckTiles(table, row); !tiles.ok()) return tiles;
  const absl::StatusOr<SignedHead> head =
      CheckHead(transaction, table, row, ledgers);
  if (!head.ok()) return head.status();
  if (anchor.has_value()) {
    const absl::Status same = CheckAnchor(table, row, *head, *anchor);
    if (!same.ok()) return same;
  }
  if (row.id != LedgerOf(row.id)) {
    const absl::Status continues = ledgers.CheckContinues(transaction, row.id);
    if (!continues.ok()) return continues;
  }
  if (!anchor.has_value() || anchor->size < head->size) {
    forward->push_back({row.origin, head->size, head->root});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckLedgers(Transaction& transaction, LedgerLog* ledgers,
                          AnchorFile* anchors) {
  LedgerTable table(transaction);
  const absl::StatusOr<std::vector<LedgerRow>> rows = table.List();
  if (!rows.ok()) return rows.status();
  std::set<std::string> origins;
  std::vector<Anchor> forward;
  for (const LedgerRow& row : *rows) {
    origins.insert(row.origin);
    if (ledgers->refused().contains(LedgerOf(row.id))) continue;
    const absl::Status matches = CheckRow(transaction, table, row, *ledgers,
                                          anchors->Find(row.origin), &forward);
    if (absl::IsUnavailable(matches) || absl::IsResourceExhausted(matches)) {
      return matches;
    }
    if (!matches.ok()) {
      ledgers->Refuse(LedgerOf(row.id), Refusal(row.id, matches.message()));
    }
  }
  for (const auto& [origin, anchor] : anchors->all()) {
    const std::string id = origin.substr(origin.rfind('/') + 1);
    const std::string ledger = LedgerOf(id);
    if (origins.contains(origin) || ledgers->refused().contains(ledger)) {
      continue;
    }
    ledgers->Refuse(
        ledger, Refusal(id, absl::StrCat("the database does not have it, and ",
                                         anchor.size, " entries were signed")));
  }
  return anchors->Record(forward);
}

}  // namespace entente::broker
