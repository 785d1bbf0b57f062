// Which rows went out before, so that a file sent again sends what is new.
#ifndef ENTENTE_CLIENT_SENT_ROWS_H_
#define ENTENTE_CLIENT_SENT_ROWS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/occurrences.h"
#include "client/row_sealer.h"
#include "client/sqlite.h"
#include "crypto/hex.h"

namespace entente::client {

// Under what rows are sent: the same row for another purpose or case is new.
struct SendingScope {
  std::string agreement;
  std::string flow;
  std::string recipient;
  std::string purpose;
  std::map<std::string, std::string> accompanying;  // the case and so on
};

// One reading of one input. A row is known by an HMAC of its scope, of what it
// holds, and of how often the same came before it in this input: a file with
// a row twice sends it twice, and when sent again, not at all. Memory is
// constant. Not thread-safe. 10 us a row.
class SentRows {
 public:
  // InvalidArgument if a text of the scope is longer than 65,535 bytes;
  // otherwise as client/sqlite.h.
  static absl::StatusOr<std::unique_ptr<SentRows>> Begin(
      Database* database, const RowSealer* sealer, const SendingScope& scope);
  SentRows(const SentRows&) = delete;
  SentRows& operator=(const SentRows&) = delete;

  // The key of the next row of the input, which holds `content`.
  absl::StatusOr<crypto::Bytes> NextKey(absl::Span<const uint8_t> content);

  // Whether ExchangeTable::PutOutgoing had this key, in a batch that was not
  // refused.
  absl::StatusOr<bool> WasSent(absl::Span<const uint8_t> key);

 private:
  SentRows(Database* database, const RowSealer* sealer, crypto::Bytes scope,
           std::unique_ptr<Occurrences> occurrences);

  const RowSealer& sealer_;
  const crypto::Bytes scope_;
  const std::unique_ptr<Occurrences> occurrences_;
  Statement find_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_SENT_ROWS_H_
