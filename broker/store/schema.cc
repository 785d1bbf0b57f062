#include "broker/store/schema.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace entente::broker {
namespace {

// Instants are milliseconds since 1970 UTC. Digests are SHA-256, 32 bytes.
constexpr char kTables[] = R"sql(
-- Ledgers. `size` counts the entries; `signed_*` and `checkpoint` are the last
-- signed ones.
CREATE TABLE ledgers (
  id TEXT PRIMARY KEY,
  origin TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  signed_size INTEGER NOT NULL,
  signed_root BLOB NOT NULL CHECK (length(signed_root) = 32),
  checkpoint TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
  ledger TEXT NOT NULL REFERENCES ledgers (id),
  position INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (ledger, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE tiles (
  ledger TEXT NOT NULL REFERENCES ledgers (id),
  level INTEGER NOT NULL,
  tile INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (ledger, level, tile)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
BEGIN SELECT RAISE (ABORT, 'entries are never changed'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries
BEGIN SELECT RAISE (ABORT, 'entries are never deleted'); END;

-- What witnesses cosigned. Of each part and verifier key the last: how much, and
-- the line that goes under that checkpoint.
CREATE TABLE cosignatures (
  part TEXT NOT NULL REFERENCES ledgers (id),
  witness TEXT NOT NULL,
  size INTEGER NOT NULL,
  line TEXT NOT NULL,
  cosigned_ms INTEGER NOT NULL,
  PRIMARY KEY (part, witness)
) STRICT, WITHOUT ROWID;

-- The largest checkpoint of a part that a quorum cosigned, with their lines.
CREATE TABLE witnessed (
  part TEXT PRIMARY KEY REFERENCES ledgers (id),
  size INTEGER NOT NULL,
  checkpoint TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Agreements whose quorum is missing for too long, as their ledger says.
CREATE TABLE quorums_missing (
  agreement TEXT PRIMARY KEY,
  since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who takes part.
CREATE TABLE agencies (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  root_digest TEXT NOT NULL UNIQUE CHECK (length(root_digest) = 64),
  root_pem TEXT NOT NULL,
  added_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Certificates, by SHA-256 of their DER; for ever. It counts for identities of
-- `agency`; for everyone's if that is empty.
CREATE TABLE revoked (
  fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
  agency TEXT NOT NULL,
  reason TEXT NOT NULL,
  revoked_by TEXT NOT NULL,
  revoked_ms INTEGER NOT NULL,
  PRIMARY KEY (fingerprint, agency)
) STRICT, WITHOUT ROWID;

CREATE TABLE bundles (
  digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
  agency TEXT NOT NULL REFERENCES agencies (id),
  envelope BLOB NOT NULL,
  published_ms INTEGER NOT NULL,
  in_force INTEGER NOT NULL CHECK (in_force IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_bundle_in_force ON bundles (agency) WHERE in_force = 1;

-- Agreements.
CREATE TABLE agreements (
  id TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  document BLOB NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
  proposed_by TEXT NOT NULL,
  proposed_ms INTEGER NOT NULL,
  activated_ms INTEGER,
  activation_entry INTEGER,
  overdue_entry INTEGER,
  PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_version_active ON agreements (id) WHERE state = 3;

CREATE TABLE agreement_parties (
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  agency TEXT NOT NULL,
  PRIMARY KEY (agency, id, version),
  FOREIGN KEY (id, version) REFERENCES agreements (id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE signatures (
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  party TEXT NOT NULL,
  role TEXT NOT NULL,
  name TEXT NOT NULL,
  envelope BLOB NOT NULL,
  signed_ms INTEGER NOT NULL,
  diff BLOB CHECK (diff IS NULL OR length(diff) = 32),
  PRIMARY KEY (id, version, party, role, name),
  FOREIGN KEY (id, version) REFERENCES agreements (id, version)
) STRICT, WITHOUT ROWID;

-- What signatories did to an agreement that stands, by the digest of what they
-- signed; for ever. `through` is the highest version that there was.
CREATE TABLE acts (
  id TEXT NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),
  agency TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  through INTEGER NOT NULL,
  envelope BLOB NOT NULL,
  acted_ms INTEGER NOT NULL,
  stands INTEGER NOT NULL CHECK (stands IN (0, 1)),
  entry INTEGER,
  PRIMARY KEY (id, digest)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_act_stands ON acts (id, agency, kind) WHERE stands = 1;

-- What happened to break-glass grants, a step a row; for ever. `glass` is the
-- digest of what was asked. Steps that nobody signed have no envelope.
CREATE TABLE break_glass (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  glass BLOB NOT NULL CHECK (length(glass) = 32),
  step INTEGER NOT NULL CHECK (step BETWEEN 1 AND 6),
  digest BLOB CHECK (digest IS NULL OR length(digest) = 32),
  agency TEXT NOT NULL,
  actor TEXT NOT NULL,
  envelope BLOB,
  at_ms INTEGER NOT NULL,
  entry INTEGER,
  UNIQUE (id, glass, step)
) STRICT;
CREATE INDEX break_glass_asked ON break_glass (id, sequence) WHERE step = 1;

-- Keys. `sealed` is under the wrapping key.
CREATE TABLE sealed_keys (
  name TEXT PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE masters (
  agreement TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (agreement, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE manifests (
  digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
  agreement TEXT NOT NULL,
  version INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  content BLOB NOT NULL,
  entry INTEGER,
  UNIQUE (agreement, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE peppers (
  agreement TEXT NOT NULL,
  generation INTEGER NOT NULL,
  commitment BLOB NOT NULL CHECK (length(commitment) = 32),
  entry INTEGER,
  PRIMARY KEY (agreement, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE pepper_messages (
  agreement TEXT NOT NULL,
  generation INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  sender TEXT NOT NULL,
  message BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  signature BLOB NOT NULL,
  PRIMARY KEY (agreement, recipient, generation, sender),
  FOREIGN KEY (agreement, generation) REFERENCES peppers (agreement, generation)
) STRICT, WITHOUT ROWID;

-- Enrolment: a retry gets the stored answer.
CREATE TABLE enrolments (
  agency TEXT NOT NULL,
  domain BLOB NOT NULL,
  request_id BLOB NOT NULL CHECK (length(request_id) = 16),
  blinded_digest BLOB NOT NULL CHECK (length(blinded_digest) = 32),
  evaluated BLOB NOT NULL,
  proof BLOB NOT NULL,
  ledger TEXT NOT NULL,
  entry INTEGER,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (agency, domain, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX enrolments_by_age ON enrolments (created_ms);

-- `flow` is empty where the limit is the agreement's.
CREATE TABLE quotas (
  agreement TEXT NOT NULL,
  flow TEXT NOT NULL,
  agency TEXT NOT NULL,
  kind TEXT NOT NULL,
  utc_day TEXT NOT NULL CHECK (length(utc_day) = 10),
  used INTEGER NOT NULL CHECK (used >= 0),
  PRIMARY KEY (agreement, flow, agency, kind, utc_day)
) STRICT, WITHOUT ROWID;

-- Batches. `digest` is the final chunk's hash, set when complete; `glass` the
-- break-glass grant that it was sent under, if it was.
CREATE TABLE batches (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  sender TEXT NOT NULL,
  batch_id BLOB NOT NULL CHECK (length(batch_id) = 16),
  recipient TEXT NOT NULL,
  agreement TEXT NOT NULL,
  version INTEGER NOT NULL,
  flow TEXT NOT NULL,
  header BLOB NOT NULL,
  enc BLOB NOT NULL CHECK (length(enc) = 32),
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
  chunks INTEGER NOT NULL DEFAULT 0,
  records INTEGER NOT NULL DEFAULT 0,
  digest BLOB,
  entry INTEGER,
  created_ms INTEGER NOT NULL,
  not_after_ms INTEGER NOT NULL,
  glass BLOB CHECK (glass IS NULL OR length(glass) = 32),
  UNIQUE (sender, batch_id)
) STRICT;
CREATE INDEX batches_waiting ON batches (recipient, agreement, sequence)
  WHERE state = 2;
CREATE INDEX batches_staged ON batches (created_ms) WHERE state = 1;

CREATE TABLE chunks (
  batch INTEGER NOT NULL REFERENCES batches (sequence),
  number INTEGER NOT NULL,
  final INTEGER NOT NULL CHECK (final IN (0, 1)),
  records INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  pseudonyms BLOB NOT NULL,
  sealed BLOB NOT NULL,
  converted BLOB NOT NULL,
  proof BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  PRIMARY KEY (batch, number)
) STRICT;

CREATE TABLE deliveries (
  batch INTEGER PRIMARY KEY REFERENCES batches (sequence),
  converted_hash BLOB NOT NULL CHECK (length(converted_hash) = 32),
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  entry INTEGER,
  delivered_ms INTEGER NOT NULL
) STRICT;
)sql";

absl::StatusOr<int64_t> ReadNumber(Database* database, absl::string_view sql) {
  Statement query = database->Query(sql);
  const absl::StatusOr<bool> row = query.Step();
  if (!row.ok()) return row.status();
  return *row ? query.ColumnInt(0) : 0;
}

absl::Status Create(Database* database) {
  const std::string sql = absl::StrCat(
      "BEGIN IMMEDIATE;", kTables, "PRAGMA application_id = ", kApplicationId,
      "; PRAGMA user_version = ", kSchemaVersion, "; COMMIT;");
  absl::Status made = database->Execute(sql);
  if (!made.ok()) database->Execute("ROLLBACK").IgnoreError();
  return made;
}

}  // namespace

absl::Status PrepareSchema(Database* database) {
  const absl::StatusOr<int64_t> tables =
      ReadNumber(database, "SELECT count(*) FROM sqlite_schema");
  if (!tables.ok()) return tables.status();
  const absl::StatusOr<int64_t> application =
      ReadNumber(database, "PRAGMA application_id");
  if (!application.ok()) return application.status();
  const absl::StatusOr<int64_t> version =
      ReadNumber(database, "PRAGMA user_version");
  if (!version.ok()) return version.status();

  if (*tables == 0 && *application == 0 && *version == 0) {
    return Create(database);
  }
  if (*application != kApplicationId) {
    return absl::FailedPreconditionError(
        "the database is not of this program; name another data folder");
  }
  if (*version != kSchemaVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the data folder has version ", *version, " and this broker reads ",
        kSchemaVersion,
        "; run the broker that wrote it, or name a new data folder"));
  }
  return absl::OkStatus();
}

}  // namespace entente::broker
