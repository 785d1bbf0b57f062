#include "crypto/value.h"

#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

std::vector<Value> GoodValues() {
  return {Value::Null(),
          Value::Text(""),
          Value::Text("Ren\xc3\xa9"),
          Value::Text(std::string(5000, 'x')),
          Value::Integer(0),
          Value::Integer(-1),
          Value::Integer(kMin),
          Value::Integer(kMax),
          Value::Decimal("0"),
          Value::Decimal("-12.50"),
          Value::Decimal("1234567890123456789012345678901234567890"),
          Value::Date("1980-02-29"),
          Value::Time("2026-12-01T09:30:00.25Z"),
          Value::Boolean(true),
          Value::Boolean(false),
          Value::Code("BURG-DWELL"),
          Value::OfBytes(Bytes{0, 255, 0})};
}

Bytes Plaintext(uint32_t size, uint8_t type, Bytes value) {
  Bytes bytes = {
      static_cast<uint8_t>(size >> 24), static_cast<uint8_t>(size >> 16),
      static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size), type};
  bytes.insert(bytes.end(), value.begin(), value.end());
  bytes.resize(PlaintextSize(value.size(), 0));
  return bytes;
}

TEST(Value, RoundTrips) {
  for (const Value& value : GoodValues()) {
    const Bytes plaintext = *EncodePlaintext(value, 0);
    EXPECT_TRUE(IsPlaintextSize(plaintext.size()));
    EXPECT_EQ(*DecodePlaintext(plaintext, 0), value);
  }
}

TEST(Value, IsLaidOutAsDocumented) {
  EXPECT_EQ(*EncodePlaintext(Value::Null(), 0), Plaintext(0, 0, {}));
  EXPECT_EQ(*EncodePlaintext(Value::Text("ab"), 0),
            Plaintext(2, 1, {'a', 'b'}));
  EXPECT_EQ(*EncodePlaintext(Value::Integer(-2), 0),
            Plaintext(8, 2, {255, 255, 255, 255, 255, 255, 255, 254}));
  EXPECT_EQ(*EncodePlaintext(Value::Integer(258), 0),
            Plaintext(8, 2, {0, 0, 0, 0, 0, 0, 1, 2}));
  EXPECT_EQ(*EncodePlaintext(Value::Decimal("1"), 0), Plaintext(1, 3, {'1'}));
  EXPECT_EQ((*EncodePlaintext(Value::Date("2026-01-01"), 0))[4], 4);
  EXPECT_EQ((*EncodePlaintext(Value::Time("2026-01-01T00:00:00Z"), 0))[4], 5);
  EXPECT_EQ(*EncodePlaintext(Value::Boolean(true), 0), Plaintext(1, 6, {1}));
  EXPECT_EQ(*EncodePlaintext(Value::Code("A"), 0), Plaintext(1, 7, {'A'}));
  EXPECT_EQ(*EncodePlaintext(Value::OfBytes(Bytes{0}), 0),
            Plaintext(1, 8, {0}));
}

TEST(Value, BadOnesAreRefusedBothWays) {
  const std::pair<ValueType, std::vector<const char*>> cases[] = {
      {ValueType::kNull, {"x"}},
      {ValueType::kText, {"\xff", "Rene\xcc\x81"}},
      {ValueType::kCode, {"\xc3", "Rene\xcc\x81"}},
      {ValueType::kDecimal,
       {"", "-", "+1", "01", "1.", ".5", "1e3", "1,5", " 1", "--1", "1.2.3",
        "NaN"}},
      {ValueType::kDate, {"", "2026-02-30", "01/02/2026"}},
      {ValueType::kTime, {"", "2026-02-03", "2026-02-03T10:00:00+01:00"}}};
  for (const auto& [type, texts] : cases) {
    for (const absl::string_view text : texts) {
      EXPECT_EQ(EncodePlaintext(Value::Of(type, text), 0).status().code(),
                absl::StatusCode::kInvalidArgument)
          << static_cast<int>(type) << text;
      const Bytes plaintext = Plaintext(static_cast<uint32_t>(text.size()),
                                        static_cast<uint8_t>(type),
                                        Bytes(text.begin(), text.end()));
      EXPECT_EQ(DecodePlaintext(plaintext, 0).status().code(),
                absl::StatusCode::kInvalidArgument)
          << static_cast<int>(type) << text;
    }
  }
}

