#include "broker/ledger/ledger_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/ledger/ledger_tree.h"
#include "broker/ledger/tree_hash.h"
#include "broker/store/ledger_table.h"
#include "crypto/encoding.h"
#include "policy/ledger_entry.h"

namespace entente::broker {
namespace {

using crypto::Bytes;
using crypto::Hash;

constexpr size_t kHashBytes = 32;
// Ed25519 in signed notes: the type, then the key.
Bytes KeyData(absl::Span<const uint8_t> public_key) {
  Bytes data = {0x01};
  crypto::AppendRaw(&data, public_key);
  return data;
}

Bytes KeyId(absl::string_view name, absl::Span<const uint8_t> public_key) {
  Bytes message;
  crypto::AppendRaw(&message, name);
  crypto::AppendU8(&message, '\n');
  crypto::AppendRaw(&message, KeyData(public_key));
  const Hash hash = crypto::Sha256(message);
  return {hash.begin(), hash.begin() + 4};
}

// Entries moved into the tiles at a time.
constexpr uint64_t kFoldEntries = 1024;

absl::StatusOr<SignedHead> HeadOf(const LedgerRow& row) {
  SignedHead head;
  if (row.signed_root.size() != head.root.size()) {
    return absl::DataLossError(
        absl::StrCat("ledger ", row.id, ": the signed root is damaged"));
  }
  head.size = row.signed_size;
  std::copy(row.signed_root.begin(), row.signed_root.end(), head.root.begin());
  head.checkpoint = row.checkpoint;
  return head;
}

// Puts `hash` behind the last one of `level`, whose first `index` hashes there
// are, and moves up when a tile is full.
absl::Status AppendHash(LedgerTable& table, absl::string_view id,
                        uint32_t level, uint64_t index, const Hash& hash) {
  absl::StatusOr<Bytes> tile = table.GetTile(id, level, index / kTileWidth);
  if (!tile.ok()) return tile.status();
  if (tile->size() != index % kTileWidth * kHashBytes) {
    return absl::DataLossError(absl::StrCat("ledger ", id, ": tile ", level,
                                            "/", index / kTileWidth,
                                            " is damaged"));
  }
  tile->insert(tile->end(), hash.begin(), hash.end());
  if (absl::Status put = table.PutTile(id, level, index / kTileWidth, *tile);
      !put.ok()) {
    return put;
  }
  if (tile->size() < kTileWidth * kHashBytes) return absl::OkStatus();
  return AppendHash(table, id, level + 1, index / kTileWidth,
                    FullTileRoot(*tile));
}

// Puts the leaf hashes of `entries`, which follow the first `size`, into the
// tiles: one read and one write a tile.
absl::Status AppendLeaves(LedgerTable& table, absl::string_view id,
                          uint64_t size,
                          absl::Span<const std::string> entries) {
  while (!entries.empty()) {
    absl::StatusOr<Bytes> tile = table.GetTile(id, 0, size / kTileWidth);
    if (!tile.ok()) return tile.status();
    if (tile->size() != size % kTileWidth * kHashBytes) {
      return absl::DataLossError(absl::StrCat(
          "ledger ", id, ": tile 0/", size / kTileWidth, " is damaged"));
    }
    const size_t fits =
        std::min<size_t>(kTileWidth - size % kTileWidth, entries.size());
    for (const std::string& entry : entries.first(fits)) {
      const Hash leaf = LeafHash(entry);
      tile->insert(tile->end(), leaf.begin(), leaf.end());
    }
    if (absl::Status put = table.PutTile(id, 0, size / kTileWidth, *tile);
        !put.ok()) {
      return put;
    }
    if (tile->size() == kTileWidth * kHashBytes) {
      const absl::Status moved =
          AppendHash(table, id, 1, size / kTileWidth, FullTileRoot(*tile));
      if (!moved.ok()) return moved;
    }
    entries.remove_prefix(fits);
    size += fits;
  }
  return absl::OkStatus();
}

}  // namespace

LedgerLog::LedgerLog(absl::string_view broker_name, crypto::SigningKey key)
    : broker_name_(broker_name), key_(std::move(key)) {}

std::string LedgerLog::Origin(absl::string_view id) const {
  return absl::StrCat(broker_name_, "/ledgers/", id);
}

std::string LedgerLog::VerifierKey(absl::string_view id) const {
  const std::string origin = Origin(id);
  return absl::StrCat(origin, "+", crypto::ToHex(KeyId(origin, public_key())),
                      "+", crypto::ToBase64(KeyData(public_key())));
}

std::string LedgerLog::SignNote(absl::string_view id, uint64_t size,
                                const Hash& root) const {
  const std::string origin = Origin(id);
  const std::string text =
      absl::StrCat(origin, "\n", size, "\n", crypto::ToBase64(root), "\n");
  // A signed note says itself what it is: no label.
  const crypto::Signature signature =
      key_.Sign(absl::string_view(), crypto::AsBytes(text));
  Bytes blob = KeyId(origin, public_key());
  crypto::AppendRaw(&blob, signature);
  return absl::StrCat(text, "\n\xe2\x80\x94 ", origin, " ",
                      crypto::ToBase64(blob), "\n");
}

absl::Status LedgerLog::VerifyCheckpoint(absl::string_view id,
                                         const SignedHead& head) const {
  // Ed25519 is deterministic: ours is the one note of this head.
  if (head.checkpoint != SignNote(id, head.size, head.root)) {
    return absl::DataLossError(absl::StrCat(
        "ledger ", id, ": the checkpoint is not signed by this broker"));
  }
  return absl::OkStatus();
}

void LedgerLog::Refuse(absl::string_view id, absl::string_view why) {
  refused_[std::string(id)] = std::string(why);
}

absl::Status LedgerLog::Served(absl::string_view id) const {
  const auto refused = refused_.find(std::string(id));
  if (refused == refused_.end()) return absl::OkStatus();
  return absl::FailedPreconditionError(refused->second);
}

absl::Status LedgerLog::Create(Transaction& transaction,
                               absl::string_view id) const {
  if (absl::Status served = Served(id); !served.ok()) return served;
  LedgerRow row;
  row.id = std::string(id);
  row.origin = Origin(id);
  const Hash root = EmptyRoot();
  row.signed_root.assign(root.begin(), root.end());
  row.checkpoint = SignNote(id, 0, root);
  return LedgerTable(transaction).Insert(row);
}

absl::StatusOr<uint64_t> LedgerLog::Append(Transaction& transaction,
                                           absl::string_view id,
                                           absl::string_view entry) const {
  if (absl::Status served = Served(id); !served.ok()) return served;
  if (entry.empty() || entry.size() > policy::kMaxEntryBytes ||
      absl::StrContains(entry, '\n')) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an entry is one line of 1 to ", policy::kMaxEntryBytes, " bytes"));
  }
  LedgerTable table(transaction);
  const absl::StatusOr<LedgerRow> row = table.Get(id);
  if (!row.ok()) return row.status();
  if (absl::Status put = table.InsertEntry(id, row->size, entry); !put.ok()) {
    return put;
  }
  if (absl::Status set = table.SetSize(id, row->size + 1); !set.ok()) {
    return set;
  }
  return row->size;
}

