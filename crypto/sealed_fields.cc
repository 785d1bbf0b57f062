#include "crypto/sealed_fields.h"

#include "crypto/aead.h"
#include "crypto/value.h"

namespace entente::crypto {
namespace {

absl::Status CheckSize(size_t size) {
  if (size >= kAeadTagSize && IsPlaintextSize(size - kAeadTagSize)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "a sealed field has a length that no padded value has");
}

}  // namespace

absl::Status AppendSealedField(Bytes* packed,
                               absl::Span<const uint8_t> ciphertext) {
  if (absl::Status size = CheckSize(ciphertext.size()); !size.ok()) return size;
  AppendU32(packed, static_cast<uint32_t>(ciphertext.size()));
  AppendRaw(packed, ciphertext);
  return absl::OkStatus();
}

absl::StatusOr<absl::Span<const uint8_t>> SealedFieldReader::Next() {
  const absl::StatusOr<uint32_t> size = reader_.U32();
  if (!size.ok()) {
    return absl::InvalidArgumentError("a sealed field is missing");
  }
  if (absl::Status checked = CheckSize(*size); !checked.ok()) return checked;
  const absl::StatusOr<absl::Span<const uint8_t>> ciphertext =
      reader_.Raw(*size);
  if (!ciphertext.ok()) {
    return absl::InvalidArgumentError("a sealed field is cut short");
  }
  return *ciphertext;
}

absl::Status CheckSealedFields(absl::Span<const uint8_t> packed, size_t count) {
  SealedFieldReader reader(packed);
  for (size_t i = 0; i < count; ++i) {
    if (const auto field = reader.Next(); !field.ok()) return field.status();
  }
  return reader.ExpectEnd();
}

}  // namespace entente::crypto
