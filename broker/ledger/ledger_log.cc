#include "broker/ledger/ledger_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/ledger/stored_tiles.h"
#include "broker/store/ledger_table.h"
#include "crypto/checkpoint.h"
#include "crypto/merkle.h"
#include "crypto/merkle_tree.h"
#include "crypto/tile.h"
#include "crypto/tile_tree.h"
#include "crypto/tlog_proof.h"
#include "policy/ledger_entry.h"
#include "policy/ledger_part.h"

namespace entente::broker {
namespace {

constexpr char kRefusedPayload[] = "entente/refused-ledger";

using crypto::Bytes;
using crypto::Hash;

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

// OutOfRange unless the tree has that tile, at least so wide.
absl::Status CheckWithin(const SignedHead& head, uint32_t level, uint64_t tile,
                         uint32_t width) {
  if (level < crypto::kTileLevels) {
    const absl::StatusOr<crypto::TileId> whole =
        crypto::TileAt(level, tile, head.size);
    if (whole.ok() && width >= 1 && width <= whole->width) {
      return absl::OkStatus();
    }
  }
  return absl::OutOfRangeError(absl::StrCat("no tile ", level, "/", tile, ".p/",
                                            width, " among ", head.size,
                                            " entries"));
}

// The row before part `id`, which is no first part. NotFound if there is none.
absl::StatusOr<LedgerRow> RowBefore(LedgerTable& table, absl::string_view id) {
  const absl::StatusOr<policy::LedgerPart> part = policy::ParsePartName(id);
  if (!part.ok()) return part.status();
  absl::StatusOr<std::vector<LedgerRow>> rows = table.Parts(part->ledger);
  if (!rows.ok()) return rows.status();
  for (size_t i = 1; i < rows->size(); ++i) {
    if ((*rows)[i].id == id) return std::move((*rows)[i - 1]);
  }
  return absl::NotFoundError(absl::StrCat("nothing comes before ", id));
}

// Whether `entry` continues the ledger whose last part is `before`.
absl::Status Continues(absl::string_view id, absl::string_view entry,
                       const LedgerRow& before) {
  const absl::StatusOr<policy::LedgerEntry> read = policy::ParseEntry(entry);
  const absl::StatusOr<policy::Continuation> says =
      read.ok() ? policy::ReadContinuation(*read)
                : absl::StatusOr<policy::Continuation>(read.status());
  if (says.ok() && says->origin == before.origin &&
      says->size == before.signed_size &&
      absl::MakeConstSpan(says->root) ==
          absl::MakeConstSpan(before.signed_root)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the first entry of ", id, " does not continue ", before.id, " at ",
      before.signed_size, " entries",
      says.ok() ? std::string() : absl::StrCat(": ", says.status().message())));
}

// Puts the leaf hashes of the entries [begin, end) into the tiles, which hold
// those before.
absl::Status MoveIntoTiles(LedgerTable& table, absl::string_view id,
                           uint64_t begin, uint64_t end) {
  const absl::StatusOr<std::vector<std::string>> entries =
      table.GetEntries(id, begin, end);
  if (!entries.ok()) return entries.status();
  std::vector<Hash> leaves;
  for (const std::string& entry : *entries) {
    leaves.push_back(crypto::LeafHash(absl::string_view(entry)));
  }
  const absl::StatusOr<std::vector<crypto::Tile>> tiles =
      crypto::AppendToTiles(begin, leaves, StoredTiles(&table, id));
  if (!tiles.ok()) return tiles.status();
  for (const crypto::Tile& tile : *tiles) {
    const absl::Status put =
        table.PutTile(id, tile.id.level, tile.id.index, tile.hashes);
    if (!put.ok()) return put;
  }
  return absl::OkStatus();
}

}  // namespace

bool IsLedgerRefused(const absl::Status& status) {
  return status.GetPayload(kRefusedPayload).has_value();
}

LedgerLog::LedgerLog(absl::string_view broker_name, crypto::SigningKey key)
    : broker_name_(broker_name), key_(std::move(key)) {}

std::string LedgerLog::Origin(absl::string_view id) const {
  return absl::StrCat(broker_name_, "/ledgers/", id);
}

absl::StatusOr<crypto::NoteKey> LedgerLog::Key(absl::string_view id) const {
  return crypto::NoteKey::Create(Origin(id), crypto::NoteKeyType::kEd25519,
                                 key_.public_key());
}

absl::StatusOr<std::string> LedgerLog::VerifierKey(absl::string_view id) const {
  const absl::StatusOr<crypto::NoteKey> key = Key(id);
  if (!key.ok()) return key.status();
  return key->ToString();
}

