#include "crypto/convert.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace entente::crypto {
namespace {

using absl::StatusCode;

const Domain kFrom = {"ag", "north", Role::kMatching, 1};
const Domain kTo = {"ag", "south", Role::kMatching, 1};
const Domain kStudy = {"ag", "study", Role::kSealed, 1};

Secret Master() {
  Bytes bytes(32, 7);
  return *Secret::TakeFrom(absl::MakeSpan(bytes));
}

class ConvertTest : public testing::Test {
 protected:
  std::vector<Ciphertext> Encrypt(absl::Span<const Point> people) const {
    std::vector<Ciphertext> sent;
    for (const Point& person : people) {
      const Point pseudonym = *Mul(*DeriveDomainKey(master_, kFrom), person);
      sent.push_back(*EncryptPseudonym(pseudonym, target_));
    }
    return sent;
  }

  const Secret master_ = Master();
  const SecretScalar y_ = *SecretScalar::Random();
  const ConversionKeys keys_ = *ConversionKeys::Derive(master_, kFrom, kTo);
  const Point target_ = *ConversionTarget(*MulBase(y_), keys_.edge_key());
};

TEST_F(ConvertTest, TheRecipientGetsItsOwnPseudonymOfTheSamePerson) {
  const std::vector<Point> people = {*Point::Random(), *Point::Random(),
                                     *Point::Random()};
  const std::vector<Converted> converted = *Convert(keys_, Encrypt(people));
  ASSERT_EQ(converted.size(), people.size());
  const SecretScalar k_dst = *DeriveDomainKey(master_, kTo);
  for (size_t i = 0; i < people.size(); ++i) {
    EXPECT_EQ(*OpenPseudonym(y_, converted[i]), *Mul(k_dst, people[i]));
  }
}

TEST_F(ConvertTest, KeysAreThoseOfTheirDomainsAndEdge) {
  EXPECT_EQ(keys_.source_key(), *MulBase(*DeriveDomainKey(master_, kFrom)));
  EXPECT_EQ(keys_.destination_key(), *MulBase(*DeriveDomainKey(master_, kTo)));
  EXPECT_EQ(keys_.edge_key(),
            *MulBase(*DeriveEdgeKey(master_, {"ag", "north", "south", 1})));
  EXPECT_EQ(*Mul(keys_.s(), keys_.source_key()), keys_.destination_key());
  EXPECT_EQ(*Mul(keys_.s(), keys_.edge_key()), *MulBase(keys_.w()));
}

TEST_F(ConvertTest, ASealedDomainOnlyReceives) {
  EXPECT_TRUE(ConversionKeys::Derive(master_, kFrom, kStudy).ok());
  EXPECT_EQ(ConversionKeys::Derive(master_, kStudy, kFrom).status().code(),
            StatusCode::kPermissionDenied);
}

TEST_F(ConvertTest, KeysNeedOneAgreementAndAWholeMaster) {
  Domain other = kTo;
  other.agreement = "another";
  EXPECT_EQ(ConversionKeys::Derive(master_, kFrom, other).status().code(),
            StatusCode::kInvalidArgument);
  Bytes short_master(31, 7);
  EXPECT_EQ(ConversionKeys::Derive(
                *Secret::TakeFrom(absl::MakeSpan(short_master)), kFrom, kTo)
                .status()
                .code(),
            StatusCode::kInvalidArgument);
}

// Neither the recipient before conversion, nor the broker at any time, opens a
// ciphertext alone.
TEST_F(ConvertTest, NeitherRecipientNorBrokerOpensACiphertext) {
  const Point pseudonym = *Point::Random();
  const Ciphertext sent = *EncryptPseudonym(pseudonym, target_);
  const SecretScalar x = *DeriveEdgeKey(master_, {"ag", "north", "south", 1});
  EXPECT_NE(*Sub(sent.c2, *Mul(y_, sent.c1)), pseudonym);
  EXPECT_NE(*Sub(sent.c2, *Mul(x, sent.c1)), pseudonym);
  EXPECT_EQ(*Sub(*Sub(sent.c2, *Mul(y_, sent.c1)), *Mul(x, sent.c1)),
            pseudonym);
}

TEST_F(ConvertTest, AnotherEdgeOrKeyGivesNobody) {
  const Point person = *Point::Random();
  const std::vector<Ciphertext> sent = Encrypt({person});
  const Point expected = *Mul(*DeriveDomainKey(master_, kTo), person);
  const ConversionKeys back = *ConversionKeys::Derive(master_, kTo, kFrom);
  EXPECT_NE(*OpenPseudonym(y_, (*Convert(back, sent))[0]), expected);
  EXPECT_NE(*OpenPseudonym(*SecretScalar::Random(), (*Convert(keys_, sent))[0]),
            expected);
}

// Point 4 of section 7.
TEST_F(ConvertTest, EveryCiphertextHasFreshRandomness) {
  const Point pseudonym = *Point::Random();
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const Ciphertext sent = *EncryptPseudonym(pseudonym, target_);
    seen.insert(ToHex(sent.c1.bytes()));
    seen.insert(ToHex(sent.c2.bytes()));
  }
  EXPECT_EQ(seen.size(), 100);
}

