#include "client/key_file.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/durable_file.h"
#include "crypto/hex.h"

namespace entente::client {
namespace {

constexpr size_t kMaxKind = 16;

std::string Label(absl::string_view kind) {
  return absl::StrCat("entente ", kind, " key v1\n");
}

}  // namespace

absl::Status CreateKeyFile(const std::string& path, absl::string_view kind,
                           absl::Span<const uint8_t> key) {
  if (key.size() != kKeyBytes || kind.size() > kMaxKind) {
    return absl::InvalidArgumentError("a key file holds a key of 32 bytes");
  }
  const std::string label = Label(kind);
  crypto::WipedArray<64 + kKeyBytes> content;
  uint8_t* end = std::copy(label.begin(), label.end(), content.begin());
  end = std::copy(key.begin(), key.end(), end);
  return CreatePrivate(
      path, {content.data(), static_cast<size_t>(end - content.begin())});
}

absl::StatusOr<crypto::Secret> ReadKeyFile(const std::string& path,
                                           absl::string_view kind) {
  absl::StatusOr<crypto::Secret> content = ReadPrivate(path);
  if (!content.ok()) return content.status();
  const absl::Span<const uint8_t> bytes = content->Expose();
  const std::string label = Label(kind);
  if (bytes.size() != label.size() + kKeyBytes ||
      !std::equal(label.begin(), label.end(), bytes.begin())) {
    return absl::DataLossError(absl::StrCat(
        path, " is not a ", kind,
        " key; restore it from the profile's backup, or make a new profile"));
  }
  crypto::WipedArray<kKeyBytes> key;
  std::copy(bytes.begin() + static_cast<ptrdiff_t>(label.size()), bytes.end(),
            key.begin());
  return crypto::Secret::TakeFrom({key.data(), key.size()});
}

}  // namespace entente::client
