#include "broker/ledger/ledger_check.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/ledger/ledger_tree.h"
#include "broker/ledger/tree_hash.h"
#include "broker/store/ledger_table.h"

namespace entente::broker {
namespace {

using crypto::Bytes;
using crypto::Hash;

constexpr uint64_t kEntriesAtOnce = 256;

// Builds the tiles anew and compares each with the stored one.
class TileComparer {
 public:
  TileComparer(LedgerTable* table, absl::string_view id)
      : table_(*table), id_(id), levels_(kTileLevels) {}

  absl::Status Add(uint32_t level, const Hash& hash) {
    Level& at = levels_[level];
    at.hashes.insert(at.hashes.end(), hash.begin(), hash.end());
    if (at.hashes.size() < kTileWidth * hash.size()) return absl::OkStatus();
    if (absl::Status same = Compare(level); !same.ok()) return same;
    const Hash root = FullTileRoot(at.hashes);
    at.hashes.clear();
    ++at.tile;
    return Add(level + 1, root);
  }

  // Compares the partial tiles, and that there are no others.
  absl::Status Finish() {
    uint64_t expected = 0;
    for (uint32_t level = 0; level < kTileLevels; ++level) {
      expected += levels_[level].tile;
      if (levels_[level].hashes.empty()) continue;
      ++expected;
      if (absl::Status same = Compare(level); !same.ok()) return same;
    }
    const absl::StatusOr<uint64_t> tiles = table_.CountTiles(id_);
    if (!tiles.ok()) return tiles.status();
    if (*tiles == expected) return absl::OkStatus();
    return absl::DataLossError(
        absl::StrCat("there are ", *tiles, " tiles and not ", expected));
  }

 private:
  struct Level {
    Bytes hashes;
    uint64_t tile = 0;
  };

  absl::Status Compare(uint32_t level) {
    const Level& at = levels_[level];
    const absl::StatusOr<Bytes> stored = table_.GetTile(id_, level, at.tile);
    if (!stored.ok()) return stored.status();
    if (*stored == at.hashes) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat("tile ", level, "/", at.tile,
                                            " does not match the entries"));
  }

  LedgerTable& table_;
  const absl::string_view id_;
  std::vector<Level> levels_;
};

absl::Status CheckTiles(LedgerTable& table, const LedgerRow& row) {
  TileComparer comparer(&table, row.id);
  for (uint64_t at = 0; at < row.size; at += kEntriesAtOnce) {
    const absl::StatusOr<std::vector<std::string>> entries =
        table.GetEntries(row.id, at, std::min(at + kEntriesAtOnce, row.size));
    if (!entries.ok()) return entries.status();
    for (const std::string& entry : *entries) {
      if (absl::Status same = comparer.Add(0, LeafHash(entry)); !same.ok()) {
        return same;
      }
    }
  }
  return comparer.Finish();
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
  const absl::StatusOr<Hash> root = LedgerTree(&table, row.id).Root(row.size);
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
  const absl::StatusOr<Hash> root =
      LedgerTree(&table, row.id).Root(anchor.size);
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
      "; put back the latest database and anchors of this broker, or restore "
      "the missing entries from a party's mirror");
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
    absl::Status matches = CheckTiles(table, row);
    const absl::StatusOr<SignedHead> head =
        matches.ok() ? CheckHead(transaction, table, row, *ledgers)
                     : absl::StatusOr<SignedHead>(matches);
    matches = head.status();
    const absl::optional<Anchor> anchor = anchors->Find(row.origin);
    if (matches.ok() && anchor.has_value()) {
      matches = CheckAnchor(table, row, *head, *anchor);
    }
    if (absl::IsUnavailable(matches) || absl::IsResourceExhausted(matches)) {
      return matches;
    }
    if (!matches.ok()) {
      ledgers->Refuse(row.id, Refusal(row.id, matches.message()));
    } else if (!anchor.has_value() || anchor->size < head->size) {
      forward.push_back({row.origin, head->size, head->root});
    }
  }
  for (const auto& [origin, anchor] : anchors->all()) {
    const std::string id = origin.substr(origin.rfind('/') + 1);
    if (origins.contains(origin) || ledgers->refused().contains(id)) continue;
    ledgers->Refuse(
        id, Refusal(id, absl::StrCat("the database does not have it, and ",
                                     anchor.size, " entries were signed")));
  }
  return anchors->Record(forward);
}

}  // namespace entente::broker
