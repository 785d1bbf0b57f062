// Memory for bytes that must not outlive their use.
#ifndef ENTENTE_CRYPTO_SECRET_H_
#define ENTENTE_CRYPTO_SECRET_H_

#include <sodium.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace entente::crypto {

// Bytes kept in sodium_malloc memory (guarded, locked, out of core dumps),
// wiped on destruction, never copied, printed, or put in a std::string. One
// costs 18 us and three pages: for keys that live long. Const methods may run
// concurrently.
class Secret {
 public:
  // Copies `source`, then wipes it. ResourceExhausted if memory runs out; the
  // source is wiped all the same.
  static absl::StatusOr<Secret> TakeFrom(absl::Span<uint8_t> source);

  // `size` fresh random bytes. ResourceExhausted if memory runs out.
  static absl::StatusOr<Secret> Random(size_t size);

  // The bytes, valid while this Secret lives. Reviewers look at every call.
  absl::Span<const uint8_t> Expose() const { return {bytes_.get(), size()}; }

  // 0 once moved from.
  size_t size() const { return bytes_ == nullptr ? 0 : size_; }

 private:
  struct Free {
    void operator()(uint8_t* bytes) const { sodium_free(bytes); }
  };

  static absl::StatusOr<Secret> Allocate(size_t size);

  std::unique_ptr<uint8_t[], Free> bytes_;  // move-only
  size_t size_ = 0;
};

// N bytes on the stack or in a container, zero at first, wiped on destruction:
// for what lives as long as a call. Copies are wiped each in its turn.
template <size_t N>
class WipedArray {
 public:
  WipedArray() : bytes_{} {}
  WipedArray(const WipedArray&) = default;
  WipedArray& operator=(const WipedArray&) = default;
  ~WipedArray() { sodium_memzero(bytes_.data(), N); }

  uint8_t* data() { return bytes_.data(); }
  const uint8_t* data() const { return bytes_.data(); }
  static constexpr size_t size() { return N; }
  uint8_t* begin() { return data(); }
  uint8_t* end() { return data() + N; }
  const uint8_t* begin() const { return data(); }
  const uint8_t* end() const { return data() + N; }

 private:
  std::array<uint8_t, N> bytes_;
};

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_SECRET_H_
