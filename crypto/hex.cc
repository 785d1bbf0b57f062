#include "crypto/hex.h"

#include <sodium.h>

#include "absl/strings/escaping.h"

namespace entente::crypto {

absl::Span<const uint8_t> AsBytes(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

absl::string_view AsText(absl::Span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string ToHex(absl::Span<const uint8_t> bytes) {
  return absl::BytesToHexString(AsText(bytes));
}

absl::StatusOr<Bytes> FromHex(absl::string_view text) {
  if (text.empty()) return Bytes();  // libsodium takes no null pointer
  Bytes bytes(text.size() / 2);
  size_t read = 0;
  if (text.size() % 2 != 0 ||
      sodium_hex2bin(bytes.data(), bytes.size(), text.data(), text.size(),
                     nullptr, &read, nullptr) != 0) {
    return absl::InvalidArgumentError("not hexadecimal");
  }
  if (read != bytes.size() || ToHex(bytes) != text) {
    return absl::InvalidArgumentError("not lower-case hexadecimal");
  }
  return bytes;
}

std::string ToBase64(absl::Span<const uint8_t> bytes) {
  return absl::Base64Escape(AsText(bytes));
}

absl::StatusOr<Bytes> FromBase64(absl::string_view text) {
  if (text.empty()) return Bytes();
  if (text.size() % 4 != 0) return absl::InvalidArgumentError("not base64");
  Bytes bytes(text.size() / 4 * 3);
  size_t read = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(),
                        nullptr, &read, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return absl::InvalidArgumentError("not base64");
  }
  bytes.resize(read);
  if (ToBase64(bytes) != text)
    return absl::InvalidArgumentError("not canonical base64");
  return bytes;
}

}  // namespace entente::crypto