TEST(Value, HoldsNoMoreThanItsTypeAllows) {
  for (const Value& value :
       {Value{ValueType::kInteger, "x", 1}, Value{ValueType::kText, "x", 1},
        Value{ValueType::kBoolean, "", 2}, Value{ValueType::kNull, "", 1},
        Value{static_cast<ValueType>(9), "", 0}}) {
    EXPECT_EQ(CheckValue(value).code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(Value, HasALimit) {
  const std::string longest(kMaxValueSize, 'x');
  const Bytes plaintext = *EncodePlaintext(Value::Text(longest), 0);
  EXPECT_TRUE(IsPlaintextSize(plaintext.size()));
  EXPECT_EQ(DecodePlaintext(plaintext, 0)->text.size(), kMaxValueSize);
  EXPECT_EQ(EncodePlaintext(Value::Text(longest + "x"), 0).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Plaintext, RefusesWrongLengthsTypesAndPadding) {
  std::vector<Bytes> bad = {
      Plaintext(2, 1, {'a'}),        // the zero of the padding is the value
      Plaintext(0, 1, {'a'}),        // value inside the padding
      Plaintext(60, 1, {'a'}),       // longer than the plaintext
      Plaintext(0xffffffff, 1, {}),  // overflowing
      Plaintext(0, 9, {}),           // unknown type
      Plaintext(7, 2, Bytes(7)),     // short integer
      Plaintext(9, 2, Bytes(9)),     // long integer
      Plaintext(1, 6, {2}),          // bad boolean
      Plaintext(0, 6, {}),           // no boolean
      Plaintext(2, 6, {0, 1}),       // long boolean
      Bytes(63),
      Bytes(65),
      Bytes()};  // sizes that no value has
  // A NUL is a character of text, so the first one needs a stricter type.
  bad[0] = Plaintext(2, 3, {'1'});
  for (const Bytes& plaintext : bad) {
    EXPECT_EQ(DecodePlaintext(plaintext, 0).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  const Bytes good = *EncodePlaintext(Value::Text("ab"), 0);
  for (size_t i = 7; i < good.size(); ++i) {
    Bytes dirty = good;
    dirty[i] = 1;
    EXPECT_EQ(DecodePlaintext(dirty, 0).status().code(),
              absl::StatusCode::kInvalidArgument)
        << i;
  }
  Bytes longer = good;
  longer.resize(72);  // zeros, but more than the field takes
  EXPECT_FALSE(DecodePlaintext(longer, 0).ok());
}

TEST(Plaintext, OfAClosedVocabularyHasOneSize) {
  constexpr size_t kLongest = 200;
  const size_t size = PlaintextSize(kLongest, kLongest);
  for (const Value& value : {Value::Null(), Value::Code("A"),
                             Value::Code(std::string(kLongest, 'x'))}) {
    const Bytes plaintext = *EncodePlaintext(value, kLongest);
    EXPECT_EQ(plaintext.size(), size);
    EXPECT_EQ(*DecodePlaintext(plaintext, kLongest), value);
  }
  const Value longer = Value::Code(std::string(kLongest + 1, 'x'));
  EXPECT_EQ(EncodePlaintext(longer, kLongest).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(DecodePlaintext(*EncodePlaintext(longer, 0), kLongest).ok());
  EXPECT_FALSE(
      DecodePlaintext(*EncodePlaintext(Value::Code("A"), 0), kLongest).ok());
  EXPECT_FALSE(
      DecodePlaintext(*EncodePlaintext(Value::Code("A"), kLongest), 0).ok());
}

TEST(Padme, MatchesItsDefinition) {
  const std::pair<size_t, size_t> cases[] = {
      {0, 0},     {1, 1},     {2, 2},       {8, 8},         {9, 10},
      {64, 64},   {65, 72},   {72, 72},     {73, 80},       {100, 104},
      {128, 128}, {129, 144}, {1000, 1024}, {10000, 10240}, {1000005, 1015808}};
  for (const auto& [size, want] : cases) {
    EXPECT_EQ(PadmeSize(size), want) << size;
  }
  for (size_t size = 1; size < 5000; ++size) {
    EXPECT_GE(PadmeSize(size), size);
    EXPECT_LE(PadmeSize(size), size + size * 12 / 100 + 1);
    EXPECT_EQ(PadmeSize(PadmeSize(size)), PadmeSize(size));
  }
}

TEST(Plaintext, SizesThatNoValueHasAreKnown) {
  for (const size_t size : {0u, 63u, 65u, 1024u * 1024u, 1u << 30}) {
    EXPECT_FALSE(IsPlaintextSize(size)) << size;
  }
  for (const size_t size : {64u, 72u, 80u, 1015808u}) {
    EXPECT_TRUE(IsPlaintextSize(size)) << size;
  }
}

}  // namespace
}  // namespace entente::crypto
