#include "crypto/hash_to_group.h"

#include <algorithm>
#include <array>

#include "crypto/sha.h"

namespace entente::crypto {
namespace {

constexpr size_t kBlockBytes = 128;
constexpr size_t kHashBytes = 64;

}  // namespace

absl::StatusOr<Bytes> ExpandMessageXmdSha512(absl::Span<const uint8_t> message,
                                             absl::string_view dst,
                                             size_t size) {
  if (dst.empty() || dst.size() > 255) {
    return absl::InvalidArgumentError("a separator needs 1 to 255 bytes");
  }
  if (size == 0 || size > 255 * kHashBytes) {
    return absl::InvalidArgumentError("can expand to 1 to 16320 bytes");
  }
  const std::array<uint8_t, kBlockBytes> zero_block{};
  const std::array<uint8_t, 3> size_and_zero = {static_cast<uint8_t>(size >> 8),
                                                static_cast<uint8_t>(size), 0};
  const std::array<uint8_t, 1> dst_size = {static_cast<uint8_t>(dst.size())};

  Sha512Hasher hasher;
  const Hash512 first = hasher.Update(zero_block)
                            .Update(message)
                            .Update(size_and_zero)
                            .Update(dst)
                            .Update(dst_size)
                            .Finish();
  Bytes expanded;
  Hash512 block{};
  for (uint8_t i = 1; expanded.size() < size; ++i) {
    for (size_t j = 0; j < kHashBytes; ++j) block[j] ^= first[j];
    const std::array<uint8_t, 1> counter = {i};
    block = hasher.Update(block)
                .Update(counter)
                .Update(dst)
                .Update(dst_size)
                .Finish();
    const size_t wanted = std::min(kHashBytes, size - expanded.size());
    expanded.insert(expanded.end(), block.begin(), block.begin() + wanted);
  }
  return expanded;
}

absl::StatusOr<Scalar> HashToScalar(absl::string_view label,
                                    absl::Span<const uint8_t> message) {
  const absl::StatusOr<Bytes> wide =
      ExpandMessageXmdSha512(message, label, kHashBytes);
  if (!wide.ok()) return wide.status();
  return Scalar::Reduce64(*wide);
}

absl::StatusOr<Point> HashToGroup(absl::Span<const uint8_t> message,
                                  absl::string_view dst) {
  const absl::StatusOr<Bytes> wide =
      ExpandMessageXmdSha512(message, dst, kHashBytes);
  if (!wide.ok()) return wide.status();
  Hash512 uniform;
  std::copy(wide->begin(), wide->end(), uniform.begin());
  return Point::FromUniform(uniform);
}

}  // namespace entente::crypto
