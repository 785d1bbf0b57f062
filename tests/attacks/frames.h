// HTTP/2 written by hand, also where no library would write it.
#ifndef ENTENTE_TESTS_ATTACKS_FRAMES_H_
#define ENTENTE_TESTS_ATTACKS_FRAMES_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace entente::attacks {

// RFC 9113, section 6.
enum class FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kResetStream = 3,
  kSettings = 4,
  kPing = 6,
  kContinuation = 9,
};
inline constexpr uint8_t kEndStream = 0x1;
inline constexpr uint8_t kAck = 0x1;
inline constexpr uint8_t kEndHeaders = 0x4;
// The largest frame that a peer must take.
inline constexpr size_t kMaxFrameBytes = 16384;

std::string Frame(FrameType type, uint8_t flags, uint32_t stream,
                  absl::string_view payload);

// What a client says first: the magic text and empty settings.
std::string Greeting();

// RFC 7541, section 5.1, with a prefix of `bits`; `first` has the bits before.
std::string Integer(uint64_t value, int bits, uint8_t first);

using Fields = std::vector<std::pair<std::string, std::string>>;

// Literal fields that are not indexed, without Huffman coding.
std::string HeaderBlock(const Fields& fields);

// The fields of a gRPC call of `path`.
Fields CallFields(absl::string_view path);

// HEADERS, and CONTINUATION where they are longer than a frame.
std::string HeaderFrames(uint32_t stream, const Fields& fields, uint8_t flags);

// A gRPC message with its five bytes before it.
std::string Message(absl::string_view body, bool compressed = false);

// `body` as DATA frames, the last one with `flags`.
std::string DataFrames(uint32_t stream, absl::string_view body, uint8_t flags);

}  // namespace entente::attacks

#endif  // ENTENTE_TESTS_ATTACKS_FRAMES_H_
