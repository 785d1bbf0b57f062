// Enrolment and conversion together, as two agencies and a broker use them.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "crypto/conversion_proof.h"
#include "crypto/convert.h"
#include "crypto/domain.h"
#include "crypto/identifier_element.h"
#include "crypto/sha.h"
#include "crypto/voprf.h"

namespace entente::crypto {
namespace {

class PseudonymFlowTest : public testing::Test {
 protected:
  Domain MatchingOf(const std::string& agency) const {
    return {"ag", agency, Role::kMatching, 1};
  }

  // What an agency and the broker do to enrol.
  std::vector<Point> Enrol(const std::string& agency,
                           const std::vector<std::string>& people) const {
    std::vector<Point> elements;
    for (const std::string& canon : people) {
      elements.push_back(*IdentifierElement(pepper_, "ag", "nhs/1", canon));
    }
    const BlindedBatch batch = *BlindedBatch::Create(elements);

    const SecretScalar k = *DeriveDomainKey(master_, MatchingOf(agency));
    const std::vector<Point> evaluated = *BlindEvaluate(k, batch.blinded());
    const Point key = *MulBase(k);
    const DleqProof proof =
        *ProveEvaluation(k, key, batch.blinded(), evaluated);

    return *batch.Finish(key, evaluated, proof);
  }

  const Secret master_ = *Secret::Random(32);
  const Secret pepper_ = *Secret::Random(32);
};

TEST_F(PseudonymFlowTest, TheRecipientFindsExactlyThePeopleThatItKnows) {
  const std::vector<Point> north = Enrol("north", {"1", "2", "3"});
  const std::vector<Point> south = Enrol("south", {"3", "1", "4"});
  for (const Point& pseudonym : north) {
    EXPECT_EQ(std::count(south.begin(), south.end(), pseudonym), 0);
  }

  const SecretScalar y = *SecretScalar::Random();
  const ConversionKeys keys = *ConversionKeys::Derive(
      master_, MatchingOf("north"), MatchingOf("south"));
  const ConversionPublicKeys public_keys = {
      keys.source_key(), keys.destination_key(), keys.edge_key(), *MulBase(y)};
  const Point target =
      *ConversionTarget(public_keys.recipient, keys.edge_key());
  std::vector<Ciphertext> sent;
  for (const Point& pseudonym : north) {
    sent.push_back(*EncryptPseudonym(pseudonym, target));
  }
  sent.push_back(*EncryptAbsence(target));
  const std::vector<Converted> converted = *Convert(keys, sent);
  const Bytes context = ConversionContext(Sha256("head"), 0);
  const ConversionProof proof =
      *ProveConversion(keys, public_keys.recipient, context, sent, converted);

  ASSERT_TRUE(
      VerifyConversion(public_keys, context, sent, converted, proof).ok());
  const auto found = [&](size_t i) {
    const Point opened = *OpenPseudonym(y, converted[i]);
    return std::find(south.begin(), south.end(), opened) - south.begin();
  };
  EXPECT_EQ(found(0), 1);  // person "1"
  EXPECT_EQ(found(1), 3);  // person "2": unknown to the south
  EXPECT_EQ(found(2), 0);  // person "3"
  EXPECT_EQ(found(3), 3);  // no identifier
}

// With one x for all edges, what comes back on one would open another.
TEST_F(PseudonymFlowTest, ConversionOnOneEdgeOpensNothingOfAnother) {
  const SecretScalar y = *SecretScalar::Random();
  const Point pseudonym = Enrol("north", {"1"})[0];
  const ConversionKeys to_south = *ConversionKeys::Derive(
      master_, MatchingOf("north"), MatchingOf("south"));
  const ConversionKeys from_east =
      *ConversionKeys::Derive(master_, MatchingOf("east"), MatchingOf("south"));
  const Point target = *ConversionTarget(*MulBase(y), to_south.edge_key());
  const Ciphertext tapped = *EncryptPseudonym(pseudonym, target);

  const Converted replayed = (*Convert(from_east, {tapped}))[0];
  const Point opened = *OpenPseudonym(y, replayed);
  EXPECT_NE(opened, *Mul(from_east.s(), pseudonym));
  EXPECT_NE(opened, *Mul(to_south.s(), pseudonym));
}

}  // namespace
}  // namespace entente::crypto