TEST_F(ConvertTest, AbsencesConvertAndNeverRepeat) {
  const std::vector<Ciphertext> sent = {*EncryptAbsence(target_),
                                        *EncryptAbsence(target_)};
  const std::vector<Converted> converted = *Convert(keys_, sent);
  EXPECT_NE(*OpenPseudonym(y_, converted[0]), *OpenPseudonym(y_, converted[1]));
}

// Point 11 of section 7: C2 = x_e*C1 makes R2 the identity.
TEST_F(ConvertTest, RefusesAChunkInWhichOneConvertsToTheIdentity) {
  std::vector<Ciphertext> sent =
      Encrypt({*Point::Random(), *Point::Random(), *Point::Random()});
  const SecretScalar x = *DeriveEdgeKey(master_, {"ag", "north", "south", 1});
  sent[1].c2 = *Mul(x, sent[1].c1);
  const absl::Status status = Convert(keys_, sent).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(status.message()).find("ciphertext 1 "),
            std::string::npos)
      << status;
}

// C = (r*B, r*J): an encryption of the identity.
TEST_F(ConvertTest, TheRecipientRefusesTheIdentity) {
  const SecretScalar r = *SecretScalar::Random();
  const std::vector<Ciphertext> sent = {{*MulBase(r), *Mul(r, target_)}};
  const std::vector<Converted> converted = *Convert(keys_, sent);
  EXPECT_EQ(OpenPseudonym(y_, converted[0]).status().code(),
            StatusCode::kInvalidArgument);
}

TEST_F(ConvertTest, TargetIsRefusedIfItIsTheIdentity) {
  const Point key = *MulBase(y_);
  const Scalar y = *Scalar::Parse(y_.Expose());
  EXPECT_EQ(ConversionTarget(key, *MulBase(-y)).status().code(),
            StatusCode::kInvalidArgument);
}

TEST_F(ConvertTest, CiphertextsTravelAsSixtyFourBytes) {
  const std::vector<Ciphertext> sent = {*EncryptAbsence(target_),
                                        *EncryptAbsence(target_)};
  const std::vector<Converted> converted = *Convert(keys_, sent);
  Bytes packed = PackCiphertexts(sent);
  const Bytes packed_converted = PackConverted(converted);
  ASSERT_EQ(packed.size(), 128);
  EXPECT_EQ(Bytes(packed.begin() + 64, packed.begin() + 96),
            Bytes(sent[1].c1.bytes().begin(), sent[1].c1.bytes().end()));
  EXPECT_EQ(PackCiphertexts(*ParseCiphertexts(packed)), packed);
  EXPECT_EQ(PackConverted(*ParseConverted(packed_converted)), packed_converted);

  // Points 1 and 11: nothing but elements comes in.
  std::fill(packed.begin() + 96, packed.end(), 0);
  const absl::Status status = ParseCiphertexts(packed).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "element 3: an element that is the identity");
  EXPECT_EQ(ParseConverted(packed).status().code(),
            StatusCode::kInvalidArgument);
  packed.resize(96);
  EXPECT_EQ(ParseCiphertexts(packed).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(ParseConverted(packed).status().code(),
            StatusCode::kInvalidArgument);
}

TEST_F(ConvertTest, ARepeatedC1IsRefusedAcrossChunks) {
  std::vector<Ciphertext> first = {*EncryptAbsence(target_),
                                   *EncryptAbsence(target_)};
  std::vector<Ciphertext> second = {*EncryptAbsence(target_),
                                    *EncryptAbsence(target_)};
  RepeatedC1Check check;
  EXPECT_TRUE(check.Add(first).ok());
  EXPECT_TRUE(check.Add(second).ok());
  second[0] = *EncryptAbsence(target_);
  second[1].c1 = first[0].c1;
  const absl::Status status = check.Add(second);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "ciphertext 1 repeats a C1 of its batch");
  first[1].c1 = first[0].c1;
  EXPECT_EQ(RepeatedC1Check().Add(first).code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::crypto
