#include "crypto/printed_pseudonym.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "crypto/encoding.h"
#include "crypto/sha.h"

namespace entente::crypto {
namespace {

using absl::StatusCode;

const Domain kOwner = {"ag", "north", Role::kMatching, 1};

Secret Key(uint8_t byte, size_t size = 32) {
  Bytes bytes(size, byte);
  return *Secret::TakeFrom(absl::MakeSpan(bytes));
}

// The number that 16 Crockford digits spell, as 10 bytes.
Bytes Read(const std::string& printed) {
  const std::string alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  Bytes bytes(10, 0);
  int bit = 0;
  for (const char digit : printed) {
    if (digit == '-') continue;
    const size_t value = alphabet.find(digit);
    EXPECT_NE(value, std::string::npos);
    for (int i = 4; i >= 0; --i, ++bit) {
      bytes[bit / 8] |= ((value >> i) & 1) << (7 - bit % 8);
    }
  }
  EXPECT_EQ(bit, 80);
  return bytes;
}

TEST(PrintedPseudonymTest, SpellsTheFirstEightyBitsOfTheMac) {
  for (int i = 0; i < 20; ++i) {
    const Point pseudonym = *Point::Random();
    const std::string printed = *PrintPseudonym(Key(1), kOwner, pseudonym);
    ASSERT_EQ(printed.size(), 19);
    for (const size_t at : {4, 9, 14}) EXPECT_EQ(printed[at], '-');
    const Hash mac = HmacSha256(Key(1).Expose(), *ByteWriter()
                                                      .Raw("entente print v1")
                                                      .Raw(*DomainBytes(kOwner))
                                                      .Raw(pseudonym.bytes())
                                                      .Finish());
    EXPECT_EQ(Read(printed), Bytes(mac.begin(), mac.begin() + 10));
  }
}

TEST(PrintedPseudonymTest, DependsOnKeyDomainAndPseudonym) {
  const Point pseudonym = Point::Base();
  Domain other = kOwner;
  other.epoch = 2;
  const std::set<std::string> printed = {
      *PrintPseudonym(Key(1), kOwner, pseudonym),
      *PrintPseudonym(Key(2), kOwner, pseudonym),
      *PrintPseudonym(Key(1), other, pseudonym),
      *PrintPseudonym(Key(1), kOwner, *Point::Random())};
  EXPECT_EQ(printed.size(), 4);
}

TEST(PrintedPseudonymTest, RefusesAnotherKeyLengthOrABadDomain) {
  EXPECT_EQ(PrintPseudonym(Key(1, 31), kOwner, Point::Base()).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(PrintPseudonym(Key(1), Domain(), Point::Base()).status().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::crypto
