// A log that may be in the page cache alone, made durable.
#ifndef ENTENTE_BROKER_STORE_REWRITE_LOG_H_
#define ENTENTE_BROKER_STORE_REWRITE_LOG_H_

#include <string>

#include "absl/status/status.h"

namespace entente::broker {

// Writes the write-ahead log of the database `path` over itself, byte for byte,
// and syncs it; OK if there is none. Before anything reads it.
//
// After a failed sync Linux keeps the pages in its cache and calls them clean.
// Whoever opens the database then finds commits in the log that the disk does
// not have, builds on them, and later syncs do not write them. Writing makes
// them dirty again, so that this sync is about every byte; a break in the
// middle leaves the same bytes.
//
// Unavailable if the file cannot be read, written or synced.
absl::Status RewriteLog(const std::string& path);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_REWRITE_LOG_H_
