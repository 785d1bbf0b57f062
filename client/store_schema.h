// The tables of the local store.
#ifndef ENTENTE_CLIENT_STORE_SCHEMA_H_
#define ENTENTE_CLIENT_STORE_SCHEMA_H_

namespace entente::client {

inline constexpr int kStoreVersion = 3;

// Version 2. Columns named *_key are HMACs, `sealed` ones are RowSealer's.
inline constexpr char kStoreSchema[] = R"sql(
CREATE TABLE probe (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;

CREATE TABLE pseudonym (
  scope_key BLOB NOT NULL,
  identifier_key BLOB NOT NULL,
  reference_key BLOB NOT NULL,
  element_key BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (scope_key, identifier_key, reference_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX pseudonym_by_element ON pseudonym (scope_key, element_key);

CREATE TABLE enrolment (
  request_id TEXT PRIMARY KEY,
  agreement TEXT NOT NULL,
  sealed BLOB NOT NULL
) STRICT;

CREATE TABLE checkpoint (
  ledger TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  note BLOB NOT NULL
) STRICT;

CREATE TABLE manifest (
  agreement TEXT NOT NULL,
  digest BLOB NOT NULL,
  content BLOB NOT NULL,
  pinned INTEGER NOT NULL,
  PRIMARY KEY (agreement, digest)
) STRICT;

CREATE TABLE pepper (
  agreement TEXT NOT NULL,
  generation INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (agreement, generation)
) STRICT;

CREATE TABLE outgoing (
  batch_id BLOB PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,
  agreement TEXT NOT NULL,
  recipient TEXT NOT NULL,
  header BLOB NOT NULL,
  enc BLOB NOT NULL,
  digest BLOB NOT NULL,
  staged INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  state INTEGER NOT NULL,
  receipt BLOB NOT NULL
) STRICT;

CREATE TABLE outgoing_chunk (
  batch_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  count INTEGER NOT NULL,
  pseudonyms BLOB NOT NULL,
  sealed BLOB NOT NULL,
  signature BLOB NOT NULL,
  PRIMARY KEY (batch_id, number)
) STRICT;

CREATE TABLE received (
  agreement TEXT NOT NULL,
  sender TEXT NOT NULL,
  batch_id BLOB NOT NULL,
  digest BLOB NOT NULL,
  state INTEGER NOT NULL,
  delivery BLOB NOT NULL,
  receipt BLOB NOT NULL,
  PRIMARY KEY (agreement, sender, batch_id)
) STRICT;

CREATE TABLE sent (
  row_key BLOB PRIMARY KEY,
  batch_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sent_by_batch ON sent (batch_id);

PRAGMA user_version = 2;
)sql";

// What makes a store of version 2 one of version 3; a new one is made so too.
inline constexpr char kStoreFrom2[] = R"sql(
CREATE TABLE lost_view (
  id INTEGER PRIMARY KEY,
  ledger TEXT NOT NULL,
  part INTEGER NOT NULL,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  note BLOB NOT NULL,
  first_entry BLOB NOT NULL,
  accepted_ms INTEGER NOT NULL
) STRICT;
PRAGMA user_version = 3;
)sql";

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_STORE_SCHEMA_H_
