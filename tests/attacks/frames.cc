#include "tests/attacks/frames.h"

#include "absl/strings/str_cat.h"

namespace entente::attacks {
namespace {

// `value`, big-endian, in `bytes` bytes.
std::string BigEndian(uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) {
    text.push_back(static_cast<char>(value >> (8 * i)));
  }
  return text;
}

}  // namespace

std::string Frame(FrameType type, uint8_t flags, uint32_t stream,
                  absl::string_view payload) {
  std::string frame = BigEndian(payload.size(), 3);
  frame.push_back(static_cast<char>(type));
  frame.push_back(static_cast<char>(flags));
  return absl::StrCat(frame, BigEndian(stream, 4), payload);
}

std::string Greeting() {
  return absl::StrCat("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                      Frame(FrameType::kSettings, 0, 0, ""));
}

std::string Integer(uint64_t value, int bits, uint8_t first) {
  const uint64_t most = (1u << bits) - 1;
  std::string text;
  if (value < most) {
    text.push_back(static_cast<char>(first | value));
    return text;
  }
  text.push_back(static_cast<char>(first | most));
  value -= most;
  for (; value >= 0x80; value >>= 7) {
    text.push_back(static_cast<char>(0x80 | (value & 0x7f)));
  }
  text.push_back(static_cast<char>(value));
  return text;
}

std::string HeaderBlock(const Fields& fields) {
  std::string block;
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&block, Integer(0, 4, 0), Integer(name.size(), 7, 0), name,
                    Integer(value.size(), 7, 0), value);
  }
  return block;
}

Fields CallFields(absl::string_view path) {
  return {{":method", "POST"},
          {":scheme", "https"},
          {":path", std::string(path)},
          {":authority", "broker"},
          {"content-type", "application/grpc"},
          {"te", "trailers"}};
}

std::string HeaderFrames(uint32_t stream, const Fields& fields, uint8_t flags) {
  const std::string block = HeaderBlock(fields);
  absl::string_view rest = block;
  std::string frames;
  FrameType type = FrameType::kHeaders;
  do {
    const absl::string_view part = rest.substr(0, kMaxFrameBytes);
    rest.remove_prefix(part.size());
    absl::StrAppend(
        &frames,
        Frame(type,
              static_cast<uint8_t>((type == FrameType::kHeaders ? flags : 0) |
                                   (rest.empty() ? kEndHeaders : 0)),
              stream, part));
    type = FrameType::kContinuation;
  } while (!rest.empty());
  return frames;
}

std::string Message(absl::string_view body, bool compressed) {
  return absl::StrCat(std::string(1, compressed ? '\1' : '\0'),
                      BigEndian(body.size(), 4), body);
}

std::string DataFrames(uint32_t stream, absl::string_view body, uint8_t flags) {
  std::string frames;
  do {
    const absl::string_view part = body.substr(0, kMaxFrameBytes);
    body.remove_prefix(part.size());
    absl::StrAppend(&frames, Frame(FrameType::kData, body.empty() ? flags : 0,
                                   stream, part));
  } while (!body.empty());
  return frames;
}

}  // namespace entente::attacks
