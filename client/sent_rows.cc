#include "client/sent_rows.h"

#include <utility>

#include "crypto/encoding.h"

namespace entente::client {

absl::StatusOr<std::unique_ptr<SentRows>> SentRows::Begin(
    Database* database, const RowSealer* sealer, const SendingScope& scope) {
  crypto::ByteWriter writer;
  writer.Raw("sent row")
      .Lp(scope.agreement)
      .Lp(scope.flow)
      .Lp(scope.recipient)
      .Lp(scope.purpose)
      .U64(scope.accompanying.size());
  for (const auto& [name, value] : scope.accompanying) {
    writer.Lp(name).Lp(value);
  }
  absl::StatusOr<crypto::Bytes> bytes = writer.Finish();
  if (!bytes.ok()) return bytes.status();
  auto occurrences = Occurrences::Begin(database, sealer);
  if (!occurrences.ok()) return occurrences.status();
  return std::unique_ptr<SentRows>(new SentRows(
      database, sealer, *std::move(bytes), *std::move(occurrences)));
}

SentRows::SentRows(Database* database, const RowSealer* sealer,
                   crypto::Bytes scope,
                   std::unique_ptr<Occurrences> occurrences)
    : sealer_(*sealer),
      scope_(std::move(scope)),
      occurrences_(std::move(occurrences)),
      find_(database->Query("SELECT 1 FROM sent WHERE row_key = ?")) {}

absl::StatusOr<crypto::Bytes> SentRows::NextKey(
    absl::Span<const uint8_t> content) {
  crypto::Bytes subject = scope_;
  crypto::AppendRaw(&subject, content);
  const absl::StatusOr<uint64_t> occurrence = occurrences_->Count(subject);
  if (!occurrence.ok()) return occurrence.status();
  const absl::StatusOr<crypto::Bytes> numbered = crypto::ByteWriter()
                                                     .Raw("sent row, numbered")
                                                     .Raw(subject)
                                                     .U64(*occurrence)
                                                     .Finish();
  if (!numbered.ok()) return numbered.status();
  return sealer_.IndexOf(*numbered);
}

absl::StatusOr<bool> SentRows::WasSent(absl::Span<const uint8_t> key) {
  const absl::StatusOr<bool> found = find_.Again().Blob(key).Step();
  find_.Again();
  return found;
}

}  // namespace entente::client
