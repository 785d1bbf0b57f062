#include "crypto/sealed_fields.h"

#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

Bytes Packed(const std::vector<size_t>& sizes) {
  Bytes packed;
  for (const size_t size : sizes) {
    EXPECT_TRUE(AppendSealedField(&packed, Bytes(size, 7)).ok());
  }
  return packed;
}

TEST(SealedFields, AreLaidOutAsDocumented) {
  Bytes want = {0, 0, 0, 80};
  want.resize(84, 7);
  EXPECT_EQ(Packed({80}), want);
}

TEST(SealedFields, ReadBackInOrder) {
  const Bytes packed = Packed({80, 88, 160});
  SealedFieldReader reader(packed);
  EXPECT_EQ(*reader.Next(), Bytes(80, 7));
  EXPECT_EQ(*reader.Next(), Bytes(88, 7));
  EXPECT_FALSE(reader.ExpectEnd().ok());
  EXPECT_EQ(*reader.Next(), Bytes(160, 7));
  EXPECT_TRUE(reader.ExpectEnd().ok());
  EXPECT_EQ(reader.Next().status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(SealedFields, RefuseLengthsThatNoPaddedValueHas) {
  for (const size_t size : {0, 15, 16, 79, 81, 87}) {
    Bytes packed = {1};
    EXPECT_EQ(AppendSealedField(&packed, Bytes(size)).code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(packed, Bytes{1});
    Bytes wire;
    AppendU32(&wire, static_cast<uint32_t>(size));
    wire.resize(wire.size() + size);
    EXPECT_EQ(CheckSealedFields(wire, 1).code(),
              absl::StatusCode::kInvalidArgument)
        << size;
  }
  EXPECT_FALSE(CheckSealedFields(Bytes(4, 0xff), 1).ok());
}

TEST(SealedFields, MustBeExactlyAsMany) {
  const Bytes packed = Packed({80, 88});
  EXPECT_TRUE(CheckSealedFields(packed, 2).ok());
  EXPECT_TRUE(CheckSealedFields({}, 0).ok());
  for (const size_t count : {0, 1, 3}) {
    EXPECT_EQ(CheckSealedFields(packed, count).code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(SealedFields, RefuseEveryTruncation) {
  const Bytes packed = Packed({80, 88});
  for (size_t size = 0; size < packed.size(); ++size) {
    EXPECT_EQ(CheckSealedFields(absl::MakeSpan(packed).first(size), 2).code(),
              absl::StatusCode::kInvalidArgument)
        << size;
  }
}

}  // namespace
}  // namespace entente::crypto
