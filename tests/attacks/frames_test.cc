#include "tests/attacks/frames.h"

#include "gtest/gtest.h"

namespace entente::attacks {
namespace {

TEST(Frames, IntegersAreThoseOfTheStandard) {
  // RFC 7541, C.1.
  EXPECT_EQ(Integer(10, 5, 0), "\x0a");
  EXPECT_EQ(Integer(1337, 5, 0), "\x1f\x9a\x0a");
  EXPECT_EQ(Integer(42, 8, 0), "\x2a");
}

TEST(Frames, AFieldIsThatOfTheStandard) {
  // RFC 7541, C.2.2 has the name indexed; this is the form of C.2.3, with the
  // first byte of a field that is not indexed.
  EXPECT_EQ(HeaderBlock({{"password", "secret"}}),
            std::string("\0\x08password\x06secret", 17));
}

TEST(Frames, AFrameHasLengthTypeFlagsAndStream) {
  EXPECT_EQ(Frame(FrameType::kPing, kAck, 0, "12345678"),
            std::string("\0\0\x08\x06\x01\0\0\0\0", 9) + "12345678");
  EXPECT_EQ(Frame(FrameType::kData, kEndStream, 0x01020304, "x"),
            std::string("\0\0\x01\0\x01\x01\x02\x03\x04", 9) + "x");
}

TEST(Frames, LongHeadersAreContinued) {
  const Fields fields = {{"x", std::string(kMaxFrameBytes, 'y')}};
  const std::string block = HeaderBlock(fields);
  EXPECT_EQ(HeaderFrames(1, fields, kEndStream),
            Frame(FrameType::kHeaders, kEndStream, 1,
                  absl::string_view(block).substr(0, kMaxFrameBytes)) +
                Frame(FrameType::kContinuation, kEndHeaders, 1,
                      absl::string_view(block).substr(kMaxFrameBytes)));
}

TEST(Frames, MessagesAreCutIntoFrames) {
  EXPECT_EQ(Message("abc", true), std::string("\1\0\0\0\3", 5) + "abc");
  const std::string body(kMaxFrameBytes + 1, 'z');
  EXPECT_EQ(DataFrames(3, body, kEndStream),
            Frame(FrameType::kData, 0, 3, body.substr(1)) +
                Frame(FrameType::kData, kEndStream, 3, "z"));
  EXPECT_EQ(DataFrames(3, "", kEndStream),
            Frame(FrameType::kData, kEndStream, 3, ""));
}

}  // namespace
}  // namespace entente::attacks
