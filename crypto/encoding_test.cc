#include "crypto/encoding.h"

#include <gtest/gtest.h>

namespace entente::crypto {
namespace {

TEST(ByteWriterTest, WritesBigEndianNumbersAndLengths) {
  const absl::StatusOr<Bytes> bytes = ByteWriter()
                                          .Raw("v1")
                                          .U8(0xab)
                                          .U32(0x01020304)
                                          .U64(0x1122334455667788)
                                          .Lp("xyz")
                                          .Lp("")
                                          .Raw(Bytes{0xff})
                                          .Lp(Bytes{0xfe})
                                          .Finish();
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(ToHex(*bytes),
            "7631ab01020304112233445566778800"
            "0378797a0000ff0001fe");
}

TEST(ByteWriterTest, RefusesPartsThatTwoBytesCannotMeasure) {
  const Bytes longest(kMaxLpBytes, 7), longer(kMaxLpBytes + 1, 7);
  EXPECT_TRUE(ByteWriter().Lp(longest).Finish().ok());
  ByteWriter writer;
  // A later good part does not hide the error.
  EXPECT_EQ(writer.Lp(longer).Lp("good").Finish().status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(*writer.Lp("next").Finish(), *ByteWriter().Lp("next").Finish());
  Bytes out = {1};
  EXPECT_EQ(AppendLp(&out, longer).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(out, Bytes{1});
}

TEST(ByteReaderTest, ReadsBackWhatWasWritten) {
  const Bytes bytes = *ByteWriter()
                           .U8(1)
                           .U8(2)
                           .U8(3)
                           .U32(0xfffffffe)
                           .U64(0xfffffffffffffffd)
                           .Lp("xyz")
                           .Raw("ab")
                           .Finish();
  ByteReader reader(bytes);
  EXPECT_EQ(*reader.U8(), 1);
  EXPECT_EQ(*reader.U16(), 0x0203);
  EXPECT_EQ(*reader.U32(), 0xfffffffe);
  EXPECT_EQ(*reader.U64(), 0xfffffffffffffffd);
  EXPECT_EQ(AsText(*reader.Lp()), "xyz");
  EXPECT_EQ(reader.ExpectEnd().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(AsText(*reader.Raw(2)), "ab");
  EXPECT_TRUE(reader.ExpectEnd().ok());
}

TEST(ByteReaderTest, ConsumesNothingWhenBytesAreMissing) {
  const Bytes bytes = {0, 9, 1};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.U32().status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(reader.U64().status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(reader.Raw(4).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(reader.Lp().status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(reader.remaining(), 3);
  ByteReader empty({});
  EXPECT_EQ(empty.U8().status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(empty.U16().status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(empty.Lp().status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_TRUE(empty.Raw(0).ok());
}

}  // namespace
}  // namespace entente::crypto