absl::Status LedgerLog::CheckUnchanged(
    Transaction& transaction, absl::string_view id,
    const absl::optional<Anchor>& anchored) const {
  const absl::StatusOr<SignedHead> head = Head(transaction, id);
  if (!head.ok()) return head.status();
  const uint64_t size = anchored.has_value() ? anchored->size : 0;
  const Hash root = anchored.has_value() ? anchored->root : EmptyRoot();
  if (head->size != size || head->root != root) {
    return absl::DataLossError(
        absl::StrCat("ledger ", id, " has ", head->size,
                     " signed entries in the database and ", size,
                     " by its anchor; stop the broker and see what else "
                     "writes to its data folder"));
  }
  LedgerTable table(transaction);
  const absl::StatusOr<Hash> computed = LedgerTree(&table, id).Root(size);
  if (!computed.ok()) return computed.status();
  if (*computed != root) {
    return absl::DataLossError(
        absl::StrCat("ledger ", id,
                     ": the tiles do not lead to the root that "
                     "was signed; start the broker again"));
  }
  return absl::OkStatus();
}

absl::StatusOr<SignedHead> LedgerLog::Sign(Transaction& transaction,
                                           absl::string_view id) const {
  if (absl::Status served = Served(id); !served.ok()) return served;
  LedgerTable table(transaction);
  absl::StatusOr<LedgerRow> row = table.Get(id);
  if (!row.ok()) return row.status();
  for (uint64_t at = row->signed_size; at < row->size; at += kFoldEntries) {
    const absl::StatusOr<std::vector<std::string>> entries =
        table.GetEntries(id, at, std::min(at + kFoldEntries, row->size));
    if (!entries.ok()) return entries.status();
    if (absl::Status put = AppendLeaves(table, id, at, *entries); !put.ok()) {
      return put;
    }
  }
  const absl::StatusOr<Hash> root = LedgerTree(&table, id).Root(row->size);
  if (!root.ok()) return root.status();
  row->signed_size = row->size;
  row->signed_root.assign(root->begin(), root->end());
  row->checkpoint = SignNote(id, row->size, *root);
  if (absl::Status set = table.SetSigned(*row); !set.ok()) return set;
  return HeadOf(*row);
}

