#include "crypto/group.h"

#include <gtest/gtest.h>

#include <string>

namespace entente::crypto {
namespace {

using absl::StatusCode;

// l, little-endian.
constexpr char kOrder[] =
    "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

TEST(PointParseTest, TakesTheMultiplesOfTheBase) {
  // RFC 9496 appendix A.1: B and 2B.
  const Point base = *Point::Parse(*FromHex(
      "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"));
  const Point twice = *Point::Parse(*FromHex(
      "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919"));
  EXPECT_EQ(base, Point::Base());
  EXPECT_EQ(*Add(base, base), twice);
  EXPECT_EQ(*Sub(twice, base), base);
}

struct BadPoint {
  std::string name, hex, why;
};

using BadPointTest = testing::TestWithParam<BadPoint>;

TEST_P(BadPointTest, IsRefused) {
  const absl::Status status = Point::Parse(*FromHex(GetParam().hex)).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(status.message()).find(GetParam().why),
            std::string::npos)
      << status;
}

INSTANTIATE_TEST_SUITE_P(
    PointParse, BadPointTest,
    testing::Values(
        BadPoint{"Empty", "", "of 0 bytes"},
        BadPoint{"Short", std::string(62, '2'), "of 31 bytes"},
        BadPoint{"Long", std::string(66, '2'), "of 33 bytes"},
        BadPoint{"Identity", std::string(64, '0'), "identity"},
        // B with bit 255 set, which libsodium 1.0.18 takes for B.
        BadPoint{
            "TopBit",
            "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2df6",
            "bit 255"},
        BadPoint{"IdentityWithTopBit", std::string(62, '0') + "80", "bit 255"},
        // RFC 9496 appendix A.2: not reduced, negative, not a square, negative
        // x*y, s = -1.
        BadPoint{
            "NotReduced",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "not the encoding"},
        BadPoint{
            "Negative",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "not the encoding"},
        BadPoint{
            "NotASquare",
            "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
            "not the encoding"},
        BadPoint{
            "NegativeProduct",
            "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
            "not the encoding"},
        BadPoint{
            "MinusOne",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "not the encoding"}),
    [](const auto& test) { return test.param.name; });

TEST(PointTest, TheIdentityIsRefusedAsAResult) {
  const Point p = *Point::Random();
  const Scalar zero = *Scalar::Parse(Bytes(32, 0));
  const Point minus =
      *Mul(-*Scalar::Parse(*FromHex("01" + std::string(62, '0'))), p);
  EXPECT_EQ(Sub(p, p).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Add(p, minus).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Mul(zero, p).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(MulBase(zero).status().code(), StatusCode::kInvalidArgument);
}

TEST(PointTest, RandomPointsDiffer) {
  EXPECT_NE(*Point::Random(), *Point::Random());
}

// RFC 9496 appendix A.3's one-way map, first value.
TEST(PointTest, UniformBytesMapAsPublished) {
  const Bytes bytes = *FromHex(
      "5d1be09e3d0c82fc538112490e35701979d99e06ca3e2b5b54bffe8b4dc772c1"
      "4d98b696a1bbfb5ca32c436cc61c16563790306c79eaca7705668b47dffe5bb6");
  std::array<uint8_t, 64> wide;
  std::copy(bytes.begin(), bytes.end(), wide.begin());
  EXPECT_EQ(ToHex(Point::FromUniform(wide)->bytes()),
            "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46");
}

TEST(PointTest, PacksAndNamesTheFirstBadElement) {
  const std::vector<Point> points = {*Point::Random(), *Point::Random(),
                                     *Point::Random()};
  Bytes packed = PackPoints(points);
  EXPECT_EQ(packed.size(), 96);
  EXPECT_EQ(*ParsePoints(packed), points);
  EXPECT_TRUE(ParsePoints({})->empty());
  packed[63] |= 0x80;
  const absl::Status bad = ParsePoints(packed).status();
  EXPECT_EQ(bad.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(bad.message(), "element 1: an element with bit 255 set");
  packed.pop_back();
  EXPECT_EQ(ParsePoints(packed).status().code(), StatusCode::kInvalidArgument);
}

TEST(ScalarTest, OnlyTheCanonicalEncodingIsRead) {
  const std::string below = "ec" + std::string(kOrder).substr(2);
  const std::string above = "ee" + std::string(kOrder).substr(2);
  EXPECT_TRUE(Scalar::Parse(*FromHex(below)).ok());
  EXPECT_TRUE(SecretScalar::Parse(*FromHex(below)).ok());
  for (const std::string& hex :
       {std::string(kOrder), above, std::string(64, 'f'), std::string(62, '1'),
        std::string(66, '1'), std::string()}) {
    EXPECT_EQ(Scalar::Parse(*FromHex(hex)).status().code(),
              StatusCode::kInvalidArgument);
    EXPECT_EQ(SecretScalar::Parse(*FromHex(hex)).status().code(),
              StatusCode::kInvalidArgument);
  }
}

TEST(ScalarTest, ZeroIsPublicOnly) {
  EXPECT_TRUE(Scalar::Parse(Bytes(32, 0)).ok());
  EXPECT_EQ(SecretScalar::Parse(Bytes(32, 0)).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(ScalarTest, ReducesSixtyFourBytesAndRefusesZero) {
  Bytes wide = *FromHex(kOrder);
  wide.resize(64, 0);
  EXPECT_EQ(Scalar::Reduce64(wide).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(SecretScalar::FromReduce64(wide).status().code(),
            StatusCode::kInvalidArgument);
  wide[0] += 5;  // l + 5
  EXPECT_EQ(ToHex(Scalar::Reduce64(wide)->bytes()),
            "05" + std::string(62, '0'));
  EXPECT_EQ(ToHex(SecretScalar::FromReduce64(wide)->Expose()),
            "05" + std::string(62, '0'));
  wide.pop_back();
  EXPECT_EQ(Scalar::Reduce64(wide).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(SecretScalar::FromReduce64(wide).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(ScalarTest, ShortNumbersAreLittleEndian) {
  std::array<uint8_t, 16> bytes{};
  bytes[0] = 2;
  EXPECT_EQ(*Mul(Scalar::FromU128(bytes), Point::Base()),
            *Add(Point::Base(), Point::Base()));
}

TEST(SecretScalarTest, ArithmeticAgreesWithTheGroup) {
  const SecretScalar a = *SecretScalar::Random(), b = *SecretScalar::Random();
  const Point p = *Point::Random();
  EXPECT_EQ(*Mul(a * b, p), *Mul(a, *Mul(b, p)));
  EXPECT_EQ(*Mul(a.Inverse(), *Mul(a, p)), p);
  EXPECT_EQ(*MulBase(a), *Mul(a, Point::Base()));
  const Scalar c = *Scalar::Parse(b.Expose());
  EXPECT_EQ(*Mul(a.Answer(c, b), p), *Add(*Mul(a, p), *Mul(c, *Mul(b, p))));
  EXPECT_EQ(*Mul(a.Answer(-c, b), p), *Sub(*Mul(a, p), *Mul(c, *Mul(b, p))));
  EXPECT_EQ(*MulBase(c), *MulBase(b));
  EXPECT_NE(*MulBase(a), *MulBase(b));
}

}  // namespace
}  // namespace entente::crypto