absl::Status LedgerLog::VerifyCheckpoint(absl::string_view id,
                                         const SignedHead& head) const {
  const absl::StatusOr<crypto::NoteKey> key = Key(id);
  if (!key.ok()) return key.status();
  const absl::StatusOr<crypto::Checkpoint> checkpoint =
      crypto::OpenCheckpoint(head.checkpoint, *key);
  if (!checkpoint.ok() || checkpoint->size != head.size ||
      checkpoint->root != head.root) {
    return absl::DataLossError(absl::StrCat(
        "ledger ", id, ": the checkpoint is not signed by this broker"));
  }
  return absl::OkStatus();
}

absl::Status LedgerLog::CheckContinues(Transaction& transaction,
                                       absl::string_view id) const {
  LedgerTable table(transaction);
  const absl::StatusOr<LedgerRow> before = RowBefore(table, id);
  if (absl::IsNotFound(before.status())) {
    return absl::DataLossError(before.status().message());
  }
  if (!before.ok()) return before.status();
  const absl::StatusOr<std::string> entry = table.GetEntry(id, 0);
  if (absl::IsNotFound(entry.status())) {
    return absl::DataLossError(entry.status().message());
  }
  if (!entry.ok()) return entry.status();
  const absl::Status continues = Continues(id, *entry, *before);
  return continues.ok() ? continues : absl::DataLossError(continues.message());
}

void LedgerLog::Refuse(absl::string_view ledger, absl::string_view why) {
  refused_[std::string(ledger)] = std::string(why);
}

absl::Status LedgerLog::Served(absl::string_view id) const {
  if (refused_.empty()) return absl::OkStatus();
  const auto refused = refused_.find(std::string(id.substr(0, id.find('.'))));
  if (refused == refused_.end()) return absl::OkStatus();
  absl::Status status = absl::FailedPreconditionError(refused->second);
  status.SetPayload(kRefusedPayload, absl::Cord());
  return status;
}

absl::StatusOr<PartOfLedger> LedgerLog::Newest(Transaction& transaction,
                                               absl::string_view ledger) const {
  if (absl::Status served = Served(ledger); !served.ok()) return served;
  LedgerTable table(transaction);
  const absl::StatusOr<std::string> name = table.NewestPart(ledger);
  if (!name.ok()) return name.status();
  PartOfLedger newest{*name, 0};
  if (newest.name == ledger) return newest;
  const absl::StatusOr<std::vector<LedgerRow>> rows = table.Parts(ledger);
  if (!rows.ok()) return rows.status();
  for (const LedgerRow& row : *rows) {
    if (row.id != newest.name) newest.first += row.signed_size;
  }
  return newest;
}

absl::StatusOr<uint64_t> LedgerLog::Size(Transaction& transaction,
                                         absl::string_view ledger) const {
  const absl::StatusOr<PartOfLedger> newest = Newest(transaction, ledger);
  if (!newest.ok()) return newest.status();
  const absl::StatusOr<SignedHead> head = Head(transaction, newest->name);
  if (!head.ok()) return head.status();
  return newest->first + head->size;
}

absl::StatusOr<EntryPlace> LedgerLog::PlaceOf(Transaction& transaction,
                                              absl::string_view ledger,
                                              uint64_t position) const {
  if (absl::Status served = Served(ledger); !served.ok()) return served;
  const absl::StatusOr<std::vector<LedgerRow>> rows =
      LedgerTable(transaction).Parts(ledger);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) {
    return absl::NotFoundError(absl::StrCat("no ledger ", ledger));
  }
  uint64_t index = position;
  for (const LedgerRow& row : *rows) {
    if (index < row.signed_size) return EntryPlace{row.id, index};
    index -= row.signed_size;
  }
  return absl::OutOfRangeError(
      absl::StrCat("ledger ", ledger, " has ", position - index, " entries"));
}

