#include "crypto/unicode.h"

#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include <cstdlib>
#include <memory>

namespace entente::crypto {
namespace {

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

const uint8_t* Units(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

absl::Status CheckUtf8(absl::string_view text) {
  if (!text.empty() && u8_check(Units(text), text.size()) != nullptr) {
    return absl::InvalidArgumentError("text is not well-formed UTF-8");
  }
  return absl::OkStatus();
}

bool IsAscii(absl::string_view text) {
  for (const char c : text) {
    if (static_cast<uint8_t>(c) >= 0x80) return false;
  }
  return true;
}

}  // namespace

absl::Status CheckNfc(absl::string_view text) {
  if (IsAscii(text)) return absl::OkStatus();
  if (absl::Status utf8 = CheckUtf8(text); !utf8.ok()) return utf8;
  size_t size = 0;
  const std::unique_ptr<uint8_t, Free> composed(
      u8_normalize(UNINORM_NFC, Units(text), text.size(), nullptr, &size));
  if (composed == nullptr) {
    return absl::ResourceExhaustedError("no memory to normalise text");
  }
  if (absl::string_view(reinterpret_cast<const char*>(composed.get()), size) !=
      text) {
    return absl::InvalidArgumentError(
        "text is not in Unicode normalisation form C");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::u32string> DecomposeNfkd(absl::string_view text) {
  if (text.empty()) return std::u32string();
  if (absl::Status utf8 = CheckUtf8(text); !utf8.ok()) return utf8;
  size_t wide_size = 0;
  const std::unique_ptr<uint32_t, Free> wide(
      u8_to_u32(Units(text), text.size(), nullptr, &wide_size));
  size_t size = 0;
  const std::unique_ptr<uint32_t, Free> decomposed(
      wide == nullptr
          ? nullptr
          : u32_normalize(UNINORM_NFKD, wide.get(), wide_size, nullptr, &size));
  if (decomposed == nullptr) {
    return absl::ResourceExhaustedError("no memory to normalise text");
  }
  return std::u32string(decomposed.get(), decomposed.get() + size);
}

bool IsMark(char32_t code_point) {
  return uc_is_general_category(code_point, UC_CATEGORY_M);
}

}  // namespace entente::crypto