absl::StatusOr<SignedHead> LedgerLog::Head(Transaction& transaction,
                                           absl::string_view id) const {
  if (absl::Status served = Served(id); !served.ok()) return served;
  const absl::StatusOr<LedgerRow> row = LedgerTable(transaction).Get(id);
  if (!row.ok()) return row.status();
  return HeadOf(*row);
}

absl::StatusOr<std::vector<std::string>> LedgerLog::Proofs(
    Transaction& transaction, absl::string_view id,
    absl::Span<const uint64_t> indices) const {
  const absl::StatusOr<SignedHead> head = Head(transaction, id);
  if (!head.ok()) return head.status();
  LedgerTable table(transaction);
  LedgerTree tree(&table, id);
  std::vector<std::string> proofs;
  for (const uint64_t index : indices) {
    const absl::StatusOr<std::vector<Hash>> path =
        tree.Inclusion(index, head->size);
    if (!path.ok()) return path.status();
    std::string proof =
        absl::StrCat("c2sp.org/tlog-proof@v1\nindex ", index, "\n");
    for (const Hash& hash : *path) {
      absl::StrAppend(&proof, crypto::ToBase64(hash), "\n");
    }
    proofs.push_back(absl::StrCat(proof, "\n", head->checkpoint));
  }
  return proofs;
}

absl::StatusOr<std::vector<Hash>> LedgerLog::Consistency(
    Transaction& transaction, absl::string_view id, uint64_t from) const {
  const absl::StatusOr<SignedHead> head = Head(transaction, id);
  if (!head.ok()) return head.status();
  LedgerTable table(transaction);
  return LedgerTree(&table, id).Consistency(from, head->size);
}

absl::StatusOr<std::string> LedgerLog::Entry(Transaction& transaction,
                                             absl::string_view id,
                                             uint64_t index) const {
  const absl::StatusOr<SignedHead> head = Head(transaction, id);
  if (!head.ok()) return head.status();
  if (index >= head->size) {
    return absl::OutOfRangeError(
        absl::StrCat("ledger ", id, " has ", head->size, " entries"));
  }
  return LedgerTable(transaction).GetEntry(id, index);
}

absl::StatusOr<Bytes> LedgerLog::Tile(Transaction& transaction,
                                      absl::string_view id, uint32_t level,
                                      uint64_t tile, uint32_t width) const {
  const absl::StatusOr<SignedHead> head = Head(transaction, id);
  if (!head.ok()) return head.status();
  const uint64_t hashes =
      level < kTileLevels ? head->size >> (kTileLevels * level) : 0;
  if (width < 1 || width > kTileWidth || tile > hashes / kTileWidth ||
      tile * kTileWidth + width > hashes) {
    return absl::OutOfRangeError(
        absl::StrCat("ledger ", id, ": no tile ", level, "/", tile, ".p/",
                     width, " among ", head->size, " entries"));
  }
  absl::StatusOr<Bytes> bytes =
      LedgerTable(transaction).GetTile(id, level, tile);
  if (!bytes.ok()) return bytes.status();
  if (bytes->size() < width * kHashBytes) {
    return absl::DataLossError(absl::StrCat("ledger ", id, ": tile ", level,
                                            "/", tile,
                                            " is missing or too short"));
  }
  bytes->resize(width * kHashBytes);
  return bytes;
}

absl::StatusOr<Bytes> LedgerLog::Bundle(Transaction& transaction,
                                        absl::string_view id, uint64_t tile,
                                        uint32_t width) const {
  const absl::StatusOr<SignedHead> head = Head(transaction, id);
  if (!head.ok()) return head.status();
  if (width < 1 || width > kTileWidth || tile > head->size / kTileWidth ||
      tile * kTileWidth + width > head->size) {
    return absl::OutOfRangeError(absl::StrCat("ledger ", id, ": no bundle ",
                                              tile, ".p/", width, " among ",
                                              head->size, " entries"));
  }
  const absl::StatusOr<std::vector<std::string>> entries =
      LedgerTable(transaction)
          .GetEntries(id, tile * kTileWidth, tile * kTileWidth + width);
  if (!entries.ok()) return entries.status();
  Bytes bundle;
  for (const std::string& entry : *entries) {
    if (absl::Status put = crypto::AppendLp(&bundle, entry); !put.ok()) {
      return put;
    }
  }
  return bundle;
}

}  // namespace entente::broker