absl::Status LedgerLog::Create(Transaction& transaction,
                               absl::string_view id) const {
  if (absl::Status served = Served(id); !served.ok()) return served;
  const absl::StatusOr<policy::LedgerPart> part = policy::ParsePartName(id);
  if (!part.ok()) return part.status();
  if (part->part > 0) {
    LedgerTable table(transaction);
    const absl::StatusOr<std::string> newest = table.NewestPart(part->ledger);
    if (!newest.ok()) return newest.status();
    const absl::StatusOr<LedgerRow> last = table.Get(*newest);
    if (!last.ok()) return last.status();
    const absl::StatusOr<policy::LedgerPart> before =
        policy::ParsePartName(*newest);
    if (!before.ok() || before->part > part->part ||
        last->signed_size != last->size) {
      return absl::FailedPreconditionError(absl::StrCat(
          id, " cannot follow ", *newest, ", of which ", last->signed_size,
          " of ", last->size, " entries are signed"));
    }
  }
  LedgerRow row;
  row.id = std::string(id);
  row.origin = Origin(id);
  const Hash root = crypto::EmptyRoot();
  row.signed_root.assign(root.begin(), root.end());
  absl::StatusOr<std::string> note =
      crypto::SignCheckpoint({row.origin, 0, root}, key_);
  if (!note.ok()) return note.status();
  row.checkpoint = *std::move(note);
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
  const absl::string_view ledger = id.substr(0, id.find('.'));
  const absl::StatusOr<std::string> newest = table.NewestPart(ledger);
  if (!newest.ok()) return newest.status();
  if (*newest != id) {
    return absl::FailedPreconditionError(absl::StrCat(
        "ledger ", id, " takes no more entries: it goes on as ", *newest));
  }
  if (id != ledger && row->size == 0) {
    const absl::StatusOr<LedgerRow> before = RowBefore(table, id);
    if (!before.ok()) return before.status();
    absl::Status continues = Continues(id, entry, *before);
    if (!continues.ok()) return continues;
  }
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
  const Hash root = anchored.has_value() ? anchored->root : crypto::EmptyRoot();
  if (head->size != size || head->root != root) {
    return absl::DataLossError(
        absl::StrCat("ledger ", id, " has ", head->size,
                     " signed entries in the database and ", size,
                     " by its anchor; stop the broker and see what else "
                     "writes to its data folder"));
  }
  LedgerTable table(transaction);
  const absl::StatusOr<Hash> computed = StoredRoot(&table, id, size);
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
    const uint64_t end = std::min(at + kFoldEntries, row->size);
    if (absl::Status moved = MoveIntoTiles(table, id, at, end); !moved.ok()) {
      return moved;
    }
  }
  const absl::StatusOr<Hash> root = StoredRoot(&table, id, row->size);
  if (!root.ok()) return root.status();
  absl::StatusOr<std::string> note =
      crypto::SignCheckpoint({Origin(id), row->size, *root}, key_);
  if (!note.ok()) return note.status();
  row->signed_size = row->size;
  row->signed_root.assign(root->begin(), root->end());
  row->checkpoint = *std::move(note);
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
  crypto::TileHashReader nodes(head->size, StoredTiles(&table, id));
  std::vector<std::string> proofs;
  for (const uint64_t index : indices) {
    absl::StatusOr<std::vector<Hash>> path =
        crypto::InclusionProof(nodes, index, head->size);
    if (!path.ok()) return path.status();
    proofs.push_back(crypto::FormatTlogProof(
        {{}, index, *std::move(path), head->checkpoint}));
  }
  return proofs;
}

absl::StatusOr<std::vector<Hash>> LedgerLog::Consistency(
    Transaction& transaction, absl::string_view id, uint64_t from) const {
  const absl::StatusOr<SignedHead> head = Head(transaction, id);
  if (!head.ok()) return head.status();
  LedgerTable table(transaction);
  crypto::TileHashReader nodes(head->size, StoredTiles(&table, id));
  return crypto::ConsistencyProof(nodes, from, head->size);
}

absl::StatusOr<Hash> LedgerLog::RootAt(Transaction& transaction,
                                       absl::string_view id,
                                       uint64_t size) const {
  const absl::StatusOr<SignedHead> head = Head(transaction, id);
  if (!head.ok()) return head.status();
  if (size > head->size) {
    return absl::OutOfRangeError(
        absl::StrCat("ledger ", id, " has ", head->size, " entries"));
  }
  if (size == head->size) return head->root;
  LedgerTable table(transaction);
  crypto::TileHashReader nodes(head->size, StoredTiles(&table, id));
  return crypto::TreeRoot(nodes, size);
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
  if (absl::Status in = CheckWithin(*head, level, tile, width); !in.ok()) {
    return in;
  }
  LedgerTable table(transaction);
  return StoredTiles(&table, id)({level, tile, width});
}

absl::StatusOr<Bytes> LedgerLog::Bundle(Transaction& transaction,
                                        absl::string_view id, uint64_t tile,
                                        uint32_t width) const {
  const absl::StatusOr<SignedHead> head = Head(transaction, id);
  if (!head.ok()) return head.status();
  if (absl::Status in = CheckWithin(*head, 0, tile, width); !in.ok()) {
    return in;
  }
  const absl::StatusOr<std::vector<std::string>> entries =
      LedgerTable(transaction)
          .GetEntries(id, tile * crypto::kTileWidth,
                      tile * crypto::kTileWidth + width);
  if (!entries.ok()) return entries.status();
  std::vector<Bytes> contents;
  for (const std::string& entry : *entries) {
    contents.emplace_back(entry.begin(), entry.end());
  }
  return crypto::EncodeBundle(contents);
}

}  // namespace entente::broker
