#include "client/mirror_index.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/error.h"
#include "crypto/sha.h"
#include "policy/ledger_entry.h"

namespace entente::client {
namespace {

constexpr int64_t kVersion = 2;
// Entries that one commit adds.
constexpr uint64_t kBlock = 20'000;
// Texts whose numbers are kept in memory.
constexpr size_t kMaxInterned = 100'000;
// Beyond so many places a facet is as good as any other to begin with.
constexpr int64_t kCommon = 10'000;

constexpr char kSchema[] = R"sql(
CREATE TABLE state (size INTEGER NOT NULL, root BLOB NOT NULL);
CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE times (place INTEGER PRIMARY KEY, time INTEGER NOT NULL);
CREATE INDEX by_time ON times (time);
CREATE TABLE facets (
  facet INTEGER NOT NULL,
  text INTEGER NOT NULL,
  place INTEGER NOT NULL,
  PRIMARY KEY (facet, text, place)) WITHOUT ROWID;
PRAGMA user_version = 2;
)sql";

int64_t FacetNumber(absl::string_view name) {
  const auto& names = FacetNames();
  return std::find(names.begin(), names.end(), name) - names.begin();
}

// SQLite's integers are signed; places and times that are not are clipped.
int64_t Clip(uint64_t value) {
  return static_cast<int64_t>(
      std::min(value, uint64_t{std::numeric_limits<int64_t>::max()}));
}
int64_t Millis(absl::Time time) { return absl::ToUnixMillis(time); }

void RemoveIndex(const std::string& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(absl::StrCat(path, suffix), ignored);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<MirrorIndex>> MirrorIndex::Load(
    const std::string& path) {
  // It is made again from the mirror whenever it is lost.
  absl::StatusOr<std::unique_ptr<Database>> database =
      Database::Open(path, Database::Holds::kWhatCanBeMadeAgain);
  if (!database.ok()) return database.status();
  int64_t version = 0;
  {
    Statement asked = (*database)->Query("PRAGMA user_version");
    const absl::StatusOr<bool> stepped = asked.Step();
    if (!stepped.ok()) return stepped.status();
    version = asked.ColumnInt(0);
  }
  if (version == 0) {
    absl::StatusOr<Transaction> transaction =
        Transaction::Begin(database->get());
    if (!transaction.ok()) return transaction.status();
    if (absl::Status made = (*database)->Execute(kSchema); !made.ok()) {
      return made;
    }
    if (absl::Status done = transaction->Commit(); !done.ok()) return done;
  } else if (version != kVersion) {
    return absl::DataLossError("an index of another version");
  }
  return std::unique_ptr<MirrorIndex>(new MirrorIndex(*std::move(database)));
}

absl::StatusOr<uint64_t> MirrorIndex::Size(ProvedLog& log) {
  Statement state = database_->Query("SELECT size, root FROM state");
  const absl::StatusOr<bool> stepped = state.Step();
  if (!stepped.ok()) return stepped.status();
  if (!*stepped) return uint64_t{0};
  crypto::Hash root = {};
  const crypto::Bytes stored = state.ColumnBlob(1);
  if (stored.size() != root.size()) return absl::DataLossError("no root");
  std::copy(stored.begin(), stored.end(), root.begin());
  const auto size = static_cast<uint64_t>(state.ColumnInt(0));
  if (absl::Status extends = log.Extends(size, root); !extends.ok()) {
    return extends;
  }
  return size;
}

absl::StatusOr<std::unique_ptr<MirrorIndex>> MirrorIndex::Open(
    const std::string& folder, ProvedLog& log,
    const std::function<void(uint64_t)>& progress) {
  const std::string path = absl::StrCat(folder, "/", kIndexFile);
  absl::StatusOr<std::unique_ptr<MirrorIndex>> index = Load(path);
  absl::StatusOr<uint64_t> size =
      index.ok() ? (*index)->Size(log) : index.status();
  if (absl::IsDataLoss(size.status())) {
    index = absl::UnknownError("closed before its files are removed");
    RemoveIndex(path);
    index = Load(path);
    size = 0;
  }
  if (!index.ok()) return index.status();
  if (!size.ok()) return size.status();
  if (absl::Status extended = (*index)->Extend(log, *size, progress);
      !extended.ok()) {
    return extended;
  }
  return index;
}

absl::StatusOr<int64_t> MirrorIndex::Intern(absl::string_view text) {
  const std::string key(text);
  if (const auto known = interned_.find(key); known != interned_.end()) {
    return known->second;
  }
  absl::Status added =
      database_->Query("INSERT OR IGNORE INTO texts (text) VALUES (?)")
          .Text(text)
          .Run();
  if (!added.ok()) return added;
  Statement found = database_->Query("SELECT id FROM texts WHERE text = ?");
  const absl::StatusOr<bool> stepped = found.Text(text).Step();
  if (!stepped.ok()) return stepped.status();
  if (interned_.size() >= kMaxInterned) interned_.clear();
  return interned_[key] = found.ColumnInt(0);
}

absl::Status MirrorIndex::Add(uint64_t index, const policy::LedgerEntry& entry,
                              Statement& time, Statement& facet) {
  if (absl::Status added =
          time.Again().Int(Clip(index)).Int(Millis(entry.time)).Run();
      !added.ok()) {
    return added;
  }
  for (const auto& [name, value] : FacetsOf(entry)) {
    const absl::StatusOr<int64_t> text = Intern(value);
    if (!text.ok()) return text.status();
    if (absl::Status added = facet.Again()
                                 .Int(FacetNumber(name))
                                 .Int(*text)
                                 .Int(Clip(index))
                                 .Run();
        !added.ok()) {
      return added;
    }
  }
  return absl::OkStatus();
}

absl::Status MirrorIndex::Extend(
    ProvedLog& log, uint64_t from,
    const std::function<void(uint64_t)>& progress) {
  while (from < log.size()) {
    absl::StatusOr<Transaction> transaction =
        Transaction::Begin(database_.get());
    if (!transaction.ok()) return transaction.status();
    const uint64_t end = std::min(log.size(), from + kBlock - from % kBlock);
    {
      Statement time = database_->Query("INSERT INTO times VALUES (?, ?)");
      Statement facet = database_->Query("INSERT INTO facets VALUES (?, ?, ?)");
      for (uint64_t index = from; index < end; ++index) {
        const absl::StatusOr<std::string> line = log.Line(index);
        if (!line.ok()) return line.status();
        const absl::StatusOr<policy::LedgerEntry> entry =
            policy::ParseEntry(*line);
        if (!entry.ok()) {
          return VerificationError(
              absl::StrCat("entry ", index, " of ", log.checkpoint().origin,
                           " is no ledger entry"),
              std::string(entry.status().message()));
        }
        if (absl::Status added = Add(index, *entry, time, facet); !added.ok()) {
          return added;
        }
      }
    }
    const absl::StatusOr<crypto::Hash> root = log.RootAt(end);
    if (!root.ok()) return root.status();
    absl::Status noted = database_->Query("DELETE FROM state").Run();
    if (noted.ok()) {
      noted = database_->Query("INSERT INTO state VALUES (?, ?)")
                  .Int(Clip(end))
                  .Blob(*root)
                  .Run();
    }
    if (!noted.ok()) return noted;
    if (absl::Status done = transaction->Commit(); !done.ok()) {
      interned_.clear();
      return done;
    }
    from = end;
    if (progress != nullptr) progress(end);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> MirrorIndex::Lookup(
    const EntryFilter& filter,
    std::vector<std::pair<int64_t, int64_t>>* found) {
  std::vector<std::pair<int64_t, std::pair<int64_t, int64_t>>> counted;
  for (const auto& [name, value] : filter.facets) {
    Statement text = database_->Query("SELECT id FROM texts WHERE text = ?");
    const absl::StatusOr<bool> known = text.Text(value).Step();
    if (!known.ok()) return known.status();
    if (!*known) return false;
    const std::pair<int64_t, int64_t> facet(FacetNumber(name),
                                            text.ColumnInt(0));
    Statement count = database_->Query(
        "SELECT count(*) FROM (SELECT 1 FROM facets "
        "WHERE facet = ? AND text = ? LIMIT ?)");
    const absl::StatusOr<bool> stepped =
        count.Int(facet.first).Int(facet.second).Int(kCommon).Step();
    if (!stepped.ok()) return stepped.status();
    if (count.ColumnInt(0) == 0) return false;
    counted.emplace_back(count.ColumnInt(0), facet);
  }
  std::sort(counted.begin(), counted.end());
  for (const auto& [entries, facet] : counted) found->push_back(facet);
  return true;
}

absl::StatusOr<std::vector<uint64_t>> MirrorIndex::Find(
    const EntryFilter& filter, Order order, size_t limit) {
  std::vector<uint64_t> places;
  std::vector<std::pair<int64_t, int64_t>> facets;
  const absl::StatusOr<bool> possible = Lookup(filter, &facets);
  if (!possible.ok()) return possible.status();
  if (!*possible) return places;
  int64_t first = Clip(filter.first);
  int64_t last = Clip(filter.last);
  const bool timed = filter.since > absl::InfinitePast() ||
                     filter.until < absl::InfiniteFuture();
  if (timed) {
    Statement bounds = database_->Query(
        "SELECT min(place), max(place), count(*) FROM times "
        "WHERE time >= ? AND time < ?");
    const absl::StatusOr<bool> stepped =
        bounds.Int(Millis(filter.since)).Int(Millis(filter.until)).Step();
    if (!stepped.ok()) return stepped.status();
    if (bounds.ColumnInt(2) == 0) return places;
    first = std::max(first, bounds.ColumnInt(0));
    last = std::min(last, bounds.ColumnInt(1));
  }
  // Only as many joins as facets are asked for; no value is part of the text.
  std::string sql = "SELECT f0.place FROM ";
  absl::StrAppend(&sql, facets.empty() ? "times f0" : "facets f0");
  for (size_t i = 1; i < facets.size(); ++i) {
    absl::StrAppend(&sql, " CROSS JOIN facets f", i, " ON f", i,
                    ".facet = ? AND f", i, ".text = ? AND f", i,
                    ".place = f0.place");
  }
  if (timed) {
    absl::StrAppend(&sql,
                    " CROSS JOIN times t ON t.place = f0.place "
                    "AND t.time >= ? AND t.time < ?");
  }
  absl::StrAppend(&sql, " WHERE f0.place >= ? AND f0.place <= ?",
                  facets.empty() ? "" : " AND f0.facet = ? AND f0.text = ?",
                  " ORDER BY f0.place",
                  order == Order::kNewestFirst ? " DESC" : "", " LIMIT ?");
  Statement query = database_->Query(sql);
  for (size_t i = 1; i < facets.size(); ++i) {
    query.Int(facets[i].first).Int(facets[i].second);
  }
  if (timed) query.Int(Millis(filter.since)).Int(Millis(filter.until));
  query.Int(first).Int(last);
  if (!facets.empty()) query.Int(facets[0].first).Int(facets[0].second);
  query.Int(Clip(limit));
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return places;
    places.push_back(static_cast<uint64_t>(query.ColumnInt(0)));
  }
}

}  // namespace entente::client
