#include "crypto/encoding.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::crypto {
namespace {

void AppendBigEndian(Bytes* out, uint64_t value, size_t count) {
  for (size_t i = count; i > 0; --i) {
    out->push_back(static_cast<uint8_t>(value >> (8 * (i - 1))));
  }
}

}  // namespace

void AppendRaw(Bytes* out, absl::Span<const uint8_t> bytes) {
  out->insert(out->end(), bytes.begin(), bytes.end());
}

void AppendRaw(Bytes* out, absl::string_view text) {
  AppendRaw(out, AsBytes(text));
}

void AppendU8(Bytes* out, uint8_t value) { out->push_back(value); }

void AppendU32(Bytes* out, uint32_t value) { AppendBigEndian(out, value, 4); }

void AppendU64(Bytes* out, uint64_t value) { AppendBigEndian(out, value, 8); }

absl::Status AppendLp(Bytes* out, absl::Span<const uint8_t> bytes) {
  if (bytes.size() > kMaxLpBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        bytes.size(), " bytes where at most ", kMaxLpBytes, " can be encoded"));
  }
  AppendBigEndian(out, bytes.size(), 2);
  AppendRaw(out, bytes);
  return absl::OkStatus();
}

absl::Status AppendLp(Bytes* out, absl::string_view text) {
  return AppendLp(out, AsBytes(text));
}

ByteWriter& ByteWriter::Raw(absl::Span<const uint8_t> bytes) {
  AppendRaw(&bytes_, bytes);
  return *this;
}

ByteWriter& ByteWriter::Raw(absl::string_view text) {
  return Raw(AsBytes(text));
}

ByteWriter& ByteWriter::U8(uint8_t value) {
  AppendU8(&bytes_, value);
  return *this;
}

ByteWriter& ByteWriter::U32(uint32_t value) {
  AppendU32(&bytes_, value);
  return *this;
}

ByteWriter& ByteWriter::U64(uint64_t value) {
  AppendU64(&bytes_, value);
  return *this;
}

ByteWriter& ByteWriter::Lp(absl::Span<const uint8_t> bytes) {
  status_.Update(AppendLp(&bytes_, bytes));
  return *this;
}

ByteWriter& ByteWriter::Lp(absl::string_view text) { return Lp(AsBytes(text)); }

absl::StatusOr<Bytes> ByteWriter::Finish() {
  Bytes bytes = std::exchange(bytes_, {});
  const absl::Status status = std::exchange(status_, absl::OkStatus());
  if (!status.ok()) return status;
  return bytes;
}

absl::StatusOr<absl::Span<const uint8_t>> ByteReader::Raw(size_t count) {
  if (count > rest_.size()) {
    return absl::OutOfRangeError(
        absl::StrCat("need ", count, " bytes, have ", rest_.size()));
  }
  const absl::Span<const uint8_t> part = rest_.first(count);
  rest_.remove_prefix(count);
  return part;
}

absl::StatusOr<uint64_t> ByteReader::Number(size_t count) {
  const absl::StatusOr<absl::Span<const uint8_t>> part = Raw(count);
  if (!part.ok()) return part.status();
  uint64_t value = 0;
  for (const uint8_t byte : *part) value = (value << 8) | byte;
  return value;
}

absl::StatusOr<uint8_t> ByteReader::U8() {
  const absl::StatusOr<uint64_t> value = Number(1);
  if (!value.ok()) return value.status();
  return static_cast<uint8_t>(*value);
}

absl::StatusOr<uint16_t> ByteReader::U16() {
  const absl::StatusOr<uint64_t> value = Number(2);
  if (!value.ok()) return value.status();
  return static_cast<uint16_t>(*value);
}

absl::StatusOr<uint32_t> ByteReader::U32() {
  const absl::StatusOr<uint64_t> value = Number(4);
  if (!value.ok()) return value.status();
  return static_cast<uint32_t>(*value);
}

absl::StatusOr<uint64_t> ByteReader::U64() { return Number(8); }

absl::StatusOr<absl::Span<const uint8_t>> ByteReader::Lp() {
  const absl::Span<const uint8_t> before = rest_;
  const absl::StatusOr<uint16_t> size = U16();
  if (!size.ok()) return size.status();
  absl::StatusOr<absl::Span<const uint8_t>> part = Raw(*size);
  if (!part.ok()) rest_ = before;
  return part;
}

absl::Status ByteReader::ExpectEnd() const {
  if (rest_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(rest_.size(), " bytes too many"));
}

}  // namespace entente::crypto
