// Sections 1 to 3 of the protocol to the byte, against values that a second
// implementation computed.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "crypto/conversion_proof.h"
#include "crypto/convert.h"
#include "crypto/domain.h"
#include "crypto/identifier_element.h"
#include "crypto/possession.h"
#include "crypto/printed_pseudonym.h"
#include "crypto/sha.h"
#include "crypto/voprf.h"

namespace entente::crypto {
namespace {

class ProtocolValuesTest : public testing::Test {
 protected:
  std::string Text(const char* name) const { return values_[name]; }
  Bytes Value(const char* name) const { return *FromHex(Text(name)); }
  Point Element(const char* name) const { return *Point::Parse(Value(name)); }
  std::vector<Point> Elements(const char* name) const {
    std::vector<Point> points;
    for (const std::string hex : values_[name]) {
      points.push_back(*Point::Parse(*FromHex(hex)));
    }
    return points;
  }
  Secret Key(const char* name) const {
    Bytes bytes = Value(name);
    return *Secret::TakeFrom(absl::MakeSpan(bytes));
  }

  const nlohmann::json values_ = nlohmann::json::parse(std::ifstream(
      std::string(ENTENTE_VECTORS) + "/entente_v1_pseudonyms.json"));
  const Domain source_ = {Text("agreement"), Text("sender"), Role::kMatching,
                          values_["epoch"]};
  const Domain destination_ = {Text("agreement"), Text("recipient"),
                               Role::kSealed, values_["epoch"]};
  const Edge edge_ = *EdgeBetween(source_, destination_);
};

TEST_F(ProtocolValuesTest, NamesAndKeysAgree) {
  EXPECT_EQ(ToHex(*DomainBytes(source_)), Text("source_domain"));
  EXPECT_EQ(ToHex(*DomainBytes(destination_)), Text("destination_domain"));
  EXPECT_EQ(ToHex(*EdgeBytes(edge_)), Text("edge"));
  const ConversionKeys keys =
      *ConversionKeys::Derive(Key("master"), source_, destination_);
  EXPECT_EQ(keys.source_key(), Element("source_key"));
  EXPECT_EQ(keys.destination_key(), Element("destination_key"));
  EXPECT_EQ(keys.edge_key(), Element("edge_key"));
  EXPECT_EQ(*MulBase(*SecretScalar::Parse(Value("recipient_secret"))),
            Element("recipient_key"));
  EXPECT_EQ(*ConversionTarget(Element("recipient_key"), Element("edge_key")),
            Element("target"));
}

TEST_F(ProtocolValuesTest, PossessionAgrees) {
  EXPECT_TRUE(VerifyPossession(Element("recipient_key"),
                               *OwnerOfY(Text("recipient")),
                               Value("possession_of_recipient_key"))
                  .ok());
  EXPECT_TRUE(VerifyPossession(Element("destination_key"),
                               *OwnerOfK(destination_),
                               Value("possession_of_destination_key"))
                  .ok());
  EXPECT_TRUE(VerifyPossession(Element("edge_key"), *OwnerOfX(edge_),
                               Value("possession_of_edge_key"))
                  .ok());
}

TEST_F(ProtocolValuesTest, PseudonymsAgree) {
  std::vector<Point> elements;
  for (const std::string canon : values_["canon"]) {
    elements.push_back(*IdentifierElement(Key("pepper"), Text("agreement"),
                                          Text("scheme"), canon));
  }
  EXPECT_EQ(elements, Elements("elements"));
  const SecretScalar k = *DeriveDomainKey(Key("master"), source_);
  const std::vector<Point> pseudonyms = *BlindEvaluate(k, elements);
  EXPECT_EQ(pseudonyms, Elements("source_pseudonyms"));
  EXPECT_EQ(*PrintPseudonym(Key("print_key"), source_, pseudonyms[0]),
            Text("printed_first_source_pseudonym"));
}

TEST_F(ProtocolValuesTest, ConversionAndItsProofAgree) {
  EXPECT_EQ(ConversionContext(Sha256("test batch head"), 7),
            Value("conversion_context"));
  const ConversionKeys keys =
      *ConversionKeys::Derive(Key("master"), source_, destination_);
  const std::vector<Ciphertext> sent = *ParseCiphertexts(Value("sent"));
  const std::vector<Converted> converted = *Convert(keys, sent);
  EXPECT_EQ(ToHex(PackConverted(converted)), Text("converted"));

  const SecretScalar y = *SecretScalar::Parse(Value("recipient_secret"));
  std::vector<Point> opened;
  for (const Converted& one : converted) {
    opened.push_back(*OpenPseudonym(y, one));
  }
  EXPECT_EQ(opened, Elements("destination_pseudonyms"));
  EXPECT_TRUE(VerifyConversion({keys.source_key(), keys.destination_key(),
                                keys.edge_key(), Element("recipient_key")},
                               Value("conversion_context"), sent, converted,
                               Value("conversion_proof"))
                  .ok());
}

}  // namespace
}  // namespace entente::crypto
