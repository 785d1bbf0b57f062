// The byte encodings that are hashed and signed: big-endian numbers and strings
// with a length before them.
#ifndef ENTENTE_CRYPTO_ENCODING_H_
#define ENTENTE_CRYPTO_ENCODING_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/hex.h"

namespace entente::crypto {

// The most bytes that a two-byte length can announce.
inline constexpr size_t kMaxLpBytes = 65535;

// Appends `bytes` as they are.
void AppendRaw(Bytes* out, absl::Span<const uint8_t> bytes);
void AppendRaw(Bytes* out, absl::string_view text);
// Appends one byte, or 4 or 8 big-endian ones.
void AppendU8(Bytes* out, uint8_t value);
void AppendU32(Bytes* out, uint32_t value);
void AppendU64(Bytes* out, uint64_t value);
// Appends a 2-byte big-endian length, then the bytes. InvalidArgument above
// kMaxLpBytes; `out` is then as it was.
absl::Status AppendLp(Bytes* out, absl::Span<const uint8_t> bytes);
absl::Status AppendLp(Bytes* out, absl::string_view text);

// Builds a message from its parts:
//   ByteWriter().Raw("entente id v1").Lp(agreement).U32(epoch).Finish()
// The first error is kept until Finish.
class ByteWriter {
 public:
  ByteWriter& Raw(absl::Span<const uint8_t> bytes);
  ByteWriter& Raw(absl::string_view text);
  ByteWriter& Raw(const char* text) { return Raw(absl::string_view(text)); }
  ByteWriter& U8(uint8_t value);
  ByteWriter& U32(uint32_t value);
  ByteWriter& U64(uint64_t value);
  ByteWriter& Lp(absl::Span<const uint8_t> bytes);
  ByteWriter& Lp(absl::string_view text);
  ByteWriter& Lp(const char* text) { return Lp(absl::string_view(text)); }

  // Hands over what was written and leaves the writer empty. InvalidArgument if
  // a part given to Lp was longer than kMaxLpBytes.
  absl::StatusOr<Bytes> Finish();

 private:
  Bytes bytes_;
  absl::Status status_;
};

// Takes a message apart. Each call returns the next part, or OutOfRange, and
// then nothing is consumed, if fewer bytes are left. Spans borrow from the
// input. Safe on hostile input.
class ByteReader {
 public:
  explicit ByteReader(absl::Span<const uint8_t> bytes) : rest_(bytes) {}

  absl::StatusOr<absl::Span<const uint8_t>> Raw(size_t count);
  absl::StatusOr<uint8_t> U8();
  absl::StatusOr<uint16_t> U16();
  absl::StatusOr<uint32_t> U32();
  absl::StatusOr<uint64_t> U64();
  // What AppendLp wrote, without its length.
  absl::StatusOr<absl::Span<const uint8_t>> Lp();

  size_t remaining() const { return rest_.size(); }
  // InvalidArgument if anything is left.
  absl::Status ExpectEnd() const;

 private:
  absl::StatusOr<uint64_t> Number(size_t count);

  absl::Span<const uint8_t> rest_;
};

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_ENCODING_H_
